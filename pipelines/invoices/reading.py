"""Reading an invoice from the files that it was taken in with."""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from models.settle.imports import ImportedFile, InvoiceImport
from models.settle.received import (
    ReceivedInvoice,
    TaxAmount,
    UnreadableInvoice,
    amount_of,
    day_of,
    lines_frame,
    rate_of,
    turned_lines,
)
from pipelines.invoices.annex import annex_lines
from pipelines.invoices.cii import ROOT, read_cii
from pipelines.invoices.sheet import read_sheet
from pipelines.invoices.ubl import ROOTS, read_ubl
from pipelines.invoices.xml_source import root_tag

MAX_BYTES = 256 << 20
SHEETS = ("csv", "xlsx")


def format_of(data: bytes) -> str:
    """Return what a file is, by its content: ubl, cii, pdf, xlsx or csv.

    Raises:
        UnreadableInvoice: it is too large, empty, or XML of another kind.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableInvoice(f"the file is larger than {MAX_BYTES >> 20} MiB")
    start = data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t\x00")
    if not start:
        raise UnreadableInvoice("the file is empty")
    if start.startswith(b"%PDF"):
        return "pdf"
    if start.startswith(b"PK"):
        return "xlsx"
    return _xml_format(data) if start.startswith(b"<") else "csv"


def _xml_format(data: bytes) -> str:
    tag = root_tag(data)
    if tag in ROOTS:
        return "ubl"
    if tag == ROOT:
        return "cii"
    raise UnreadableInvoice(f"XML, but neither UBL 2.1 nor CII: its root is {tag[:100]}")


def read_document(data: bytes, kind: str) -> ReceivedInvoice:
    """Read an invoice document, its amounts as it states them.

    Raises:
        UnreadableInvoice: it cannot be read; the message says why.
    """
    if kind == "pdf":
        data = attached_invoice(data)
        kind = _xml_format(data)
    return read_ubl(data) if kind == "ubl" else read_cii(data)


def read_import(one: InvoiceImport, body: Callable[[str], bytes]) -> ReceivedInvoice:
    """Read an invoice as it was taken in, amounts of credit notes below zero.

    `body`: SHA-256 → the file as received.

    Raises:
        UnreadableInvoice: a file cannot be read any more.
    """
    documents = [file for file in one.files if file.format not in SHEETS]
    lines = _annexed(one.files, body)
    if one.head is not None:
        return typed_invoice(one.number, one.head, lines).signed()
    document = read_document(body(documents[0].sha256), documents[0].format)
    if lines is None:
        return document.signed()
    # The annex lists what the lines of the document sum up.
    return replace(document, lines=_on_its_side(lines, document.total_excl_vat)).signed()


def _on_its_side(lines: pl.DataFrame, total: Decimal) -> pl.DataFrame:
    """Return the rows of an annex with the sign of their total; some list credits below zero."""
    listed = sum(lines["amount_excl_vat"], Decimal())
    return turned_lines(lines) if listed * total < 0 else lines


def _annexed(files: Iterable[ImportedFile], body: Callable[[str], bytes]) -> pl.DataFrame | None:
    """Return the rows of all annexes; None: there is none."""
    parts = [
        annex_lines(read_sheet(body(file.sha256), file.format), file.columns)
        for file in files
        if file.format in SHEETS
    ]
    if not parts:
        return None
    numbers = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("line_number")
    return pl.concat(parts).with_columns(numbers)


def typed_invoice(
    number: str, head: Mapping[str, str], lines: pl.DataFrame | None
) -> ReceivedInvoice:
    """Return an invoice that was typed in, amounts as they stand on it.

    Args:
        number: of the invoice.
        head: type_code, issued_on, due_on, period_from, period_to, currency, net, gross, corrects,
            and taxes as a JSON list of rate and tax; all but the first three are optional.
        lines: its annex; None: its amounts by rate are its lines.

    Raises:
        UnreadableInvoice: a value cannot be read, or no amount is known.
    """
    taxes = [
        (rate_of(rate), amount_of(tax, "--vat"))
        for rate, tax in json.loads(head.get("taxes", "[]"))
    ]
    net = amount_of(head["net"], "--net") if "net" in head else None
    if net is None and lines is not None:
        net = sum(lines["amount_excl_vat"], Decimal())
    if net is None:
        raise UnreadableInvoice("an invoice that is typed in needs its amount: --net")
    single = lines_frame([{"amount_excl_vat": net, "vat_rate": taxes[0][0] if taxes else None}])
    days: dict[str, Any] = {name: day_of(head[name], name) for name in _DAYS if name in head}
    gross = head.get("gross")
    tax = sum((tax for _, tax in taxes), Decimal()) if taxes else None
    typed = ReceivedInvoice(
        number=number,
        type_code=head.get("type_code", "380"),
        currency=head["currency"],
        total_excl_vat=net,
        lines=_on_its_side(lines, net) if lines is not None else single,
        total_vat=tax,
        total_incl_vat=amount_of(gross, "--gross") if gross else None,
        corrects=tuple(filter(None, (head.get("corrects"),))),
        taxes=tuple(
            TaxAmount("S" if rate else "Z", rate, _taxable(net, rate, tax, len(taxes)), tax)
            for rate, tax in taxes
        ),
        **days,
    )
    # A credit note takes off, on whichever side of zero its amounts were typed.
    return typed.signed() if net < 0 else typed


_DAYS = ("issued_on", "due_on", "period_from", "period_to")


def _taxable(net: Decimal, rate: Decimal, tax: Decimal, rates: int) -> Decimal:
    """Return the base of a typed tax: all of the net where there is one rate."""
    if rates == 1 or not rate:
        return net
    return (tax * 100 / rate).quantize(Decimal("0.01"))


_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
_MAX_BYTES = 64 << 20


def attached_invoice(data: bytes) -> bytes:
    """Return the XML that the PDF carries.

    Raises:
        UnreadableInvoice: it is no PDF that can be read, or carries no invoice.
    """
    try:
        attachments = {
            str(one.name).lower(): one for one in PdfReader(io.BytesIO(data)).attachment_list
        }
        named = [attachments[name] for name in _NAMES if name in attachments]
        content = named[0].content if named else None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableInvoice(f"no PDF that can be read: {str(error)[:200]}") from None
    if content is None:
        raise UnreadableInvoice(
            "the PDF carries no invoice (factur-x.xml); ask for the XML, or type the invoice in "
            "and take its list of CDRs in as CSV or XLSX"
        )
    if len(content) > _MAX_BYTES:
        raise UnreadableInvoice(f"its attachment is larger than {_MAX_BYTES >> 20} MiB")
    return content
