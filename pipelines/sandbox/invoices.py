"""Invoices of the 2.3.0 partner: which CDRs each invoice reconciliation record lists."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pipelines.sandbox.book import Book, Row
from pipelines.sandbox.cast import Party
from pipelines.sandbox.clock import iso
from pipelines.sandbox.closing import issue_of, issue_times

CDRS_PER_RECORD = 400


@dataclass(frozen=True)
class Record:
    """One InvoiceReconciliationRecord."""

    party: Party
    id: str
    invoice_id: str
    cdr_ids: tuple[str, ...]
    issued: int

    def json(self) -> str:
        """The record as OCPI writes it (mod_invoice_reconciliation)."""
        country_code, party_id = self.party.code
        members = {
            "country_code": country_code,
            "party_id": party_id,
            "id": self.id,
            "invoice_id": self.invoice_id,
            "cdrs": list(self.cdr_ids),
            "last_updated": iso(self.issued),
        }
        return json.dumps(members, separators=(",", ":"))


def records(book: Book, moment: int) -> list[Record]:
    """The records issued until a moment: each lists the CDRs of the months closed before it.

    Args:
        book: the party's ledger.
        moment: epoch seconds.
    """
    issued = issue_times(moment)
    batches: list[list[str]] = [[] for _ in issued]
    rows = book.rows
    for stream, index, role, changed in zip(
        rows.stream.tolist(), rows.index.tolist(), rows.role.tolist(),
        rows.last_updated.tolist(), strict=True,
    ):  # fmt: skip
        number = issue_of(int(book.times[stream].end[index]), changed, issued)
        if number is not None:
            batches[number] += _listed(book, Row(stream, index, role))
    made = []
    for when, ids in zip(issued, batches, strict=True):
        invoice = f"INV-{book.party.party_id}-{iso(when)[:7]}"
        for number, first in enumerate(range(0, len(ids), CDRS_PER_RECORD)):
            listed = tuple(ids[first : first + CDRS_PER_RECORD])
            made.append(Record(book.party, f"{invoice}-{number:03d}", invoice, listed, when))
    return made


def _listed(book: Book, row: Row) -> list[str]:
    """What an invoice lists for a CDR: its id, unless something went wrong."""
    cdr_id = book.cdr_id(row)
    match book.mishap_of(row):
        case "not_invoiced":
            return []
        case "invoiced_twice":
            return [cdr_id, cdr_id]
        case "unknown_on_invoice":
            return [cdr_id, f"{cdr_id}-UNKNOWN"]
    return [cdr_id]
