"""From the wire to canonical rows: OCPI 2.1.1, 2.2, 2.2.1 and 2.3.0.

`decode_objects` takes raw JSON objects as a partner sent them and gives frames in the
columns of `models.tables`, with every repair recorded and every bad object quarantined.
`canonical_tariff` and `decode_cdr_json` do the same for single objects.
"""

from models.wire.contract import Decoded, PageContext
from models.wire.decode import decode_cdr_json, decode_objects, decode_pages
from models.wire.tariffs import CanonicalTariff, canonical_tariff
from models.wire.versions import detect_version

__all__ = [
    "CanonicalTariff",
    "Decoded",
    "PageContext",
    "canonical_tariff",
    "decode_cdr_json",
    "decode_objects",
    "decode_pages",
    "detect_version",
]
