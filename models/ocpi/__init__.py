"""From the wire to canonical rows: OCPI 2.1.1, 2.2, 2.2.1 and 2.3.0.

`decode_objects` takes raw JSON objects as a partner sent them and gives frames in the
columns of `models.tables`, with every repair recorded and every bad object quarantined.
`canonical_tariff` does the same for a single one.
"""

from typing import TYPE_CHECKING

from models.lazy_names import lazy_names

if TYPE_CHECKING:
    from models.ocpi.decode import decode_objects, decode_pages
    from models.ocpi.decoded_page import Decoded, PageContext
    from models.ocpi.lenient.tariffs import CanonicalTariff, canonical_tariff
    from models.ocpi.version_detection import detect_version

__all__ = [
    "CanonicalTariff",
    "Decoded",
    "PageContext",
    "canonical_tariff",
    "decode_objects",
    "decode_pages",
    "detect_version",
]

__getattr__ = lazy_names(
    __name__,
    {
        "models.ocpi.decode": "decode_objects decode_pages",
        "models.ocpi.decoded_page": "Decoded PageContext",
        "models.ocpi.lenient.tariffs": "CanonicalTariff canonical_tariff",
        "models.ocpi.version_detection": "detect_version",
    },
)
