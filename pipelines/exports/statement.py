"""Every format of a statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Final

from models.settle.document import Document, as_json
from models.settle.invoice import Invoice, InvoiceTerms, NoInvoice, invoice_of
from pipelines.exports.cii import invoice_cii
from pipelines.exports.columns import statement_csv
from pipelines.exports.company import Letterhead
from pipelines.exports.facturx import invoice_facturx
from pipelines.exports.formats import DIALECTS, Dialect
from pipelines.exports.invoice_record import NoRecord, invoice_record
from pipelines.exports.statement_pdf import statement_pdf
from pipelines.exports.ubl import invoice_ubl
from pipelines.exports.words import heading, party_of
from pipelines.exports.xlsx import statement_xlsx


@dataclass(frozen=True)
class Paperwork:
    """Letterhead and date of a file."""

    letterhead: Letterhead  # who we and they are on paper
    issued_on: date  # the date of the document
    own_party: str = ""  # our party id, as NL/EMS; empty: not known
    revision: int = 0  # how often the month was reopened; invoice numbers carry it
    dialect: Dialect = DIALECTS["standard"]  # of CSV
    # `(country_code, party_id, currency)` → earlier months of credited CDRs, see `InvoiceTerms`
    credited_months: Mapping[tuple[str, str, str], tuple[tuple[str, int], ...]] = field(
        default_factory=dict
    )


def export_statement(document: Document, kind: str, paperwork: Paperwork) -> bytes:
    """Return a statement in one of `FORMATS`; the same input gives the same bytes.

    Raises:
        NoInvoice: no invoice can be made of it.
        NoRecord: the invoice is not ours to record.
        TooManyLines: it does not fit a sheet.
    """
    return WRITERS[kind](document, paperwork)


def single_statement(document: Document) -> Document:
    """Return the one statement that an invoice can be about.

    Raises:
        NoInvoice: there are several.
    """
    parts = document.parts()
    roaming = [p for p in parts if p.statements["section"][0] == "roaming"] or parts
    if len(roaming) > 1:
        there = "; ".join(heading(part.statements.to_dicts()[0]) for part in roaming)
        raise NoInvoice(
            f"an invoice is for one party, currency and direction, and there are {len(roaming)}: "
            f"{there}; choose with --party and --currency"
        )
    return roaming[0]


def own_party_of(text: str) -> tuple[str, str]:
    """Return who we are, from `CC/PID`.

    Raises:
        NoRecord: it does not say.
    """
    country_code, slash, party_id = text.partition("/")
    if not slash:
        raise NoRecord("a record needs to know who we are: say `party` in the partners file")
    return country_code, party_id


def _record(document: Document, paperwork: Paperwork) -> bytes:
    own = own_party_of(paperwork.own_party)
    issued_at = datetime.combine(paperwork.issued_on, time(), UTC)
    return invoice_record(single_statement(document), own, issued_at, paperwork.revision)


def _invoice(document: Document, paperwork: Paperwork) -> Invoice:
    part = single_statement(document)
    (row,) = part.statements.to_dicts()
    letterhead = paperwork.letterhead
    terms = InvoiceTerms(
        ours=letterhead.ours(paperwork.own_party),
        theirs=letterhead.theirs(party_of(row)),
        issued_on=paperwork.issued_on,
        payment_days=letterhead.payment_days,
        assumed_vat=letterhead.assumed_vat,
        revision=paperwork.revision,
        credited_months=paperwork.credited_months.get(
            (row["country_code"], row["party_id"], row["currency"]), ()
        ),
    )
    return invoice_of(part, terms)


def _pdf(document: Document, paperwork: Paperwork) -> bytes:
    return statement_pdf(document, paperwork.letterhead, paperwork.issued_on, paperwork.own_party)


WRITERS: Final[dict[str, Callable[[Document, Paperwork], bytes]]] = {
    "pdf": _pdf,
    "xlsx": lambda document, paperwork: statement_xlsx(document, paperwork.issued_on),
    "csv": lambda document, paperwork: statement_csv(document, paperwork.dialect),
    "json": lambda document, _: as_json(document),
    "ubl": lambda document, paperwork: invoice_ubl(_invoice(document, paperwork)),
    "cii": lambda document, paperwork: invoice_cii(_invoice(document, paperwork)),
    "facturx": lambda document, paperwork: invoice_facturx(_invoice(document, paperwork)),
    "record": _record,
}
"""What writes each of `FORMATS`."""
