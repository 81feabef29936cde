"""`roamhouse settle`: the stages after core over what is there, and a new snapshot."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.errors import Unusable
from pipelines.config import Home, Partners
from pipelines.orchestration.publishing import publish_home
from pipelines.stages.sequence import run_stages, stage_context
from pipelines.warehouse.connection import Warehouse


class NothingFetched(Unusable):
    """No page was ever fetched, so there is nothing to settle."""


@dataclass(frozen=True)
class SettlingResult:
    """The outcome of settling again."""

    seconds: float  # how long it took
    failures: tuple[str, ...]  # what could not be proved of the tables, one line each

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON values, keys stable."""
        return dataclasses.asdict(self)


def settle_again(
    home: Home, partners: Partners, *, now: Callable[[], datetime], wait_seconds: float
) -> SettlingResult:
    """Derive prices, verdicts and statements of what is there, and publish them.

    Each stage looks only at what changed since it last ran: contracts, decisions, invoices.

    Args:
        home: the home directory.
        partners: whose contracts apply.
        now: the clock, for the duration.
        wait_seconds: how long to wait for another process that writes the warehouse.

    Raises:
        NothingFetched: there is nothing to settle.
        WarehouseLocked: another process writes the warehouse and did not let go.
    """
    started = now()
    if not home.warehouse.exists():
        raise NothingFetched("nothing was fetched yet: start with `roamhouse run`")
    with Warehouse(home.warehouse, wait_seconds=wait_seconds) as warehouse:
        if stage_context(warehouse, partners, home) is None:
            raise NothingFetched("nothing was fetched yet: start with `roamhouse run`")
        failures = run_stages(warehouse, partners, home)
        publish_home(warehouse, home)
    return SettlingResult(round((now() - started).total_seconds(), 3), tuple(failures))
