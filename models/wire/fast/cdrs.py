"""Clean CDRs of 2.2, 2.2.1 and 2.3.0, a page at a time (OCPI mod_cdrs)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import polars as pl
from msgspec import Raw

from models.wire.cdrs import PARTS, PEOPLE, is_identified
from models.wire.contract import PageContext
from models.wire.fast.batch import (
    CLEAN,
    OWNER,
    Columns,
    FastRows,
    decode_strictly,
    objects_column,
    only_clean,
)
from models.wire.fast.periods import clean_owners, period_frame
from models.wire.fast.places import add_places
from models.wire.fast.prices import add_prices, add_taxes, price_of
from models.wire.fast.structs import Coordinates, Period, struct_of
from models.wire.hashing import OBJECT
from models.wire.maps import CDR
from models.wire.taken import Embedded
from models.wire.tariffs import CanonicalTariff, interned_tariff

_FIELDS = (*OWNER, *CDR)
_PRICES = ("total_cost", *PARTS)
_FLAGS = ("credit", "home_charging_compensation")
_Tariffs = list[list[CanonicalTariff] | None]


@cache
def _decoder(version: str) -> msgspec.json.Decoder[Any]:
    price = price_of(version)
    struct = struct_of(
        "Cdr",
        _FIELDS,
        ("total_cost", price),
        *((part, price | None, None) for part in PARTS),
        ("cdr_location.coordinates", Coordinates),
        ("charging_periods", list[Period]),
        ("tariffs", list[Raw] | None, None),
    )
    return msgspec.json.Decoder(struct)


def decode_cdrs(raws: Sequence[bytes | Raw], version: str, context: PageContext) -> FastRows:
    """Decode the clean CDRs of a page; the others are left over for the lenient reader."""
    values, objects = decode_strictly(raws, _decoder(version))
    if not values:
        return FastRows({}, frozenset(), [])
    columns = _columns(values, objects, version, context)
    lists = [value.charging_periods for value in values]
    periods = period_frame(lists, columns.raw)
    columns.add_condition("_periods", pl.Series(clean_owners(periods, lists)))
    tariffs = _tariffs(values, version)
    columns.raw["tariff_hashes"] = _hashes(tariffs)
    usable = [all([_is_usable(tariff) for tariff in own or ()]) for own in tariffs]
    columns.add_condition("_tariffs", usable)
    cdrs = columns.frame("core.cdrs")
    if cdrs.get_column(CLEAN).all():
        clean = frozenset(objects)
    else:
        clean = frozenset(cdrs.filter(CLEAN).get_column(OBJECT).to_list())
        periods = periods.filter(pl.col(OBJECT).is_in(list(clean)))
    drafts = {"core.cdrs": only_clean(cdrs), "core.charging_periods": periods.drop(CLEAN)}
    return FastRows(drafts, clean, _embedded(values, objects, clean, tariffs))


def _columns(values: list[Any], objects: list[int], version: str, context: PageContext) -> Columns:
    """The columns of the CDRs but for their periods and tariffs."""
    columns = Columns({OBJECT: objects_column(objects)})
    columns.add_fields(_FIELDS, values)
    add_prices(columns, _PRICES, values)
    add_taxes(columns, "total_cost_taxes", [value.total_cost for value in values])
    add_places(columns, [value.cdr_location.coordinates for value in values])
    counts = [len(value.charging_periods) for value in values]
    columns.raw["period_count"] = pl.Series("period_count", counts, dtype=pl.Int64)
    columns.values["ocpi_version"] = pl.lit(version)
    for flag in _FLAGS:
        known = pl.col(flag) if flag in columns.raw else pl.lit(None, dtype=pl.Boolean)
        columns.values[flag] = known.fill_null(value=False)
    for person in PEOPLE:
        columns.hide(person, context.pseudonym)
    return columns


def _tariffs(values: list[Any], version: str) -> _Tariffs:
    return [
        None
        if v.tariffs is None
        else [
            interned_tariff(bytes(raw), version, (v.country_code, v.party_id)) for raw in v.tariffs
        ]
        for v in values
    ]


def _hashes(tariffs: _Tariffs) -> pl.Series:
    """The column of tariff hashes; splitting texts is far faster than taking in lists."""
    texts = [None if own is None else " ".join([t.content_hash for t in own]) for own in tariffs]
    split = pl.Series("tariff_hashes", texts, dtype=pl.String).str.split(" ")
    return split.list.filter(pl.element() != "") if "" in texts else split


def _is_usable(tariff: CanonicalTariff) -> bool:
    return is_identified(tariff) and tariff.fields["currency"] is not None


def _embedded(
    values: list[Any], objects: list[int], clean: frozenset[int], tariffs: _Tariffs
) -> list[Embedded]:
    """The first clean CDR that shows each distinct tariff."""
    seen: set[int] = set()
    found: list[Embedded] = []
    for value, index, own in zip(values, objects, tariffs, strict=True):
        for i, tariff in enumerate(own or ()):
            if id(tariff) not in seen and index in clean:
                seen.add(id(tariff))
                key = (value.country_code, value.party_id, value.id)
                found.append(Embedded(index, *key, f"tariffs[{i}]", tariff))
    return found
