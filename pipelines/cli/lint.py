"""`roamhouse lint`: what is wrong or surprising in the tariffs of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from models.rating import SEVERITIES
from pipelines.cli.common import fail, utc_now
from pipelines.cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from models.ocpi.lenient.tariffs import CanonicalTariff
    from models.rating.lint import Finding

    _Linted = tuple[Path, Mapping[str, Any], list[Finding]]

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
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON object.")
def lint(files: tuple[Path, ...], at: datetime | None, severity: str, for_machines: bool) -> None:
    """Find what is wrong or surprising in the tariffs in FILES.

    A file (-: standard input) holds one tariff, a list, an OCPI envelope or NDJSON, of any OCPI
    version; a tariff needs no id. Findings that say one thing of many elements are one, with their
    number. Ends with 0 if there are no errors or warnings, 1 if there are, 2 if a file cannot be
    read.
    """
    from models.rating.lint.finding import group_findings
    from models.rating.numbers import parse_json
    from pipelines.stages.rating.files import FileError, read_stated_tariffs

    moment = at.replace(tzinfo=UTC) if at else utc_now()
    shown = SEVERITIES[: SEVERITIES.index(severity) + 1]
    try:
        stated = [(path, *tariff) for path in files for tariff in read_stated_tariffs(path)]
    except FileError as error:
        fail(str(error))
    report: list[_Linted] = []
    for path, raw, canonical in stated:
        tariff = parse_json(canonical.json_text)
        found = [f for f in _findings(raw, canonical, tariff, moment) if f.severity in shown]
        report.append((path, tariff, group_findings(found)))
    if for_machines:
        print_json(_as_json(report))
    else:
        _show(report)
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


def _show(report: list[_Linted]) -> None:
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
