"""Walking a pull's lists, one for each window, page by page; the next page is fetched ahead."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable, Sequence

import httpx

from models.ocpi.modules import MODULES
from pipelines.ocpi import errors
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.exchange import Outcome, Page
from pipelines.ocpi.listing import Listing
from pipelines.ocpi.paging import PageFacts, Pager
from pipelines.ocpi.reading import PageContent, read_page
from pipelines.ocpi.requester import Answer, RequestContext, Requester
from pipelines.ocpi.window import Window

_REFUSALS = (errors.HttpRefusedError, errors.StatusRefusedError)
_FAULTS_OF_A_PAGE = (
    *_REFUSALS,
    errors.BadEncodingError,
    errors.BrokenConnectionError,
    errors.ServerFailureError,
    errors.TimedOutError,
    errors.TooLargeError,
    errors.UnreadableError,
)
"""Faults that may lie in one page; the others concern every page alike."""

_MOST_NAMED = 5


class PullRunner:
    """One pull.

    Args:
        connection: the settings.
        requester: asks the partner.
        context: the pull's requests; refused pages are collected here.
        url: the list's endpoint.
        windows: the windows to ask for, one after the other; at least one.
    """

    def __init__(
        self,
        connection: Connection,
        requester: Requester,
        context: RequestContext,
        url: str,
        windows: Sequence[Window],
    ) -> None:
        self._connection = connection
        self._requester = requester
        self._context = context
        self._url = url
        self._asked = Window(windows[0].date_from, windows[-1].date_to)
        self._windows = iter(windows)
        self._list = self._open(next(self._windows))
        self._first_page: PageFacts | None = None
        self._refused: list[Page] = []
        self._last_refused: Answer | None = None
        self._pages = self._objects = self._bytes = self._distinct = 0
        self._total: int | None = None
        self._errors: list[errors.OcpiError] = []
        self._broken: list[int] = []
        self._ignores_dates = False
        self._notes: list[str] = []
        context.refused = self._collect

    def _open(self, window: Window) -> Listing:
        settings, filters = self._connection, window.filters()

        def pager(limit: int | None) -> Pager:
            permit, limit = self._requester.origins.permit, limit or settings.page_limit
            return Pager(self._url, filters, limit, permit, settings.max_pages)

        return Listing(pager, immutable=MODULES[self._context.module].immutable)

    async def step(self) -> list[Page]:
        """Fetch on; refused pages come before the accepted one; empty: that was all."""
        while self._list.next_url is not None:
            page = await self._fetch(self._list.next_url)
            refused, self._refused = self._refused, []
            pages = refused if page is None else [*refused, page]
            if self._list.ended:
                self._close_list()
            if pages:
                return pages
        return []

    async def _fetch(self, url: str) -> Page | None:
        self._last_refused = None
        try:
            answer, content = await self._requester.fetch(url, self._context, self._read)
        except errors.OcpiError as error:
            self._pass_over(error)
            return None
        facts = _facts(answer, content.keys, content.next_token)
        self._pages += 1
        self._objects += facts.count
        self._bytes += len(answer.exchange.body)
        is_first = self._list.pages == 0
        self._list.accept_page(content.keys, facts)
        if is_first:
            self._compare_windows(facts)
        return Page(
            answer.exchange,
            True,
            content.status_code,
            facts.count,
            facts.total,
        )

    def _pass_over(self, error: errors.OcpiError) -> None:
        """Go on behind a page that cannot be had; end where the fault is not the page's alone."""
        is_refusal = isinstance(error, _REFUSALS)
        if is_refusal and self._list.fall_back():
            return
        self._errors.append(error)
        is_of_list = is_refusal and self._list.pages == 0
        if isinstance(error, _FAULTS_OF_A_PAGE) and not is_of_list:
            self._broken.append(self._list.pager.offset)
            answer = self._last_refused
            if self._list.skip_page(None if answer is None else _facts(answer)):
                return
        else:
            self._windows = iter(())
            self._list.next_url = None

    def _compare_windows(self, facts: PageFacts) -> None:
        """Stop where the next window begins with the same page: it would be the whole list again.

        Some partners ignore date_from and date_to. Windows do not overlap, so that one object
        can be in two of them only if it changed between.
        """
        before, self._first_page = self._first_page, facts
        if before is not None and facts.count and before.fingerprint == facts.fingerprint:
            self._notes.append("the partner ignores date_from and date_to")
            self._ignores_dates = True
            self._windows = iter(())
            self._list.next_url = self._list.problem = None

    def _read(self, answer: Answer) -> tuple[Answer, PageContent]:
        settings, body = self._connection, answer.exchange.body
        content = read_page(settings.name, body, self._context.module, settings.max_page_bytes)
        return answer, content

    def _collect(self, answer: Answer, error: errors.OcpiError) -> None:
        self._last_refused = answer
        status = error.status_code if isinstance(error, errors.StatusRefusedError) else None
        self._refused.append(Page(answer.exchange, False, status, None, None))

    def _close_list(self) -> None:
        """Add one window's list to the sums and open the next one's."""
        done = self._list
        if self._ignores_dates:
            return  # what it would add was counted with the window before
        self._distinct += done.distinct()
        if done.total is not None:
            self._total = (self._total or 0) + done.total
        self._notes.extend(note for note in done.notes if note not in self._notes)
        if done.problem is not None:
            self._errors.append(
                errors.IncompleteError(
                    f"{self._connection.name}: {self._context.module}: {done.problem}; what came "
                    "is kept, the next run asks again"
                )
            )
        upcoming = next(self._windows, None)
        if upcoming is not None:
            self._list = self._open(upcoming)

    def outcome(self) -> Outcome:
        """Return the end of the pull."""
        return Outcome(
            complete=not self._errors,
            date_from=self._asked.date_from,
            date_to=self._asked.date_to,
            total_count=self._total,
            objects=self._objects,
            distinct=self._distinct,
            pages=self._pages,
            requests=self._context.requests,
            bytes=self._bytes,
            error=self._error(),
            notes=tuple(self._notes),
        )

    def _error(self) -> errors.OcpiError | None:
        """Name the first fault and, where other pages came, the pages that are missing."""
        if not self._errors:
            return None
        error = self._errors[0]
        if self._broken and self._pages:
            offsets = ", ".join(str(offset) for offset in self._broken[:_MOST_NAMED])
            more = ", …" if len(self._broken) > _MOST_NAMED else ""
            pages = "page" if len(self._broken) == 1 else f"{len(self._broken)} pages"
            error.args = (
                f"{error}; {pages} of {self._context.module} missing, at offset {offsets}{more}: "
                "the others are kept, the next run asks again",
            )
            self._broken.clear()  # said once
        return error


