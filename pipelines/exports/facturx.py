"""An invoice as Factur-X (ZUGFeRD): a PDF/A-3 to read, and within it the same invoice as CII."""

from datetime import UTC, datetime, time
from importlib.resources import files
from string import Template
from typing import Final
from xml.sax.saxutils import escape

from models.settle.invoice import CORRECTED_INVOICE, PROFORMA_INVOICE, SELF_BILLED_INVOICE, Invoice
from pipelines.exports.cii import invoice_cii
from pipelines.exports.sheet import Paper
from pipelines.exports.words import day, money

_TITLES: Final = {
    PROFORMA_INVOICE: "Pro forma invoice",
    CORRECTED_INVOICE: "Corrected invoice",
    SELF_BILLED_INVOICE: "Self-billed invoice",
}
_FILE_NAME = "factur-x.xml"


def invoice_facturx(invoice: Invoice) -> bytes:
    """Return the invoice as a PDF with its CII within.

    Raises:
        NoInvoice: it breaks rules of EN 16931; the message names each.
    """
    xml = invoice_cii(invoice)
    # Whoever draws it up writes to the other.
    parties = (invoice.seller, invoice.buyer)
    sender, recipient = reversed(parties) if invoice.self_billed else parties
    usual = "Self-billed credit note" if invoice.self_billed else "Credit note"
    title = _TITLES.get(invoice.type_code, usual if invoice.is_credit else "Invoice")
    paper = Paper(sender, f"{title} {invoice.number}", invoice.issued_on, archive=True)
    paper.address(recipient)
    paper.heading(f"{title} {invoice.number}", 15)
    _facts(paper, invoice)
    _lines(paper, invoice)
    paper.text_block(invoice.note)
    paper.set_xmp_metadata(_metadata(paper, sender.name, invoice))
    paper.embed_file(
        bytes=xml,
        basename=_FILE_NAME,
        mime_type="text/xml",
        associated_file_relationship="Alternative",
        modification_date=datetime.combine(invoice.issued_on, time(), UTC),
        desc="The same invoice, to be read by machines",
    )
    return paper.finish()


def _facts(paper: Paper, invoice: Invoice) -> None:
    seller, buyer = invoice.seller, invoice.buyer
    facts = [
        ("Seller", f"{seller.name} {seller.vat_id or ''}".strip()),
        ("Date", day(invoice.issued_on)),
        ("Buyer", f"{buyer.name} {buyer.vat_id or ''}".strip()),
        ("Due", day(invoice.due_on)),
        ("Period", f"{day(invoice.period[0])} to {day(invoice.period[1])}"),
        ("Currency", invoice.currency),
    ]
    if seller.iban:
        facts.append(("Pay to", seller.iban))
    if invoice.corrects:
        facts.append(("Refers to", ", ".join(invoice.corrects)))
    paper.facts(facts)


def _lines(paper: Paper, invoice: Invoice) -> None:
    currency = invoice.currency
    paper.rows(
        ("", "For", "VAT", f"Before VAT, {currency}"),
        [
            (str(line.number), line.name, _rate(line.category, f"{line.rate:f}"),
             money(line.net, currency))
            for line in invoice.lines
        ],
        (6, 54, 18, 22),
        right=(3,),
    )  # fmt: skip
    paper.rows(
        ("VAT", f"On, {currency}", f"Tax, {currency}"),
        [
            (_rate(one.category, f"{one.rate:f}"), money(one.taxable, currency),
             money(one.tax, currency))
            for one in invoice.subtotals
        ],
        (50, 25, 25),
        right=(1, 2),
    )  # fmt: skip
    sums = (("Before VAT", invoice.net), ("VAT", invoice.tax), ("To be paid", invoice.gross))
    paper.rows(
        (),
        [(name, f"{money(amount, currency)} {currency}") for name, amount in sums],
        (70, 30),
        right=(1,),
        strong=(2,),
    )


def _rate(category: str, percent: str) -> str:
    return "reverse charge" if category == "AE" else f"{percent} %"


def _metadata(paper: Paper, author: str, invoice: Invoice) -> str:
    template = (files("pipelines.exports") / "facturx_xmp.txt").read_text(encoding="utf-8")
    return Template(template).substitute(
        title=escape(str(paper.title)),
        author=escape(author),
        created=f"{invoice.issued_on.isoformat()}T00:00:00Z",
    )
