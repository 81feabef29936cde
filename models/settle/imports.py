"""Imports of partners' invoices: decisions of people, and the fold over their events.

An import names the file as received by its SHA-256 and everything that a person said with it, so
that reading the file again gives the same invoice.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from models.settle.decisions import Event, IllegalDecision

IMPORTED, ANNEXED, WITHDRAWN = "imported", "annexed", "withdrawn"


@dataclass(frozen=True)
class ImportedFile:
    """A file as received."""

    sha256: str  # of its bytes
    name: str  # the name it had
    format: str  # ubl, cii, pdf, csv or xlsx
    columns: Mapping[str, str]  # of a sheet, field → its column; empty: it is no sheet


@dataclass(frozen=True)
class InvoiceImport:
    """One invoice that was taken in."""

    partner: str  # our name for the connection
    country_code: str  # of the party that invoices
    party_id: str  # of the party that invoices
    number: str  # of the invoice
    # the document first, then its annexes; of a typed invoice only annexes
    files: tuple[ImportedFile, ...] = ()
    # what was typed in, by field; empty: the document says it
    head: Mapping[str, str] | None = None
    month: str | None = None  # the month that the person named, as 2026-10
    at: datetime | None = None  # when it was taken in
    who: str = ""  # the person
    order: int = 0  # position among all decisions
    withdrawn: bool = False  # whether it was taken in by mistake, as a person said later

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return the key of `settle.invoices`."""
        return self.partner, self.country_code, self.party_id, self.number

    @property
    def there(self) -> bool:
        """Return whether it counts: taken in, and not withdrawn."""
        return self.at is not None and not self.withdrawn


def stream_of(key: tuple[str, str, str, str]) -> str:
    """Return the name of an invoice's stream of events."""
    return "/".join(key)


def apply(before: InvoiceImport, event: Event) -> InvoiceImport:
    """Return the import after one more event; an IllegalDecision says why it cannot follow."""
    what = f"invoice {before.number} of {before.partner}"
    if event.name == WITHDRAWN:
        if not before.there:
            raise IllegalDecision(f"{what} is not there")
        if not event.data.get("reason", "").strip():
            raise IllegalDecision("withdrawing an invoice needs a reason")
        return replace(before, withdrawn=True)
    files = (_file(event),) if event.data.get("sha256") else ()
    if event.name == ANNEXED:
        if not before.there:
            raise IllegalDecision(f"{what} is not there, so it can have no annex")
        return replace(before, files=(*before.files, *files))
    if before.there:
        raise IllegalDecision(
            f"{what} was taken in already, on {before.at:%Y-%m-%d} by {before.who}; another "
            f"document of that number needs `roamhouse invoice withdraw {before.number}` first"
        )
    head = json.loads(event.data["head"]) if event.data.get("head") else None
    return replace(
        InvoiceImport(*before.key),
        files=files,
        head=head,
        month=event.data.get("month"),
        at=event.at,
        who=event.who,
        order=event.seq,
    )


def fold(stream: str, events: Iterable[Event]) -> InvoiceImport:
    """Return the state of an invoice: its events applied in order (see `apply`)."""
    partner, country_code, party_id, number = stream.split("/", 3)
    return reduce(apply, events, InvoiceImport(partner, country_code, party_id, number))


def _file(event: Event) -> ImportedFile:
    data = event.data
    columns = json.loads(data["columns"]) if data.get("columns") else {}
    return ImportedFile(data["sha256"], data["file"], data["format"], columns)
