"""Clean sessions of 2.2, 2.2.1 and 2.3.0, a batch at a time (OCPI mod_sessions)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw

from models.ocpi.hashing import OBJECT
from models.ocpi.lenient.sessions import PEOPLE
from models.ocpi.maps import SESSION
from models.ocpi.page_origins import PageOrigins
from models.ocpi.strict.batch import (
    OWNER,
    Columns,
    StrictRows,
    decode_strictly,
    objects_column,
    only_clean,
)
from models.ocpi.strict.prices import add_prices, price_of
from models.ocpi.strict.structs import struct_of

_FIELDS = (*OWNER, *SESSION)


@cache
def _decoder(version: str) -> msgspec.json.Decoder[Any]:
    price = price_of(version)
    return msgspec.json.Decoder(struct_of("Session", _FIELDS, ("total_cost", price | None, None)))


def decode_sessions(raws: Sequence[bytes | Raw], version: str, origins: PageOrigins) -> StrictRows:
    """Decode the clean sessions of a batch; the others are left over for the lenient reader."""
    values, objects = decode_strictly(raws, _decoder(version))
    if not values:
        return StrictRows({}, frozenset(), [])
    columns = Columns({OBJECT: objects_column(objects)})
    columns.add_fields(_FIELDS, values)
    add_prices(columns, ("total_cost",), values)
    for person in PEOPLE:
        columns.hide(person, origins.context.pseudonym)
    sessions = only_clean(columns.frame("core.sessions"))
    objects = sessions.get_column(OBJECT).to_list()
    return StrictRows({"core.sessions": sessions}, frozenset(objects), [])
