"""Walking a pull's lists, one for each window, page by page, to the outcome."""

from __future__ import annotations

import httpx

from models.ocpi.modules import MODULES
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.errors import (
    HttpRefusedError,
    IncompleteError,
    OcpiError,
    StatusRefusedError,
)
from pipelines.ocpi.exchange import Exchange
from pipelines.ocpi.listing import Listing
from pipelines.ocpi.outcome import Outcome, Page
from pipelines.ocpi.paging import PageFacts, Pager
from pipelines.ocpi.reading import PageContent, read_page
from pipelines.ocpi.requester import Answer, RequestContext, Requester
from pipelines.ocpi.window import Window


class PullRunner:
    """One pull.

    Args:
        connection: the settings.
        requester: asks the partner.
        context: the pull's requests; refused pages are collected here.
        url: the list's endpoint.
        window: what to ask for.
    """

    def __init__(
        self,
        connection: Connection,
        requester: Requester,
        context: RequestContext,
        url: str,
        window: Window,
    ) -> None:
        self._connection = connection
        self._requester = requester
        self._context = context
        self._url = url
        self._window = window
        self._windows = window.split(connection.window_days)
        self._list = self._open(next(self._windows))
        self._refused: list[Page] = []
        self._pages = self._objects = self._bytes = self._distinct = 0
        self._total: int | None = None
        self._error: OcpiError | None = None
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
        while self._error is None and self._list.next_url is not None:
            page = await self._fetch(self._list.next_url)
            refused, self._refused = self._refused, []
            pages = refused if page is None else [*refused, page]
            if self._list.ended:
                self._close_list()
            if pages:
                return pages
        return []

    async def _fetch(self, url: str) -> Page | None:
        try:
            answer, content = await self._requester.fetch(url, self._context, self._read)
        except OcpiError as error:
            refusal = isinstance(error, HttpRefusedError | StatusRefusedError)
            if not (refusal and self._list.fall_back()):
                self._error, self._list.next_url = error, None
            return None
        facts = _facts(answer, content)
        self._pages += 1
        self._objects += facts.count
        self._bytes += len(answer.exchange.body)
        self._list.accept_page(content.keys, facts)
        return Page(
            answer.exchange,
            answer.exchange.sequence,
            True,
            content.status_code,
            facts.count,
            facts.total,
            content.problems,
        )

    def _read(self, answer: Answer) -> tuple[Answer, PageContent]:
        settings, body = self._connection, answer.exchange.body
        content = read_page(settings.name, body, self._context.module, settings.max_page_bytes)
        return answer, content

    def _collect(self, exchange: Exchange, error: OcpiError) -> None:
        status = error.status_code if isinstance(error, StatusRefusedError) else None
        self._refused.append(Page(exchange, exchange.sequence, False, status, None, None))

    def _close_list(self) -> None:
        """Add one window's list to the sums and open the next one's, if all is well."""
        done = self._list
        self._distinct += done.distinct()
        if done.total is not None:
            self._total = (self._total or 0) + done.total
        self._notes.extend(note for note in done.notes if note not in self._notes)
        if self._error is None and done.problem is not None:
            self._error = IncompleteError(
                f"{self._connection.name}: {self._context.module}: {done.problem}; what came is "
                "kept, the next run asks again"
            )
        upcoming = None if self._error is not None else next(self._windows, None)
        if upcoming is not None:
            self._list = self._open(upcoming)

    def outcome(self) -> Outcome:
        """Return the end of the pull."""
        return Outcome(
            complete=self._error is None,
            date_from=self._window.date_from,
            date_to=self._window.date_to,
            total_count=self._total,
            objects=self._objects,
            distinct=self._distinct,
            pages=self._pages,
            requests=self._context.requests,
            bytes=self._bytes,
            error=self._error,
            notes=tuple(self._notes),
        )


def _facts(answer: Answer, content: PageContent) -> PageFacts:
    headers = answer.headers
    return PageFacts(
        url=answer.url,
        fingerprint=hash(content.keys.tobytes()),
        count=len(content.keys),
        total=_whole(headers, "x-total-count"),
        limit=_whole(headers, "x-limit") or None,
        link=headers.get("link"),
        token=content.next_token,
    )


def _whole(headers: httpx.Headers, name: str) -> int | None:
    """Read a header that should be a whole number of at least zero."""
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
