"""The run summary as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.running.summary import Counted, PartnerSummary, RunSummary

_MOST = 12
_STATES = {"ok": "green", "degraded": "yellow", "failed": "red", "complete": "green"}


def show(console: Console, summary: RunSummary) -> None:
    """Print the summary.

    Args:
        console: where to; text from partners is printed as it is, never as markup.
        summary: what to print.
    """
    console.print(_partners(summary))
    console.print(_held(summary))
    for title, counted in (
        ("Quarantined", summary.quarantine),
        ("Deviations repaired", summary.deviations),
    ):
        if counted:
            console.print(_faults(title, counted))
    for partner in summary.partners:
        if partner.message:
            console.print(Text(f"{partner.name}: {partner.message}", style="yellow"))
    for failure in summary.failures:
        console.print(Text(failure, style="red"))
    style = _STATES[summary.status]
    console.print(
        Text(f"Run {summary.run_id} {summary.status} in {summary.seconds:.1f} s.", style=style)
    )


def _partners(summary: RunSummary) -> Table:
    table = Table(title="Partners", title_justify="left", expand=False)
    for name in ("partner", "state", "OCPI", "complete until (UTC)"):
        table.add_column(name)
    for name in ("pages", "objects", "quarantined", "deviations"):
        table.add_column(name, justify="right")
    for partner in summary.partners:
        table.add_row(*_row(partner))
    return table


def _row(partner: PartnerSummary) -> list[Text]:
    until = partner.complete_until_at
    return [
        Text(partner.name),
        Text(partner.state, style=_STATES[partner.state]),
        Text(partner.ocpi_version or "-"),
        Text(until.strftime("%Y-%m-%d %H:%M") if until else "never"),
        *(
            Text(f"{count:,}")
            for count in (
                partner.pages,
                partner.objects,
                partner.quarantined,
                partner.deviations,
            )
        ),
    ]


def _held(summary: RunSummary) -> Table:
    table = Table(title="In the warehouse", title_justify="left", expand=False)
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, rows in summary.tables.items():
        if rows and not name.startswith("ops."):
            table.add_row(name, f"{rows:,}")
    return table


def _faults(title: str, counted: Sequence[Counted]) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    for name in ("partner", "module", "what"):
        table.add_column(name)
    table.add_column("count", justify="right")
    for one in counted[:_MOST]:
        table.add_row(Text(one.partner), Text(one.module), Text(one.what), f"{one.count:,}")
    if len(counted) > _MOST:
        table.add_row("…", "", f"{len(counted) - _MOST} more kinds", "")
    return table
