"""Input and output of decoding: a page of partner objects, one decoded object, finished rows."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from models.ocpi.issues import Issues
from models.ocpi.lenient.tariffs import CanonicalTariff
from models.ocpi.people import shown_text


@dataclass(frozen=True)
class PageContext:
    """Everything decoding may know about where an object came from."""

    partner: str  # our name for the connection
    # OCPI module identifier: locations, tariffs, sessions, cdrs, tokens, hubclientinfo or
    # invoicereconciliation
    module: str
    version: str | None  # OCPI version of the endpoint; None where a feed does not say (detect)
    page_id: str  # the page the objects are on
    fetched_at: datetime  # when the page was fetched, UTC
    # `(country_code, party_id)` to assume where an object names no owner
    own_party: tuple[str, str]
    # turns a person's identifier into its keyed hash (or leaves it, by setting)
    pseudonym: Callable[[str], str]


@dataclass(frozen=True)
class Decoded:
    """The rows of one page."""

    # table name → rows in the columns of `Table.frame_columns`, in page order; only tables that the
    # module can fill, `core.quarantine` and `core.deviations`
    frames: Mapping[str, pl.DataFrame]
    object_count: int  # objects seen, good or bad
    quarantined: int  # objects refused


class PageOrigins:
    """The pages of a batch, whose objects are numbered from the first page to the last.

    `contexts`: the context of each page, alike but for `page_id` and `fetched_at`.
    """

    def __init__(self, contexts: Sequence[PageContext], sizes: Sequence[int]) -> None:
        self.context = contexts[0]
        self.object_count = sum(sizes)
        self._contexts = contexts
        self._ends = list(accumulate(sizes))

    def page_of(self, index: int) -> PageContext:
        """Return the page of one object."""
        return self._contexts[bisect_right(self._ends, index)]

    def end_of_page(self, index: int) -> int:
        """Return the first object after the page of one object."""
        return self._ends[bisect_right(self._ends, index)]

    def columns(self, objects: pl.Series) -> list[pl.Series]:
        """Return the columns of the page (`fetched_at`, `page_id`) for rows of these objects."""
        pages = np.searchsorted(self._ends, objects.to_numpy(), side="right")
        fetched = [context.fetched_at for context in self._contexts]
        page_ids = [context.page_id for context in self._contexts]
        return [
            pl.Series("fetched_at", fetched, dtype=pl.Datetime("us", "UTC")).gather(pages),
            pl.Series("page_id", page_ids, dtype=pl.String).gather(pages),
        ]


Row = dict[str, Any]


class Identity(NamedTuple):
    """Whose an object is and what it is called, by its columns; None: it does not say."""

    country_code: str | None = None
    party_id: str | None = None
    object_id: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """An object, or a part of one, that could not be taken in."""

    identity: Identity
    reasons: list[str]
    payload: Any


@dataclass(frozen=True, slots=True)
class EmbeddedTariff:
    """A tariff embedded in a CDR: which CDR, by its place on the page, and where in it."""

    index: int
    identity: Identity
    path: str
    tariff: CanonicalTariff


@dataclass(slots=True)
class DecodedObject:
    """Rows by table, embedded tariffs with their paths, refused parts, and who the object is."""

    issues: Issues = field(default_factory=Issues)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    refused: list[RefusedPart] = field(default_factory=list)
    embedded: list[tuple[str, CanonicalTariff]] = field(default_factory=list)
    identity: Identity = field(default_factory=Identity)

    def add(self, table: str, row: Row) -> None:
        """Add one row to a table."""
        self.rows.setdefault(table, []).append(row)

    def identify(self, row: Row, object_id: str | None) -> None:
        """Say whose object it is and what it is called."""
        self.identity = Identity(row["country_code"], row["party_id"], object_id)


def without_people(row: Row, columns: tuple[str, ...], context: PageContext) -> Row:
    """Return the row with people's identifiers replaced by their pseudonyms."""
    for column in columns:
        if row.get(column) is not None:
            row[column] = context.pseudonym(row[column])
    return row


def stated_id(tree: Row, *names: str) -> str | None:
    """Return what an object that may be bad calls itself."""
    for name in names:
        value = tree.get(name)
        if value is not None and value != "":
            return value if isinstance(value, str) else shown_text(value)[:64]
    return None
