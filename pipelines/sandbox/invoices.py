"""Invoices of the 2.3.0 partner: which CDRs each invoice reconciliation record lists."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.sandbox.book import Row
from pipelines.sandbox.cast import Party
from pipelines.sandbox.clock import DAY_S, iso
from pipelines.sandbox.world import Realm

ISSUED_AFTER_DAYS = 4
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


def issue_times(moment: int) -> list[int]:
    """When the invoices of the past half year were issued, earliest first."""
    today = datetime.fromtimestamp(moment, UTC)
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(6, -1, -1)]
    firsts = [int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) for year, month in months]
    times = [first + ISSUED_AFTER_DAYS * DAY_S + 9 * 3600 for first in firsts]
    return [issued for issued in times if issued <= moment]


def records(realm: Realm, moment: int) -> list[Record]:
    """The records issued until a moment: each lists the CDRs of the months closed before it.

    Args:
        realm: the party.
        moment: epoch seconds.
    """
    issued = issue_times(moment)
    batches: list[list[str]] = [[] for _ in issued]
    book = realm.book
    rows = book.rows
    for stream, index, role, changed in zip(
        rows.stream.tolist(), rows.index.tolist(), rows.role.tolist(),
        rows.last_updated.tolist(), strict=True,
    ):  # fmt: skip
        ended = int(book.times[stream].end[index])
        for number, when in enumerate(issued):
            if changed < when and ended < when - ISSUED_AFTER_DAYS * DAY_S - 9 * 3600:
                batches[number].append(book.cdr_id(Row(stream, index, role)))
                break
    made = []
    for when, ids in zip(issued, batches, strict=True):
        invoice = f"INV-{realm.party.party_id}-{iso(when)[:7]}"
        for number, first in enumerate(range(0, len(ids), CDRS_PER_RECORD)):
            listed = tuple(ids[first : first + CDRS_PER_RECORD])
            made.append(Record(realm.party, f"{invoice}-{number:03d}", invoice, listed, when))
    return made
