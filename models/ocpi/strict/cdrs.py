"""Clean CDRs of 2.2, 2.2.1 and 2.3.0, a batch at a time (OCPI mod_cdrs)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec
import polars as pl
from msgspec import Raw

from models.ocpi.decoded_object import EmbeddedTariff
from models.ocpi.frames import draft_columns
from models.ocpi.hashing import OBJECT
from models.ocpi.lenient.cdrs import PARTS, PEOPLE, is_identified
from models.ocpi.lenient.tariffs import CanonicalTariff, interned_tariff
from models.ocpi.maps import CDR
from models.ocpi.page_origins import PageOrigins
from models.ocpi.strict.batch import (
    CLEAN,
    OWNER,
    Columns,
    StrictRows,
    decode_strictly,
    objects_column,
    only_clean,
)
from models.ocpi.strict.parts import Parts
from models.ocpi.strict.periods import clean_owners, period_frame
from models.ocpi.strict.places import LATITUDE, LONGITUDE, add_places
from models.ocpi.strict.prices import add_prices, add_taxes, price_of
from models.ocpi.strict.structs import NOTHING, Coordinates, Period, struct_of
from models.tables import BY_NAME

_TOKEN, _LOCATION = "cdr_token", "cdr_location"
_FIELDS = (*OWNER, *(f for f in CDR if f.path.split(".")[0] not in (_TOKEN, _LOCATION)))
PRICES = ("total_cost", *PARTS)
FLAGS = ("credit", "home_charging_compensation")
_TARIFFS = msgspec.json.Decoder(list[Raw] | None)
_REMEMBERED = 4096
_LARGEST_REMEMBERED = 64 * 1024


class _Tariffs(NamedTuple):
    """What the `tariffs` of a CDR say: their hashes joined, null where it has none."""

    tariffs: tuple[CanonicalTariff, ...]
    hashes: str | None
    usable: bool


@cache
def _decoder(version: str) -> msgspec.json.Decoder[Any]:
    price = price_of(version)
    struct = struct_of(
        "Cdr",
        _FIELDS,
        ("total_cost", price),
        *((part, price | None, None) for part in PARTS),
        (_TOKEN, Raw),
        (_LOCATION, Raw),
        ("charging_periods", list[Period]),
        ("tariffs", Raw, NOTHING),
    )
    return msgspec.json.Decoder(struct)


@cache
def _parts() -> tuple[Parts, Parts]:
    """Return what tokens and locations of CDRs say, in every version that is decoded strictly."""
    schema = draft_columns(BY_NAME["core.cdrs"])
    token = {f.column: schema[f.column] for f in CDR if f.path.startswith(f"{_TOKEN}.")}
    place = {f.column: schema[f.column] for f in CDR if f.path.startswith(f"{_LOCATION}.")}
    place |= {name: schema[name] for name in (LATITUDE, LONGITUDE)}
    coordinates = ("coordinates", Coordinates)
    return Parts(_TOKEN, CDR, token), Parts(_LOCATION, CDR, place, [coordinates], _add_places)


def _add_places(columns: Columns, locations: Sequence[Any]) -> None:
    add_places(columns, [location.coordinates for location in locations])


def decode_cdrs(raws: Sequence[bytes | Raw], version: str, origins: PageOrigins) -> StrictRows:
    """Decode the clean CDRs of a batch; the others are left over for the lenient reader."""
    values, objects = decode_strictly(raws, _decoder(version))
    if not values:
        return StrictRows({}, frozenset(), [])
    columns = _columns(values, objects, version, origins)
    lists = [value.charging_periods for value in values]
    periods = period_frame(lists, columns.raw)
    columns.add_condition("_periods", pl.Series(clean_owners(periods, lists)))
    tariffs = [
        read_tariffs(value.tariffs, version, value.country_code, value.party_id) for value in values
    ]
    columns.raw["tariff_hashes"] = _hashes(tariffs)
    columns.add_condition("_tariffs", [own.usable for own in tariffs])
    cdrs = columns.frame("core.cdrs")
    if cdrs.get_column(CLEAN).all():
        clean = frozenset(objects)
    else:
        clean = frozenset(cdrs.filter(CLEAN).get_column(OBJECT).to_list())
        periods = periods.filter(pl.col(OBJECT).is_in(list(clean)))
    partial_rows = {"core.cdrs": only_clean(cdrs), "core.charging_periods": periods.drop(CLEAN)}
    return StrictRows(partial_rows, clean, _embedded(values, objects, clean, tariffs, origins))


def _columns(values: list[Any], objects: list[int], version: str, origins: PageOrigins) -> Columns:
    """Return the columns of the CDRs but for their periods and tariffs."""
    columns = Columns({OBJECT: objects_column(objects)})
    columns.add_fields(_FIELDS, values)
    add_prices(columns, PRICES, values)
    add_taxes(columns, "total_cost_taxes", [value.total_cost for value in values])
    token, location = _parts()
    columns.add_part(_TOKEN, token.rows([value.cdr_token for value in values]))
    columns.add_part(_LOCATION, location.rows([value.cdr_location for value in values]))
    counts = [len(value.charging_periods) for value in values]
    columns.raw["period_count"] = pl.Series("period_count", counts, dtype=pl.Int64)
    columns.values["ocpi_version"] = pl.lit(version)
    for flag in FLAGS:
        known = pl.col(flag) if flag in columns.raw else pl.lit(None, dtype=pl.Boolean)
        columns.values[flag] = known.fill_null(value=False)
    for person in PEOPLE:
        columns.hide(person, origins.context.pseudonym)
    return columns


def read_tariffs(sent: Raw, version: str, country_code: str, party_id: str) -> _Tariffs:
    """Read the tariffs embedded in a CDR of a party; the same text is read once."""
    raw = bytes(sent)
    read = _remembered if len(raw) <= _LARGEST_REMEMBERED else _read_tariffs
    return read(raw, version, country_code, party_id)


def _read_tariffs(raw: bytes, version: str, country_code: str, party_id: str) -> _Tariffs:
    try:
        raws = _TARIFFS.decode(raw) if raw else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Tariffs((), None, usable=False)
    if raws is None:
        return _Tariffs((), None, usable=True)
    owner = (country_code, party_id)
    tariffs = tuple(interned_tariff(bytes(one), version, owner) for one in raws)
    hashes = " ".join([tariff.content_hash for tariff in tariffs])
    return _Tariffs(tariffs, hashes, usable=all(map(_is_usable, tariffs)))


_remembered = lru_cache(maxsize=_REMEMBERED)(_read_tariffs)


def _hashes(tariffs: list[_Tariffs]) -> pl.Series:
    """Return the column of tariff hashes; splitting texts is far faster than taking in lists."""
    texts = [own.hashes for own in tariffs]
    split = pl.Series("tariff_hashes", texts, dtype=pl.String).str.split(" ")
    return split.list.filter(pl.element() != "") if "" in texts else split


def _is_usable(tariff: CanonicalTariff) -> bool:
    return is_identified(tariff) and tariff.fields["currency"] is not None


def _embedded(
    values: list[Any],
    objects: list[int],
    clean: frozenset[int],
    tariffs: list[_Tariffs],
    origins: PageOrigins,
) -> list[EmbeddedTariff]:
    """Return the first clean CDR of each page that shows each distinct tariff."""
    seen: set[int] = set()
    found: list[EmbeddedTariff] = []
    page_ends = 0
    for value, index, own in zip(values, objects, tariffs, strict=True):
        if index >= page_ends:
            page_ends = origins.end_of_page(index)
            seen.clear()
        if id(own) in seen or index not in clean:
            continue
        seen.add(id(own))
        key = (value.country_code, value.party_id, value.id)
        for i, tariff in enumerate(own.tariffs):
            if id(tariff) not in seen:
                seen.add(id(tariff))
                found.append(EmbeddedTariff(index, *key, f"tariffs[{i}]", tariff))
    return found
