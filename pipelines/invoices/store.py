"""Files of invoices, kept as received under the SHA-256 of their bytes, beside the landed pages."""

from pipelines.invoices.reading import MAX_BYTES
from pipelines.landing.files import Files
from pipelines.landing.objects import ObjectStore

_FOLDER = "invoices"


def invoice_store(landing: Files) -> ObjectStore:
    """Return the store of a home's landing."""
    return ObjectStore(landing.below(_FOLDER))


def kept_file(landing: Files, sha256: str) -> bytes:
    """Return a file as received.

    Raises:
        LandingError: it is missing, or was changed on disk.
    """
    return invoice_store(landing).read(sha256, max_bytes=MAX_BYTES)
