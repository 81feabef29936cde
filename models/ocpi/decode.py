"""From raw objects of a page to finished frames: the door of this package."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from models.ocpi.decoded import Decoded, DecodedObject, PageContext, PageOrigins, stated_id
from models.ocpi.fields import detect_version
from models.ocpi.json.parse import TOO_DEEP, parse_object
from models.ocpi.lenient.cdrs import read_cdr
from models.ocpi.lenient.locations import read_location
from models.ocpi.lenient.rows import read_hub_client, read_invoice, read_session, read_token
from models.ocpi.lenient.tariffs import canonical_tariff
from models.ocpi.modules import MODULES
from models.ocpi.page_rows import PageRows
from models.ocpi.row_memory import RowMemory
from models.ocpi.strict.cdrs import decode_cdrs, decode_sessions
from models.ocpi.strict.columns import StrictRows

_Objects = Sequence[bytes | msgspec.Raw]
_StrictDecoder = Callable[[_Objects, str, PageOrigins], StrictRows]
_Reader = Callable[[dict[str, Any], str, PageContext, DecodedObject], None]


def decode_pages(
    pages: Sequence[tuple[_Objects, PageContext]], memory: RowMemory | None = None
) -> Decoded:
    """Decode pages of one list at once into frames of what the module can fill, in their order.

    A page costs some milliseconds whatever is on it, so that small pages are quicker together.

    An object is refused, to `core.quarantine` with all its reasons, only where core could not
    hold it: it is no JSON object; it has no id (uid of a token, role of a hub client); its owner
    cannot be told; a CDR has no start, end or currency; a session has no usable status; a tariff
    has no currency; an invoice record names no invoice; a hub client has no status. A bad EVSE
    or connector is refused alone. Every other fault is a deviation, and what cannot be repaired
    is unknown.

    Args:
        pages: the raw JSON objects of each page and where it came from; at least one page, and
            their contexts differ in nothing but `page_id` and `fetched_at`.
        memory: objects that came before; not of a module with a strict decoder.
    """
    objects = [raw for page, _ in pages for raw in page]
    context = pages[0][1]
    context = replace(context, pseudonym=_Pseudonyms(context.pseudonym).__getitem__)
    contexts = [context, *(other for _, other in pages[1:])]
    origins = PageOrigins(contexts, [len(page) for page, _ in pages])
    rows = PageRows(origins, MODULES[context.module].tables)
    done: frozenset[int] = frozenset()
    if memory is not None:
        partial_rows, done = memory.find(objects)
        rows.take_frames(partial_rows, [])
    strict = _STRICT.get(context.module)
    if strict is not None and context.version in _STRICT_VERSIONS:
        with suppress(RecursionError):  # one object nested beyond reason: all go the lenient way
            found = strict(objects, context.version, origins)
            rows.take_frames(found.partial_rows, found.embedded)
            done = found.objects
    for index, raw in enumerate(objects):
        if index not in done:
            _decode_one(index, raw, context, rows)
    return rows.decoded(memory)


class _Pseudonyms(dict[str, str]):
    """Pseudonyms of one batch, each made once."""

    def __init__(self, pseudonym: Callable[[str], str]) -> None:
        super().__init__()
        self._pseudonym = pseudonym

    def __missing__(self, person: str) -> str:
        hidden = self[person] = self._pseudonym(person)
        return hidden


def _decode_one(index: int, raw: bytes | msgspec.Raw, context: PageContext, rows: PageRows) -> None:
    decoded = DecodedObject()
    tree = parse_object(raw, decoded.issues)
    if tree is None:
        rows.unreadable(index, raw, decoded.issues.reasons)
        return
    version = context.version or detect_version(tree)
    try:
        READERS[context.module](tree, version, context, decoded)
        rows.take(index, tree, decoded, _object_id(tree, context))
    except RecursionError:
        rows.unreadable(index, raw, [TOO_DEEP])


def _object_id(tree: dict[str, Any], context: PageContext) -> str | None:
    if context.module != "tokens":
        return stated_id(tree, "id")
    uid = stated_id(tree, "uid")
    return None if uid is None else context.pseudonym(uid)


def _read_tariff(
    tree: dict[str, Any], version: str, context: PageContext, decoded: DecodedObject
) -> None:
    tariff = canonical_tariff(tree, version, context.own_party)
    decoded.issues.deviations.extend(tariff.deviations)
    decoded.issues.reasons.extend(tariff.reasons)
    decoded.identify(tariff.fields, tariff.fields["id"])
    decoded.add("core.tariffs", tariff.row)


_STRICT: dict[str, _StrictDecoder] = {"cdrs": decode_cdrs, "sessions": decode_sessions}
_STRICT_VERSIONS = frozenset({"2.2", "2.2-d2", "2.2.1", "2.3.0"})
READERS: dict[str, _Reader] = {
    "locations": read_location,
    "tariffs": _read_tariff,
    "sessions": read_session,
    "cdrs": read_cdr,
    "tokens": read_token,
    "hubclientinfo": read_hub_client,
    "invoicereconciliation": read_invoice,
}
