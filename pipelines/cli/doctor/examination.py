"""Every check, in the order of the report."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pipelines.cli.doctor import Check
from pipelines.cli.doctor.database import check_lake, check_warehouse
from pipelines.cli.doctor.home import (
    check_decisions,
    check_home,
    check_installation,
    check_landing,
    check_pseudonyms,
    check_rates,
    check_settings,
)
from pipelines.cli.doctor.partners import check_connections, check_feed, check_platform
from pipelines.config.connections import connected_tokens
from pipelines.config.errors import ConfigError
from pipelines.config.home import Home, find_partners_file
from pipelines.config.loading import load_partners
from pipelines.config.machine_faults import machine_fault
from pipelines.config.partners import FeedPartner, Partner, Partners
from pipelines.warehouse.lake import Lake

_AT_ONCE = 16


def examine(
    *, home: Home, partners: str | Path | None, only: Iterable[str], environ: Mapping[str, str]
) -> list[Check]:
    """Run every check; partners are visited at the same time."""
    checks = [
        *check_installation(),
        *_survived("home", check_home(home)),
        *_survived("settings", check_settings(home)),
        *_survived("landing", check_landing(home)),
        *_survived("decisions", check_decisions(home)),
        *_survived("pseudonyms", check_pseudonyms(home, environ)),
        *_survived("warehouse", _check_tables(home)),
        *_survived("company", check_rates(home)),
    ]
    try:
        found = load_partners(find_partners_file(partners, environ, home), only=only)
    except ConfigError as error:
        faults = (Check("partners", "file", "unusable", str(p)) for p in error.problems)
        return [*checks, *faults]
    except OSError as error:
        return [*checks, Check("partners", "file", "unusable", machine_fault(error) or str(error))]
    checks.append(
        Check("partners", "file", "ok", f"{found.path}: {', '.join(p.name for p in found.asked)}")
    )
    checks.extend(_survived("connections", check_connections(home, found)))
    try:
        tokens = connected_tokens(home, found, environ)
        return [*checks, *asyncio.run(_visit_all(found, tokens))]
    except ConfigError:
        return checks  # said above: the connections cannot be read


def _survived(subject: str, checks: Iterable[Check]) -> Iterator[Check]:
    """Yield checks; where the machine refuses to let one look, that is what it found."""
    try:
        yield from checks
    except Exception as error:
        fault = machine_fault(error)
        if fault is None:
            raise
        yield Check(subject, "machine", "fail", fault)


def _check_tables(home: Home) -> Iterator[Check]:
    try:
        lake = Lake.of_home(home)
    except ConfigError:
        return  # said above: the settings cannot be read
    now = datetime.now(UTC)
    yield from check_warehouse(home.warehouse, now) if lake is None else check_lake(lake, now)


async def _visit_all(partners: Partners, environ: Mapping[str, str]) -> list[Check]:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def visit(partner: Partner) -> list[Check]:
        async with turn:
            if isinstance(partner, FeedPartner):
                return await check_feed(partner)
            return await check_platform(partner, environ)

    visits = await asyncio.gather(*(visit(partner) for partner in partners.asked))
    return [check for visited in visits for check in visited]
