"""One decoded object: rows for tables, and the parts of it that were refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from models.ocpi.decoded_page import PageContext
from models.ocpi.issues import Issues
from models.ocpi.json.canonical import json_text
from models.ocpi.lenient.tariffs import CanonicalTariff

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """An object, or a part of one, that could not be taken in."""

    country_code: str | None
    party_id: str | None
    object_id: str | None
    reasons: list[str]
    payload: Any


@dataclass(frozen=True, slots=True)
class EmbeddedTariff:
    """A tariff embedded in a CDR: which CDR, by its place on the page and its key, and where."""

    index: int
    country_code: str | None
    party_id: str | None
    object_id: str | None
    path: str
    tariff: CanonicalTariff


@dataclass(slots=True)
class DecodedObject:
    """Rows by table, embedded tariffs with their paths, refused parts, and who the object is."""

    issues: Issues = field(default_factory=Issues)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    refused: list[RefusedPart] = field(default_factory=list)
    embedded: list[tuple[str, CanonicalTariff]] = field(default_factory=list)
    country_code: str | None = None
    party_id: str | None = None
    object_id: str | None = None

    def add(self, table: str, row: Row) -> None:
        """Add one row to a table."""
        self.rows.setdefault(table, []).append(row)

    def identify(self, row: Row, object_id: str | None) -> None:
        """Say whose object it is and what it is called."""
        self.country_code, self.party_id = row["country_code"], row["party_id"]
        self.object_id = object_id


def without_people(row: Row, columns: tuple[str, ...], context: PageContext) -> Row:
    """Return the row with people's identifiers replaced by their pseudonyms."""
    for column in columns:
        if row.get(column) is not None:
            row[column] = context.pseudonym(row[column])
    return row


def rest_of(tree: Row, used: frozenset[str]) -> Row:
    """Return the members of an object that no column holds."""
    return {name: value for name, value in tree.items() if name not in used}


def stated_id(tree: Row, *names: str) -> str | None:
    """Return what an object that may be bad calls itself."""
    for name in names:
        value = tree.get(name)
        if value is not None and value != "":
            return value if isinstance(value, str) else json_text(value)[:64]
    return None
