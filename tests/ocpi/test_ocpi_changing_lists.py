"""Lists that change while they are read: nothing that was there throughout may be lost."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from hypothesis import given, settings
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
        offset = offset_of(url) or 0
        keys = array("q", self.items[offset : offset + self.page])
        more = offset + self.page < len(self.items)
        link = f"<{URL}?offset={offset + self.page}&limit={self.page}>; rel=next"
        return keys, PageFacts(
            url=url,
            fingerprint=hash(keys.tobytes()),
            count=len(keys),
            total=len(self.items),
            limit=self.page,
            link=link if self.links and more else None,
            token=None,
        )


def read(partner: Changing) -> tuple[set[int], Listing]:
    def pager() -> Pager:
        return Pager(URL, {}, 1000, lambda _base, target: target, 10_000)

    listing, seen = Listing(pager), set[int]()
    while listing.next_url is not None:
        keys, facts = partner.answer(listing.next_url)
        seen.update(keys)
        listing.took(keys, facts)
        assert partner.answers < 2000, "paging has no end"
    return seen, listing


@settings(max_examples=400)
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


@settings(max_examples=400)
@given(
    size=st.integers(1, 60),
    page=st.integers(1, 12),
    links=st.booleans(),
    changes=st.lists(st.lists(st.integers(0, 100), max_size=3), max_size=40),
)
def test_rows_that_move_while_we_page_are_found_or_the_pull_is_incomplete(
    size: int, page: int, links: bool, changes: list[list[int]]
) -> None:
    seen, listing = read(Moving(list(range(size)), changes, page, links))
    assert seen == set(range(size)) or listing.problem is not None


def test_a_row_that_moves_once_is_found_by_reading_again() -> None:
    seen, listing = read(Moving(list(range(9)), [[], [0]], 3, True))
    assert seen == set(range(9))
    assert listing.problem is None
    assert "objects came twice; the list was read again" in listing.notes


def test_a_list_that_shrinks_for_ever_is_given_up() -> None:
    partner = Changing(list(range(5000)), [[0]] * 4000, 1, True)
    _, listing = read(partner)
    assert listing.problem is None or "shrank" in listing.problem


def test_objects_listed_twice_by_the_partner_are_not_missing_ones() -> None:
    seen, listing = read(Changing([1, 2, 3, 3, 4, 5, 1], [], 3, True))
    assert seen == {1, 2, 3, 4, 5}
    assert listing.problem is None
    assert "the partner lists some objects twice" in listing.notes
