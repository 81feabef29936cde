"""`roamhouse price` and `lint`: CDRs and tariffs from files, without a home."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.rating import SEVERITIES
from pipelines.cli.common import (
    HomeOptions,
    fail,
    handle_errors,
    json_option,
    utc_now,
    with_partners,
)
from pipelines.cli.terminal import print_json

if TYPE_CHECKING:
    from models.contract import Contract
    from models.ocpi.lenient.tariffs import CanonicalTariff
    from models.rating.lint import Finding
    from pipelines.stages.rating.pricing import PricedCdrs

    _Linted = tuple[Path, Mapping[str, Any], list[Finding]]


_IN_MEMORY = 32 << 20
"""Bytes of an answer that wait in memory; what is longer waits in a file."""


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--tariff",
    "tariff_file",
    type=click.Path(path_type=Path),
    help="Price by the tariff (or tariffs) in this file instead of the CDRs' own.",
)
@click.option(
    "--timezone",
    "time_zone",
    metavar="TZ",
    help="IANA zone of the location, such as Europe/Amsterdam; else the CDR's or its country's.",
)
@click.option(
    "--partner",
    metavar="P",
    help="Judge by this partner's contract in the partners file: its rounding and tolerance.",
)
@with_partners
@click.option("--all", "every", is_flag=True, help="Show the CDRs that agree, too.")
@json_option
def price(
    files: tuple[Path, ...],
    tariff_file: Path | None,
    time_zone: str | None,
    partner: str | None,
    where: HomeOptions,
    every: bool,
    for_machines: bool,
) -> None:
    """Price the CDRs in FILES and compare with what they claim.

    A file (-: standard input) holds one CDR, a list, an OCPI envelope or NDJSON, of any OCPI
    version, compressed by gzip or not; a CDR or tariff needs no id. Of several CDRs those that
    differ are shown, and a summary. Ends with 0 if every claim agrees to the cent, or lies
    within the tolerance of the contract that is given, 1 if one differs or has no price, 2 if a
    file cannot be read.
    """
    from models.ocpi.values.timestamps import is_zone
    from pipelines.stages.rating.files import read_tariffs
    from pipelines.stages.rating.pricing import price_file

    if time_zone is not None and not is_zone(time_zone):
        fail(f"--timezone {time_zone}: not an IANA time zone such as Europe/Amsterdam")
    tariffs = [t.json_text for t in read_tariffs(tariff_file)] if tariff_file else []
    contract = _contract(partner, where) if partner else None
    priced = (
        some
        for path in files
        for some in price_file(path, tariffs=tariffs, time_zone=time_zone, contract=contract)
    )
    differs = _write_json(priced) if for_machines else _show(priced, every=every)
    raise SystemExit(1 if differs else 0)


def _contract(partner: str, where: HomeOptions) -> Contract:
    from pipelines.config.home import Home
    from pipelines.stages.sequence import contracts_of

    home = Home.resolve(where.home_dir, os.environ)  # which is not made for this
    terms = contracts_of(where.partners(home, only=[partner]))
    if partner not in terms:
        fail(f"--partner {partner}: a feed has no contract")
    return terms[partner]


def _show(priced: Iterable[PricedCdrs], *, every: bool) -> bool:
    """Print for people; tell whether any CDR differs."""
    from pipelines.cli.price_output import Report

    differs = False
    report = Report(every=every)
    for some in priced:
        report.add(some)
        differs |= some.differs
    report.finish()
    return differs


def _write_json(priced: Iterable[PricedCdrs]) -> bool:
    """Print one object, once all of it is there; tell whether any CDR differs."""
    from pipelines.cli.price_json import write_json

    with tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="ascii") as answer:
        differs = write_json(priced, answer)
        answer.seek(0)
        shutil.copyfileobj(answer, sys.stdout)
    return differs


_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The day to judge expiry by, as 2026-10-01; default: today.",
)
@click.option(
    "--severity",
    type=click.Choice(SEVERITIES),
    default="info",
    show_default=True,
    help="Show this and worse.",
)
@json_option
@handle_errors
def lint(files: tuple[Path, ...], at: datetime | None, severity: str, for_machines: bool) -> None:
    """Find what is wrong or surprising in the tariffs in FILES.

    A file (-: standard input) holds one tariff, a list, an OCPI envelope or NDJSON, of any OCPI
    version; a tariff needs no id. Findings that say one thing of many elements are one, with their
    number. Ends with 0 if there are no errors or warnings, 1 if there are, 2 if a file cannot be
    read.
    """
    from models.rating.lint.finding import group_findings
    from models.rating.numbers import parse_json
    from pipelines.stages.rating.files import read_stated_tariffs

    moment = at.replace(tzinfo=UTC) if at else utc_now()
    shown = SEVERITIES[: SEVERITIES.index(severity) + 1]
    stated = [(path, *tariff) for path in files for tariff in read_stated_tariffs(path)]
    report: list[_Linted] = []
    for path, raw, canonical in stated:
        tariff = parse_json(canonical.json_text)
        found = [f for f in _findings(raw, canonical, tariff, moment) if f.severity in shown]
        report.append((path, tariff, group_findings(found)))
    if for_machines:
        print_json(_as_json(report))
    else:
        _show_findings(report)
    serious = any(f.severity != "info" for _, _, findings in report for f in findings)
    raise SystemExit(1 if serious else 0)


def _findings(
    raw: bytes, canonical: CanonicalTariff, tariff: Mapping[str, Any], at: datetime
) -> list[Finding]:
    """Return what is wrong with a tariff as stated and as read, the worst first."""
    from models.rating.lint import lint_tariff
    from models.rating.lint.members import duplicates, repairs

    found = [*duplicates(raw), *repairs(canonical.deviations), *lint_tariff(tariff, at)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _name(tariff: Mapping[str, Any]) -> str:
    return (
        f"{tariff.get('country_code', '?')}*{tariff.get('party_id', '?')}*{tariff.get('id', '?')}"
    )


def _as_json(report: list[_Linted]) -> dict[str, Any]:
    return {
        "tariffs": [
            {
                "file": str(path),
                "country_code": tariff.get("country_code"),
                "party_id": tariff.get("party_id"),
                "id": tariff.get("id"),
                "findings": [asdict(finding) for finding in findings],
            }
            for path, tariff, findings in report
        ]
    }


def _show_findings(report: list[_Linted]) -> None:
    from rich.markup import escape

    from pipelines.cli.rich_terminal import Terminal

    console = Terminal(soft_wrap=True)
    for _, tariff, findings in report:
        if findings:
            console.print(f"[bold]{escape(_name(tariff))}[/]")
        for finding in findings:
            style = _STYLES[finding.severity]
            where = escape(finding.path or "tariff")
            console.print(f"  [{style}]{finding.severity:7}[/] {finding.rule}  [dim]{where}[/]")
            console.print(f"          {escape(finding.message)}; {escape(finding.repair)}")
    counts: Counter[str] = Counter(
        finding.severity for _, _, findings in report for finding in findings
    )
    clean = sum(1 for _, _, findings in report if not findings)
    summary = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES)
    tariffs = "1 tariff" if len(report) == 1 else f"{len(report)} tariffs"
    console.print(f"{tariffs}: {summary}; {clean} with nothing to say")
