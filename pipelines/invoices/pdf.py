"""The invoice within a PDF: Factur-X, ZUGFeRD and XRechnung files carry it as an attachment."""

from __future__ import annotations

import io

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from models.settle.received import UnreadableInvoice

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
