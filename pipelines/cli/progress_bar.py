"""Progress as a person sees it: one line for each list that is being pulled or loaded."""

from __future__ import annotations

from types import TracebackType
from typing import Self

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
from rich.text import Text

from pipelines.landing.records import PullRecord


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


class ProgressBar:
    """Draws progress on a terminal; elsewhere says one line for each list that ended.

    Args:
        console: where to draw: standard error, so that standard output stays clean.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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

    def waiting(self, holder: str) -> None:
        """Say for whom the run waits."""
        line = f"Waiting for {holder}, which writes the warehouse; Ctrl-C gives up"
        self._console.print(Text(line), soft_wrap=True)

    def _task(self, partner: str, module: str) -> TaskID:
        key = (partner, module)
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task(
                "", total=None, partner=partner, module=module, pages=0, stage="fetching"
            )
        return self._tasks[key]