def _facts(
    answer: Answer, keys: array[int] | None = None, next_token: str | None = None
) -> PageFacts:
    """Gather the facts of a page; of one that cannot be read, those of its headers."""
    headers, keys = answer.headers, keys if keys is not None else array("q")
    return PageFacts(
        url=answer.url,
        fingerprint=hash(keys.tobytes()),
        count=len(keys),
        total=_whole(headers, "x-total-count"),
        limit=_whole(headers, "x-limit") or None,
        link=headers.get("link"),
        token=next_token,
    )


def _whole(headers: httpx.Headers, name: str) -> int | None:
    """Read a header that should be a whole number of at least zero."""
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


class Pull:
    """The pages of one list, to be iterated over once.

    While the consumer handles a page, the next one is being fetched; never more than one.
    A partner's failure ends the iteration; `outcome` names it, nothing is raised.

    `track`: takes the task that fetches ahead, so that a client can end it.
    """

    def __init__(
        self, runner: PullRunner, track: Callable[[asyncio.Task[list[Page]]], None]
    ) -> None:
        self._runner = runner
        self._track = track
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        """The end of the pull; asking before the last page is a mistake."""
        if self._outcome is None:
            raise RuntimeError("the pull has not ended: iterate over its pages first")
        return self._outcome

    async def __aiter__(self) -> AsyncIterator[Page]:
        """Yield pages in the order of their arrival."""
        ahead = self._ahead()
        try:
            while pages := await ahead:
                ahead = self._ahead()
                for page in pages:
                    yield page
        finally:
            await _cancel(ahead)
        self._outcome = self._runner.outcome()

    def _ahead(self) -> asyncio.Task[list[Page]]:
        task = asyncio.create_task(self._runner.step())
        self._track(task)
        return task


async def _cancel(task: asyncio.Task[list[Page]]) -> None:
    """Cancel a task and see it end; what it raised nobody waits for any more."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
