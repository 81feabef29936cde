"""Lists that change while they are read: nothing that was there throughout may be lost."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.ocpi.links import offset_of
from pipelines.ocpi.listing import Listing
from pipelines.ocpi.paging import PageFacts, Pager

URL = "https://cpo.example/cdrs"


@dataclass
class Changing:
    """A partner's list, pinned by date_to: objects may leave it at any time.

    `changes[n]` are the places (taken modulo the length) of what leaves before answer n.
    """

    items: list[int]
    changes: list[list[int]]
    page: int
    links: bool
    left: set[int] = field(default_factory=set)
    answers: int = 0

    def answer(self, url: str) -> tuple[array[int], PageFacts]:
        for place in self.changes[self.answers] if self.answers < len(self.changes) else []:
            if self.items:
                self.left.add(self.items.pop(place % len(self.items)))
        self.answers += 1
        offset, page = offset_of(url) or 0, min(self.page, limit_of(url))
        keys = array("q", self.items[offset : offset + page])
        more = offset + page < len(self.items)
        link = f"<{URL}?offset={offset + page}&limit={page}>; rel=next"
        return keys, PageFacts(
            url=url,
            fingerprint=hash(keys.tobytes()),
            count=len(keys),
            total=len(self.items),
            limit=self.page,
            link=link if self.links and more else None,
            token=None,
        )


def limit_of(url: str) -> int:
    return int(dict(parse_qsl(urlsplit(url).query))["limit"])


def read(partner: Changing, *, immutable: bool = False) -> tuple[set[int], Listing]:
    def pager(limit: int | None) -> Pager:
        return Pager(URL, {}, limit or 1000, lambda _base, target: target, 10_000)

    listing, seen = Listing(pager, immutable=immutable), set[int]()
    while listing.next_url is not None:
        keys, facts = partner.answer(listing.next_url)
        seen.update(keys)
        listing.accept_page(keys, facts)
        assert partner.answers < 2000, "paging has no end"
    return seen, listing


@settings(max_examples=400, deadline=None)
@given(
    size=st.integers(0, 60),
    page=st.integers(1, 12),
    links=st.booleans(),
    changes=st.lists(st.lists(st.integers(0, 100), max_size=4), max_size=40),
)
def test_what_was_there_throughout_is_never_lost(
    size: int, page: int, links: bool, changes: list[list[int]]
) -> None:
    partner = Changing(list(range(size)), changes, page, links)
    seen, listing = read(partner)
    stayed = set(range(size)) - partner.left
    assert stayed <= seen
    assert listing.problem is None


@dataclass
class Moving(Changing):
    """A list ordered by last_updated and not pinned: what changes moves to its end."""

    def answer(self, url: str) -> tuple[array[int], PageFacts]:
        for place in self.changes[self.answers] if self.answers < len(self.changes) else []:
            self.items.append(self.items.pop(place % len(self.items)))
        held, self.changes = self.changes, []
        answer = super().answer(url)
        self.changes = held
        return answer


@settings(max_examples=400, deadline=None)
@given(
    size=st.integers(30, 60),
    page=st.integers(1, 12),
    links=st.booleans(),
    changes=st.lists(st.lists(st.integers(0, 100), max_size=3), max_size=20),
)
def test_rows_that_move_while_we_page_are_found_or_the_pull_is_incomplete(
    size: int, page: int, links: bool, changes: list[list[int]]
) -> None:
    # A list that turns round as a whole between two readings cannot be told from one at rest.
    assume(sum(len(moved) for moved in changes) < size)
    seen, listing = read(Moving(list(range(size)), changes, page, links))
    assert seen == set(range(size)) or listing.problem is not None


def test_a_row_that_moves_once_is_found_by_reading_again() -> None:
    seen, listing = read(Moving(list(range(9)), [[], [0]], 3, True))
    assert seen == set(range(9))
    assert listing.problem is None
    assert "objects came twice; the list was read again" in listing.notes


@pytest.mark.parametrize("links", [True, False])
def test_a_list_that_shrinks_before_every_answer_is_read_to_its_end(links: bool) -> None:
    partner = Changing(list(range(1000)), [[0]] * 1000, 100, links)
    seen, listing = read(partner)
    assert set(range(1000)) - partner.left <= seen
    assert listing.problem is None
    assert partner.answers < 30


def test_a_list_that_shrinks_faster_than_it_can_be_read_is_given_up() -> None:
    partner = Changing(list(range(5000)), [[]] * 40 + [[0, 0]] * 1000, 2, True)
    _, listing = read(partner)
    assert listing.problem is not None
    assert "shrank faster than it could be read" in listing.problem
    assert partner.answers < 70


def test_a_total_that_comes_and_goes_is_no_shrinking_list() -> None:
    def totals() -> Iterator[int | None]:
        yield from [9, None, 9, None]

    stated = totals()
    pager = Pager(URL, {}, 3, lambda _base, target: target, 100)
    url: str | None = pager.first()
    for offset in (0, 3, 6):
        assert url == f"{URL}?offset={offset}&limit=3"
        page = PageFacts(url, offset, 3, next(stated), 3, f"<?offset={offset + 3}&limit=3>", None)
        link = f"<{URL}?offset={offset + 3}&limit=3>; rel=next"
        url = pager.after(replace(page, link=link))
    assert pager.problem is None
    assert not pager.never_shrank


def test_objects_listed_twice_by_the_partner_are_not_missing_ones() -> None:
    partner = Changing([1, 2, 3, 3, 4, 5, 1], [], 3, True)
    seen, listing = read(partner)
    assert partner.answers == 7  # three pages, then four smaller ones: rows might have moved
    assert seen == {1, 2, 3, 4, 5}
    assert listing.problem is None
    assert "the partner lists some objects twice" in listing.notes


def test_rows_that_cannot_move_need_no_second_reading() -> None:
    partner = Changing([1, 2, 3, 3, 4, 5, 1], [], 3, True)
    seen, listing = read(partner, immutable=True)
    assert partner.answers == 3
    assert seen == {1, 2, 3, 4, 5}
    assert listing.problem is None


@settings(max_examples=200, deadline=None)
@given(
    size=st.integers(0, 60),
    page=st.integers(1, 12),
    changes=st.lists(st.lists(st.integers(0, 100), max_size=4), max_size=40),
)
def test_immutable_lists_lose_nothing_either(
    size: int, page: int, changes: list[list[int]]
) -> None:
    partner = Changing(list(range(size)), changes, page, True)
    seen, listing = read(partner, immutable=True)
    assert set(range(size)) - partner.left <= seen
    assert listing.problem is None


@pytest.mark.parametrize("place", ["front", "end"])
def test_a_list_of_what_never_changes_may_grow_while_it_is_read(place: str) -> None:
    """What comes meanwhile shows some rows twice and hides none; the next pull brings it."""

    class Growing(Changing):
        def answer(self, url: str) -> tuple[array[int], PageFacts]:
            new = 1000 + self.answers
            self.items.insert(0 if place == "front" else len(self.items), new)
            return super().answer(url)

    partner = Growing(list(range(50)), [], 5, True)
    seen, listing = read(partner, immutable=True)
    assert set(range(50)) <= seen
    assert listing.problem is None
    assert partner.answers < 20
