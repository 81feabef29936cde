"""The next page of a list: the decision after each page, without any network.

Implements transport_and_format, pagination: the opaque Link first, X-Total-Count, X-Limit
and offsets where the Link is missing or leads astray, and the repetition that the
specification advises where the list shrinks while we read it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pipelines.ocpi.links import mend_link, next_link, offset_of, with_query

_MOST_EMPTY_PAGES = 10
_MOST_BROKEN = 3  # in a row
_MOST_REPETITIONS = 20  # in a row


@dataclass(frozen=True)
class PageFacts:
    """The facts of an accepted page that paging decides by."""

    url: str  # the URL that answered
    fingerprint: int  # stands for the identities on the page, in order
    count: int  # objects on the page
    total: int | None  # X-Total-Count; None: absent or no number
    limit: int | None  # X-Limit; None: absent, zero or no number
    link: str | None  # the Link header; None: absent
    token: str | None  # token of the next page, for partners that page by token


class Pager:
    """Walks one list.

    Args:
        url: the endpoint.
        filters: `date_from`, `date_to` as they go into the URL.
        limit: objects to ask for in one page.
        permit: resolves a URL that the partner named against the one it was named on;
            None: it may not be asked.
        most_pages: pages after which the list counts as endless.
    """

    def __init__(
        self,
        url: str,
        filters: Mapping[str, str],
        limit: int,
        permit: Callable[[str, str], str | None],
        most_pages: int,
    ) -> None:
        self._endpoint = url
        self._filters = dict(filters)
        self._limit = limit
        self._permit = permit
        self._pages_left = most_pages
        self.offset = 0  # of the page asked for, as far as one can see
        self._asked: set[int] = set()
        self._seen: set[int] = set()
        self._last_total: int | None = None
        self._ever_linked = False
        self._by_link = False
        self._repetitions = 0
        self._slack = 0
        self._empty_pages = 0
        self._broken_in_a_row = 0
        self._limit_is_known = False
        self.total: int | None = None
        self.never_shrank = True  # X-Total-Count was there and never became less
        self.largest = 0  # most objects on one page
        self.problem: str | None = None
        self.notes: list[str] = []

    def first(self) -> str:
        """Return the URL of the first page."""
        return self._offset_url(0)

    def after(self, page: PageFacts) -> str | None:
        """Return the URL of the page after this one; None: there is none, see `problem`."""
        self._pages_left -= 1
        if self._pages_left <= 0:
            return self._stop("the list has no end: the limit of pages was reached")
        self._heed_limit(page)
        self.largest = max(self.largest, page.count)
        self._broken_in_a_row = 0
        lost = self._count_lost(page)
        if lost > self._slack:
            return self._repeat(lost)
        self._repetitions = 0
        repeated = page.count > 0 and page.fingerprint in self._seen
        self._seen.add(page.fingerprint)
        self._empty_pages = 0 if page.count else self._empty_pages + 1
        if repeated:
            return self._after_repetition(page)
        if self._empty_pages and not self._is_worth_continuing(page):
            return None
        return self._next_by_link(page) or self._next_by_token(page) or self._next_by_count(page)

    def fallback_url(self) -> str | None:
        """Return our own URL for a page whose Link led to a refusal, once."""
        if not self._by_link:
            return None
        self._note("a Link led to an error; went on by offset")
        self._by_link = False
        return self._offset_url(self.offset)

    def skip(self, page: PageFacts | None) -> str | None:
        """Pass over a page that stays broken: by its own Link, else by offset.

        `page`: what its headers say; None: no response came.

        Returns:
            The URL of the page behind it; None: nothing says that there is one, or too many
            pages in a row are broken.
        """
        self._broken_in_a_row += 1
        if page is not None:
            self._heed_limit(page)
            self.total = self.total if page.total is None else page.total
        link = None if page is None else next_link(page.link)
        is_known = link is not None or self.total is not None or self.largest > 0
        if self._broken_in_a_row > _MOST_BROKEN or not is_known:
            return None
        step = self._limit if self._limit_is_known else self.largest or self._limit
        if page is not None and link is not None:
            return self._next_by_link(replace(page, count=step))
        more = self.total is None or self.offset + step < self.total
        return self._next_offset_url(self.offset + step) if more else None

    def _heed_limit(self, page: PageFacts) -> None:
        self._limit_is_known = self._limit_is_known or page.limit is not None
        self._limit = min(self._limit, page.limit or self._limit)

    def _offset_url(self, offset: int, slack: int = 0) -> str:
        self.offset, self._by_link, self._slack = offset, False, slack
        parameters = {**self._filters, "offset": str(offset), "limit": str(self._limit)}
        url = with_query(self._endpoint, parameters)
        self._asked.add(hash(url))
        return url

    def _count_lost(self, page: PageFacts) -> int:
        """Count the objects that left the list since the page before, as far as one can see."""
        before, self._last_total = self._last_total, page.total
        self.never_shrank &= page.total is not None and page.total >= (before or 0)
        if page.total is not None:
            self.total = page.total
        if before is None or page.total is None or page.total >= before or not self.offset:
            return 0
        if self._by_link and offset_of(page.url) is None:
            return 0  # a cursor does not shift
        return before - page.total

    def _repeat(self, lost: int) -> str | None:
        """Go back by as many as left: that many may have slipped before our offset.

        And by some more, so that a list which goes on shrinking does not push us back for
        ever: up to so many may leave before the repetition is answered.
        """
        self._repetitions += 1
        if self._repetitions > _MOST_REPETITIONS:
            return self._stop("the list shrank faster than it could be read")
        self._note("the list shrank while it was read; repeated from a lower offset")
        self._asked.clear()  # pages from here on are rightly asked for again
        self._seen.clear()
        slack = min(2 * lost, self._limit // 2)
        return self._offset_url(max(0, self.offset + self._slack - lost - slack), slack)

    def _after_repetition(self, page: PageFacts) -> str | None:
        """Decide after a page that came again: the Link or the offset has no effect."""
        if self._by_link:
            self._note("a Link led to a page that came before; went on by offset")
            return self._next_offset_url(self.offset)
        if self._ever_linked or self._promises_more(page) or page.count == self._limit:
            return self._stop("the partner ignores offset: the same page came again")
        return None  # it does not page at all: what it sent is everything

    def _is_worth_continuing(self, page: PageFacts) -> bool:
        """Tell whether full pages may follow an empty one: some partners filter after paging."""
        linked = next_link(page.link) is not None
        return linked and self._promises_more(page) and self._empty_pages < _MOST_EMPTY_PAGES

    def _promises_more(self, page: PageFacts) -> bool:
        return page.total is not None and self.offset + page.count < page.total

    def _next_by_link(self, page: PageFacts) -> str | None:
        target = next_link(page.link)
        if target is None:
            return None
        self._ever_linked = True
        permitted = self._permit(page.url, target)
        step = page.count or self._limit
        if permitted is None:
            self._note("a Link led to another origin and was not followed; went on by offset")
            return self._next_offset_url(self.offset + step)
        url = mend_link(permitted, self._filters)
        if hash(url) in self._asked:
            self._note("a Link led back to a page already read")
            more = page.total is None or self._promises_more(page)
            return self._next_offset_url(self.offset + step) if more else None
        self._asked.add(hash(url))
        named = offset_of(url)
        self.offset = self.offset + step if named is None else named
        self._by_link, self._slack = True, 0
        return url

    def _next_by_token(self, page: PageFacts) -> str | None:
        if page.token is None:
            return None
        self._ever_linked = True
        if page.token.startswith(("http://", "https://", "/")):
            permitted = self._permit(page.url, page.token)
        else:
            parameters = {**self._filters, "limit": str(self._limit), "next": page.token}
            permitted = with_query(self._endpoint, parameters)
        if permitted is None or hash(permitted) in self._asked:
            return self._stop("the token of the next page leads nowhere new")
        self._asked.add(hash(permitted))
        self.offset += page.count
        self._by_link, self._slack = True, 0
        return permitted

    def _next_by_count(self, page: PageFacts) -> str | None:
        """Go on by offset where no Link says how, as long as there may be more."""
        if page.total is not None:
            more = self._promises_more(page)
        elif self._ever_linked or page.link is not None:
            more = False  # the Link was there and is gone: the last page
        else:
            # Without any sign of an end only an empty page is one; a partner may clamp silently.
            more = page.count >= self._limit or (page.limit is None and page.count > 0)
        step = page.count or self._limit
        return self._next_offset_url(self.offset + step) if more else None

    def _next_offset_url(self, offset: int) -> str | None:
        known = len(self._asked)
        url = self._offset_url(offset)
        return self._stop("paging goes in circles") if len(self._asked) == known else url

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _stop(self, problem: str) -> str | None:
        self.problem = problem
        return None
