"""InvoiceReconciliationRecord of an invoice that we wrote (OCPI 2.3.0, mod_invoice_reconciliation).

We write one for what we claim directly, and for what we owe under self-billing. It has no
amount: an invoice and the CDRs on it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

import polars as pl

from models.errors import Refused
from models.settle.document import Document
from models.settle.invoice import number_of

_MAX_ID = 36


class NoRecord(Refused):
    """No record can be made; the message says why."""


def record_id(statement: Mapping[str, object]) -> str:
    """Return the id of a statement's record: the same after a reopening, as PUT replaces it."""
    number = number_of({**statement, "status": "locked"})
    return hashlib.sha256(number.encode()).hexdigest()[:_MAX_ID]


def invoice_record(
    part: Document, own_party: tuple[str, str], issued_at: datetime, revision: int = 0
) -> bytes:
    """Return the record as JSON, for a document of one statement.

    Args:
        part: a document of one statement; see `Document.parts`.
        own_party: our `(country_code, party_id)`: the record's owner.
        issued_at: its `last_updated`.
        revision: how often the month was reopened.

    Raises:
        NoRecord: the month is open, the counterparty writes the invoice, or a CDR id is longer
            than the field.
    """
    (statement,) = part.statements.to_dicts()
    ours = (statement["direction"] == "payable") == (statement["billing"] == "reverse")
    if not ours:
        raise NoRecord(
            "the counterparty writes this invoice, so the record is theirs to send "
            "(contract: billing)"
        )
    if statement["status"] == "open":
        raise NoRecord(
            f"{part.month} is open, and a record has no field to say so: close it first with "
            "`roamhouse close`"
        )
    billed = part.lines.filter((pl.col("kind") == "cdr") & (pl.col("payable_excl_vat") != 0))
    cdrs = sorted(billed["cdr_id"].to_list())
    if not cdrs:
        raise NoRecord("no CDR is on the invoice: nothing is payable")
    long = [cdr for cdr in cdrs if len(cdr) > _MAX_ID]
    if long:
        raise NoRecord(
            f"{len(long)} CDR ids are longer than the {_MAX_ID} characters that the record "
            f"allows, as {long[0]}; they cannot be reconciled by it"
        )
    record = {
        "country_code": own_party[0],
        "party_id": own_party[1],
        "id": record_id(statement),
        "invoice_id": number_of(statement, revision),
        "cdrs": cdrs,
        "last_updated": issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return (json.dumps(record, indent=1) + "\n").encode()
