"""Clean CDRs of a batch as far as their price needs them (OCPI mod_cdrs).

Most of a CDR says nothing about its price: here it is skipped, unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

import msgspec
import polars as pl
from msgspec import Raw

from models.ocpi.hashing import OBJECT
from models.ocpi.lenient.cdrs import PARTS
from models.ocpi.lenient.tariffs import CanonicalTariff
from models.ocpi.maps import CDR
from models.ocpi.strict.batch import CLEAN, OWNER, Columns, decode_strictly, objects_column
from models.ocpi.strict.cdrs import FLAGS, PRICES, read_tariffs
from models.ocpi.strict.periods import clean_owners, period_columns
from models.ocpi.strict.prices import add_prices, price_of
from models.ocpi.strict.structs import NOTHING, Period, struct_of

#: What only another version has, beside what `price_of` refuses (see `version_detection`).
_OTHER_VERSIONS = (
    *("auth_id", "evses", "invoice_id", "location", "max_price", "min_price", "parking_places"),
    *("start_datetime", "stop_date_time", "tax_included"),
)
_VERSIONS = ("2.2.1", "2.3.0")
_NEVER = Literal["\0"]
"""The type of a member that must not be there: no value is read as it but a default."""


class _Tariff(msgspec.Struct, gc=False):
    tax_included: Raw = NOTHING


_TARIFFS = msgspec.json.Decoder(list[_Tariff])


@dataclass(frozen=True)
class PriceableRows:
    """The CDRs of a batch that could be read.

    Args:
        cdrs: the columns asked for, and `_object`, the place of the object in its batch.
        periods: their charging periods in the same way.
        tariffs: object → the tariffs embedded in it.
    """

    cdrs: pl.DataFrame
    periods: pl.DataFrame
    tariffs: dict[int, tuple[CanonicalTariff, ...]]


def read_clean(
    raws: Sequence[bytes | Raw],
    cdr_schema: dict[str, pl.DataType],
    period_schema: dict[str, pl.DataType],
) -> list[PriceableRows]:
    """Read the clean CDRs of 2.2, 2.2.1 and 2.3.0; the others are left over.

    Args:
        raws: the objects.
        cdr_schema: the columns of `core.cdrs` that are wanted, and `_object`.
        period_schema: the columns of `core.charging_periods` that are wanted, and `_object`.
    """
    found: list[PriceableRows] = []
    places = list(range(len(raws)))
    for version in _VERSIONS:
        if not places:
            break
        values, fitting = decode_strictly([raws[place] for place in places], _decoder(version))
        if not values:
            continue
        objects = [places[at] for at in fitting]
        rows = _rows(values, objects, version, cdr_schema, period_schema)
        found.append(rows)
        places = [place for place in places if place not in rows.tariffs]
    return found


@cache
def _fields() -> tuple[Any, ...]:
    names = {"id", "start_at", "end_at", "currency", "country", *FLAGS}
    totals = {"total_energy_kwh", "total_time_h", "total_parking_time_h"}
    return (*OWNER, *(f for f in CDR if f.column in names | totals))


@cache
def _decoder(version: str) -> msgspec.json.Decoder[Any]:
    price = price_of(version)
    fields = _fields()
    others = _OTHER_VERSIONS if version == _VERSIONS[0] else ()
    return msgspec.json.Decoder(
        struct_of(
            "PriceableCdr",
            fields,
            ("total_cost", price),
            *((part, price | None, None) for part in PARTS),
            ("charging_periods", list[Period]),
            ("tariffs", Raw, NOTHING),
            *((name, _NEVER, None) for name in others),
        )
    )


def _rows(
    values: list[Any],
    objects: list[int],
    version: str,
    cdr_schema: dict[str, pl.DataType],
    period_schema: dict[str, pl.DataType],
) -> PriceableRows:
    columns = Columns({OBJECT: objects_column(objects)})
    columns.add_fields(_fields(), values)
    add_prices(columns, PRICES, values)
    lists = [value.charging_periods for value in values]
    columns.raw["period_count"] = pl.Series("period_count", list(map(len, lists)), dtype=pl.Int64)
    for flag in FLAGS:
        known = pl.col(flag) if flag in columns.raw else pl.lit(None, dtype=pl.Boolean)
        columns.values[flag] = known.fill_null(value=False)
    period_rows = period_columns(lists)
    period_rows.values[OBJECT] = pl.lit(columns.raw[OBJECT]).gather(pl.col("_owner"))
    periods = period_rows.select(period_schema)
    columns.add_condition("_periods", pl.Series(clean_owners(periods, lists)))
    tariffs = [
        read_tariffs(value.tariffs, version, value.country_code, value.party_id) for value in values
    ]
    columns.add_condition("_tariffs", [own.usable for own in tariffs])
    if version == _VERSIONS[0]:
        are_old = [
            own.usable and _is_old(bytes(value.tariffs))
            for own, value in zip(tariffs, values, strict=True)
        ]
        columns.add_condition("_version", are_old)
    cdrs = columns.select(cdr_schema)
    if not cdrs.get_column(CLEAN).all():
        cdrs = cdrs.filter(CLEAN)
        periods = periods.filter(pl.col(OBJECT).is_in(cdrs.get_column(OBJECT).implode()))
    own = dict(zip(objects, tariffs, strict=True))
    clean = {index: own[index].tariffs for index in cdrs.get_column(OBJECT)}
    return PriceableRows(cdrs.drop(CLEAN), periods.drop(CLEAN), clean)


@lru_cache(maxsize=4096)
def _is_old(tariffs: bytes) -> bool:
    """Tell whether embedded tariffs do not make a CDR one of 2.3.0."""
    first = _TARIFFS.decode(tariffs)[:1] if tariffs not in (b"", b"null") else []
    return not any(tariff.tax_included is not NOTHING for tariff in first)
