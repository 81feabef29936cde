"""A run as a person sees it in a terminal: its progress, a line for each list, and its summary."""

from collections.abc import Sequence
from typing import Self

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from pipelines.config.log_file import LogFile
from pipelines.exports.words import money
from pipelines.ingest import progress
from pipelines.landing.records import PullRecord
from pipelines.orchestration.summary import FaultCount, Month, PartnerSummary, RunSummary


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


class ProgressBar(progress.Progress):
    """Draws progress on a terminal; elsewhere says one line for each list that ended.

    Args:
        console: where to draw: standard error, so that standard output stays clean.
        log: of the home, which hears of everything that ended.
    """

    def __init__(self, console: Console, log: LogFile) -> None:
        self._console, self._log = console, log
        self._step: TaskID | None = None
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._pages: dict[tuple[str, str], int] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.fields[partner]:12} {task.fields[module]:22}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pages]} pages", markup=False),
            _Rate(),
            TextColumn("{task.fields[stage]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._end_step()
        self._progress.stop()

    def page(self, partner: str, module: str, objects: int, total: int | None) -> None:
        """Advance a list by a page."""
        task = self._task(partner, module)
        self._pages[partner, module] = self._pages.get((partner, module), 0) + 1
        self._progress.update(
            task, advance=objects, total=total, pages=self._pages[partner, module]
        )

    def pulled(self, pull: PullRecord) -> None:
        """End a list, well or not."""
        self._log.write(
            "pulled",
            partner=pull.partner,
            list=pull.module,
            status=pull.status,
            objects=pull.objects,
            pages=pull.pages,
            error=pull.error,
        )
        task = self._task(pull.partner, pull.module)
        stage = "landed" if pull.status == "complete" else "failed"
        self._progress.update(
            task, completed=pull.objects, total=pull.objects or 1, stage=stage, pages=pull.pages
        )
        if not pull.objects:
            self._progress.update(task, completed=1)
        if not self._console.is_terminal:
            line = (
                f"{pull.partner} {pull.module}: {pull.objects} objects on {pull.pages} pages, "
                f"{pull.status}{': ' + pull.error if pull.error else ''}"
            )
            self._console.print(Text(line), soft_wrap=True)

    def loaded(self, partner: str, module: str, objects: int) -> None:
        """Say that a list is on its way into core."""
        if (partner, module) in self._tasks:
            self._progress.update(self._tasks[partner, module], stage="loaded")

    def step(self, name: str) -> None:
        """Say which step over all partners begins; on a terminal, for how long it goes on."""
        self._log.write("step", step=name)
        self._end_step()
        if self._console.is_terminal:
            self._step = self._progress.add_task(
                "", total=1, partner="all", module=name, pages=0, stage=""
            )
        else:
            self._console.print(Text(f"{name} …"), soft_wrap=True)

    def _end_step(self) -> None:
        if self._step is not None:
            self._progress.update(self._step, completed=1)

    def waiting(self, holder: str) -> None:
        """Say for whom the run waits."""
        self._log.write("waiting", holder=holder)
        line = f"Waiting for {holder}, which writes the warehouse; Ctrl-C gives up"
        self._console.print(Text(line), soft_wrap=True)

    def _task(self, partner: str, module: str) -> TaskID:
        key = (partner, module)
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task(
                "", total=None, partner=partner, module=module, pages=0, stage="fetching"
            )
        return self._tasks[key]


_MOST = 12
_STATES = {"ok": "green", "degraded": "yellow", "failed": "red", "complete": "green"}


def print_summary(console: Console, summary: RunSummary) -> None:
    """Print the summary.

    `console`: where to; text from partners is printed as it is, never as markup.
    """
    console.print(_partners(summary))
    for title, counted in (
        ("Quarantined", summary.quarantine),
        ("Deviations repaired", summary.deviations),
    ):
        if counted:
            console.print(_faults(title, counted))
    console.print(Text(_table_counts(summary)))
    if summary.settled is not None and summary.settled.statements:
        console.print(_statements(summary.settled))
        if summary.settled.contested:
            console.print(_contested(summary.settled))
    for partner in summary.partners:
        for trouble in _troubles(partner):
            console.print(Text(trouble, style="yellow"))
    for warning in summary.warnings:
        console.print(Text(warning, style="yellow"))
    for failure in summary.failures:
        console.print(Text(failure, style="red"))
    style = _STATES[summary.status]
    console.print(
        Text(f"Run {summary.run_id} {summary.status} in {summary.seconds:.1f} s.", style=style)
    )


def _table(title: str, *columns: str, numbers: Sequence[str] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for name in columns:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _partners(summary: RunSummary) -> Table:
    table = _table(
        "Partners",
        "partner",
        "state",
        "OCPI",
        "complete until",
        numbers=("pages", "objects", "quarantined", "deviations"),
    )
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
            for count in (partner.pages, partner.objects, partner.quarantined, partner.deviations)
        ),
    ]


def _troubles(partner: PartnerSummary) -> list[str]:
    """Return what went wrong with which lists, one line for each reason."""
    lists: dict[str, list[str]] = {}
    for one in partner.lists:
        if one.error:
            reason = one.error.removeprefix(f"{partner.name}: ").removeprefix(f"{one.module}: ")
            lists.setdefault(reason, []).append(one.module)
    if not lists and partner.message:
        lists[partner.message.removeprefix(f"{partner.name}: ")] = []
    return [
        f"{' '.join(filter(None, (partner.name, ', '.join(modules))))}: {reason}"
        for reason, modules in lists.items()
    ]


def _table_counts(summary: RunSummary) -> str:
    held = summary.tables
    return (
        f"The warehouse holds {held['core.locations']:,} locations, {held['core.evses']:,} EVSEs, "
        f"{held['core.tariffs']:,} tariff versions, {held['core.sessions']:,} sessions and "
        f"{held['core.cdrs']:,} CDRs with {held['rating.lines']:,} price lines and "
        f"{held['recon.findings']:,} findings."
    )


def _faults(title: str, counted: Sequence[FaultCount]) -> Table:
    table = _table(title, "partner", "module", "what", numbers=("count",))
    for one in counted[:_MOST]:
        table.add_row(Text(one.partner), Text(one.module), Text(one.what), f"{one.count:,}")
    if len(counted) > _MOST:
        table.add_row("…", "", f"{len(counted) - _MOST} more kinds", "")
    return table


def _statements(settled: Month) -> Table:
    table = _table(
        f"Settlement of {settled.month}, excluding VAT",
        "partner",
        "party",
        "",
        "",
        numbers=("CDRs", "claimed", "to pay", "disputed", "rejected"),
    )
    for one in settled.statements:
        amounts = (
            one.claimed_excl_vat,
            one.payable_excl_vat,
            one.disputed_excl_vat,
            one.rejected_excl_vat,
        )
        table.add_row(
            Text(one.partner),
            Text(one.party),
            Text(one.direction),
            Text(one.currency),
            f"{one.cdrs:,}",
            *(money(amount, one.currency) for amount in amounts),
        )
    return table


def _contested(settled: Month) -> Table:
    table = _table(
        f"Why {settled.month} is contested", "partner", "cause", "", numbers=("CDRs", "contested")
    )
    for one in settled.contested[:_MOST]:
        table.add_row(
            Text(one.partner),
            Text(one.cause),
            Text(one.currency),
            f"{one.cdrs:,}",
            money(one.contested_excl_vat, one.currency),
        )
    rest = settled.contested[_MOST:]
    if rest:
        table.add_row("…", f"{len(rest)} more causes", "", f"{sum(one.cdrs for one in rest):,}", "")
    return table
