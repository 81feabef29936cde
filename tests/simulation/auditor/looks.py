"""What one look at one list showed: the pages of a pull, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulation.partner import Served


@dataclass(frozen=True)
class Look:
    """One list as it was read in one run.

    Args:
        partner: whose.
        module: which.
        began_at: our clock at the first page.
        filtered: whether dates left something out, or could have: such a list says nothing about
            what is gone.
        complete: whether every object that was promised came.
        copies: (our clock, object) in the order in which they came.
        broken: whether a page could not be read.
        dates: date_from and date_to as asked for.
    """

    partner: str
    module: str
    began_at: datetime
    filtered: bool
    complete: bool
    copies: tuple[tuple[datetime, dict[str, Any]], ...]
    broken: bool
    dates: tuple[datetime | None, datetime | None]

    @property
    def key(self) -> tuple[str, str]:
        """Whose list it is, and which."""
        return self.partner, self.module

    @property
    def everything(self) -> bool:
        """Whether it is the whole list, so that what it lacks is gone."""
        return self.complete and not self.filtered


def looks(served: Sequence[Served]) -> list[Look]:
    """Put the pages of one run together, list by list, in the order in which the lists began."""
    lists: dict[tuple[str, str], list[Served]] = {}
    for page in served:
        lists.setdefault((page.partner, page.module), []).append(page)
    return [_look(pages) for pages in lists.values()]


def _look(pages: list[Served]) -> Look:
    first, last = pages[0], pages[-1]
    copies = tuple((page.asked_at, each) for page in pages if page.ok for each in page.objects)
    came = {each["id"].lower() for _, each in copies}
    return Look(
        partner=first.partner,
        module=first.module,
        began_at=first.asked_at,
        filtered=first.date_from is not None or any(page.left_out for page in pages),
        complete=len(came) >= len(_ids(pages, last.total)),
        copies=copies,
        broken=any(not page.ok for page in pages),
        dates=(first.date_from, first.date_to),
    )


def _ids(pages: list[Served], total: int) -> range:
    """As many as were promised last; ids that differ in case only are one and promised twice."""
    seen = {each["id"] for page in pages for each in page.objects}
    return range(total - (len(seen) - len({one.lower() for one in seen})))
