"""One door to every format of a statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.settle.document import Document, as_json
from models.settle.invoice import InvoiceTerms, NoInvoice, invoice_of
from pipelines.exports.company import Letterhead
from pipelines.exports.csv_file import statement_csv
from pipelines.exports.statement_pdf import statement_pdf
from pipelines.exports.ubl import invoice_ubl
from pipelines.exports.words import heading, party_of
from pipelines.exports.xlsx import statement_xlsx

FORMATS = ("csv", "xlsx", "pdf", "ubl", "json")


@dataclass(frozen=True)
class Paperwork:
    """What a file carries beside the statement.

    Args:
        letterhead: who we and they are on paper.
        issued_on: the date of the document.
        own_party: our party id, as NL/EMS; empty: not known.
    """

    letterhead: Letterhead
    issued_on: date
    own_party: str = ""


def export_statement(document: Document, kind: str, paperwork: Paperwork) -> bytes:
    """A statement in one of `FORMATS`; the same input gives the same bytes.

    Args:
        document: the statement.
        kind: csv, xlsx, pdf, ubl or json.
        paperwork: letterhead and date.

    Raises:
        NoInvoice: no UBL can be made of it.
        TooManyLines: it does not fit a sheet.
    """
    if kind == "csv":
        return statement_csv(document)
    if kind == "xlsx":
        return statement_xlsx(document, paperwork.issued_on)
    if kind == "pdf":
        return statement_pdf(
            document, paperwork.letterhead, paperwork.issued_on, paperwork.own_party
        )
    if kind == "ubl":
        return _ubl(document, paperwork)
    if kind == "json":
        return as_json(document)
    raise ValueError(f"unknown format {kind!r}: one of {', '.join(FORMATS)}")


def _ubl(document: Document, paperwork: Paperwork) -> bytes:
    parts = document.parts()
    roaming = [p for p in parts if p.statements["section"][0] == "roaming"] or parts
    if len(roaming) > 1:
        there = "; ".join(heading(part.statements.to_dicts()[0]) for part in roaming)
        raise NoInvoice(
            f"an invoice is for one party, currency and direction, and there are {len(roaming)}: "
            f"{there}; choose with --party and --currency"
        )
    (part,) = roaming
    (row,) = part.statements.to_dicts()
    letterhead = paperwork.letterhead
    terms = InvoiceTerms(
        ours=letterhead.ours(paperwork.own_party),
        theirs=letterhead.theirs(party_of(row)),
        issued_on=paperwork.issued_on,
        payment_days=letterhead.payment_days,
        assumed_vat=letterhead.assumed_vat,
    )
    return invoice_ubl(invoice_of(part, terms))
