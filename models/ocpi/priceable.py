"""CDRs of any version as far as their price needs them: from files, not from a partner's pages.

Most of a CDR says nothing about its price: of a clean one it is skipped, unread. What would be a
deviation is repaired here in the same way and not noted; identifiers of people are not read at all.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
import numpy as np
import polars as pl
from msgspec import Raw

from models.ocpi.decoded import DecodedObject, PageContext, stated_id
from models.ocpi.fields import OWNER, detect_version
from models.ocpi.frames import OBJECT, partial_frame
from models.ocpi.json.parse import NOT_JSON, TOO_DEEP, parse_object
from models.ocpi.lenient.cdrs import read_cdr
from models.ocpi.lenient.tariffs import CanonicalTariff
from models.ocpi.maps import CDR
from models.ocpi.strict.cdrs import (
    FLAGS,
    CdrMembers,
    cdr_decoder,
    only_clean_cdrs,
    price_columns,
)
from models.ocpi.strict.columns import decode_strictly
from models.ocpi.strict.structs import absent
from models.tables.charging import CDRS, CHARGING_PERIODS

CDR_COLUMNS = (
    *("country_code", "party_id", "id", "start_at", "end_at", "country", "time_zone", "currency"),
    *("period_count", "total_energy_kwh", "total_time_h", "total_parking_time_h"),
    *(column.name for column in CDRS.columns if column.name.endswith(("_excl_vat", "_incl_vat"))),
    *("credit", "home_charging_compensation", "connector_tariff_ids"),
)
_OF_NOBODY = {"partner", "country_code", "party_id", "cdr_id"}
PERIOD_COLUMNS = tuple(
    column.name for column in CHARGING_PERIODS.columns if column.name not in _OF_NOBODY
)
_SCHEMA = {**CDRS.polars_schema(), **CHARGING_PERIODS.polars_schema(), OBJECT: pl.Int64()}
_CDR_SCHEMA = {name: _SCHEMA[name] for name in (*CDR_COLUMNS, OBJECT)}
_PERIOD_SCHEMA = {name: _SCHEMA[name] for name in (*PERIOD_COLUMNS, OBJECT)}
_NULL = Raw(b"null")
_MEMBERS = msgspec.json.Decoder(dict[str, Raw])
_LIST = msgspec.json.Decoder(list[Raw] | None)
_CONTEXT = PageContext(
    partner="file",
    module="cdrs",
    version=None,
    page_id="file",
    fetched_at=datetime(1970, 1, 1, tzinfo=UTC),
    own_party=("ZZ", "ZZZ"),
    pseudonym=str,
)

#: What only another version has, beside what `price_of` refuses (see `fields.detect_version`).
_OTHER_VERSIONS = (
    *("auth_id", "evses", "invoice_id", "location", "max_price", "min_price", "parking_places"),
    *("start_datetime", "stop_date_time", "tax_included"),
)
_VERSIONS = ("2.2.1", "2.3.0")
_COLUMNS = {"id", "start_at", "end_at", "currency", "country", *FLAGS}
_COLUMNS |= {"total_energy_kwh", "total_time_h", "total_parking_time_h"}
_FIELDS = (*OWNER, *(f for f in CDR if f.column in _COLUMNS))


@dataclass(frozen=True)
class PriceableCdrs:
    """CDRs in the order in which they came."""

    cdrs: pl.DataFrame  # `CDR_COLUMNS` of `core.cdrs`
    # `PERIOD_COLUMNS` of `core.charging_periods`, and `cdr_row`: whose they are
    periods: pl.DataFrame
    tariffs: Sequence[tuple[CanonicalTariff, ...]]  # the tariffs embedded in each CDR, in order
    # for each object that is no usable CDR its id, where it has one, and why
    refused: Sequence[tuple[str | None, Sequence[str]]]


@dataclass(frozen=True)
class _Rows:
    """The CDRs that could be read, by the way they were read."""

    cdrs: pl.DataFrame  # `_CDR_SCHEMA`, with the place of each object
    periods: pl.DataFrame  # `_PERIOD_SCHEMA` in the same way
    tariffs: dict[int, tuple[CanonicalTariff, ...]]  # object → the tariffs embedded in it


def read_priceable(
    objects: Sequence[bytes], *, first: int = 0, version: str | None = None
) -> PriceableCdrs:
    """Read CDRs: what is clean all at once, the rest one by one.

    Args:
        objects: the CDRs as JSON; one without an id, and a tariff in it without one, get one.
        first: the place of the first of them, which names those without an id.
        version: their OCPI version; None: detected, object by object.
    """
    read: list[_Rows] = []
    if version is None:
        with suppress(RecursionError):  # one object nested beyond reason: all go the lenient way
            read = read_clean(objects)
    done = {place for rows in read for place in rows.tariffs}
    refused: list[tuple[str | None, Sequence[str]]] = []
    if len(done) < len(objects):
        left = [place for place in range(len(objects)) if place not in done]
        read.append(_read_leniently(objects, left, first, version, refused))
    return _in_order(read, refused)


def _in_order(read: list[_Rows], refused: list[tuple[str | None, Sequence[str]]]) -> PriceableCdrs:
    cdrs = pl.concat([rows.cdrs for rows in read])
    periods = pl.concat([rows.periods for rows in read])
    tariffs = {place: own for rows in read for place, own in rows.tariffs.items()}
    if len(read) > 1:
        cdrs, periods = cdrs.sort(OBJECT), periods.sort(OBJECT, maintain_order=True)
    places = cdrs.get_column(OBJECT).to_numpy()
    owners = np.searchsorted(places, periods.get_column(OBJECT).to_numpy())
    return PriceableCdrs(
        cdrs.drop(OBJECT),
        periods.drop(OBJECT).with_columns(pl.Series("cdr_row", owners, dtype=pl.Int64)),
        [tariffs[place] for place in places.tolist()],
        refused,
    )


def _read_leniently(
    objects: Sequence[bytes],
    places: Sequence[int],
    first: int,
    version: str | None,
    refused: list[tuple[str | None, Sequence[str]]],
) -> _Rows:
    """Read objects one by one; what cannot be used goes into `refused`."""
    cdrs: list[dict[str, Any]] = []
    good: list[int] = []
    periods: list[dict[str, Any]] = []
    owners: list[int] = []
    tariffs: dict[int, tuple[CanonicalTariff, ...]] = {}
    for place in places:
        decoded = DecodedObject()
        refusal = _read_one(_named(objects[place], first + place), version, decoded)
        if refusal is not None:
            refused.append(refusal)
            continue
        cdrs += decoded.rows[CDRS.name]
        good.append(place)
        own = decoded.rows.get(CHARGING_PERIODS.name, [])
        periods += own
        owners += [place] * len(own)
        tariffs[place] = tuple(tariff for _, tariff in decoded.embedded)
    return _Rows(
        partial_frame(CDRS.name, cdrs, good).select(*_CDR_SCHEMA),
        partial_frame(CHARGING_PERIODS.name, periods, owners).select(*_PERIOD_SCHEMA),
        tariffs,
    )


def _read_one(
    raw: bytes, version: str | None, decoded: DecodedObject
) -> tuple[str | None, Sequence[str]] | None:
    """Read one CDR into `decoded`; return its id and why it cannot be used, None: it can."""
    tree = parse_object(raw, decoded.issues)
    if tree is None:
        return None, decoded.issues.reasons
    try:
        read_cdr(tree, version or detect_version(tree), _CONTEXT, decoded)
    except RecursionError:
        return None, [TOO_DEEP]
    return (stated_id(tree, "id"), decoded.issues.reasons) if decoded.issues.reasons else None


def _named(raw: bytes, place: int) -> bytes:
    """Return an object, and the tariffs in it, with ids: a price needs none, but tables do."""
    try:
        members = _MEMBERS.decode(raw)
    except NOT_JSON:
        return raw
    missing: dict[str, Raw] = {}
    if members.get("id", _NULL) == _NULL:
        missing["id"] = Raw(msgspec.json.encode(f"#{place} (no id)"))
    with suppress(*NOT_JSON):
        tariffs = [bytes(one) for one in _LIST.decode(members.get("tariffs", _NULL)) or []]
        named = [_named(one, index) for index, one in enumerate(tariffs)]
        if named != tariffs:
            missing["tariffs"] = Raw(b"[" + b",".join(named) + b"]")
    return msgspec.json.encode({**members, **missing}) if missing else raw


def read_clean(raws: Sequence[bytes]) -> list[_Rows]:
    """Read the clean CDRs of 2.2, 2.2.1 and 2.3.0; the others are left over."""
    found: list[_Rows] = []
    places = list(range(len(raws)))
    for version in _VERSIONS:
        if not places:
            break
        members = CdrMembers(version, _FIELDS)
        left = [raws[place] for place in places]
        fitting = decode_strictly(left, _decoder(version), members.take)
        if not fitting:
            continue
        objects = [places[at] for at in fitting]
        rows = _clean_rows(members, objects, version)
        found.append(rows)
        places = [place for place in places if place not in rows.tariffs]
    return found


@cache
def _decoder(version: str) -> msgspec.json.Decoder[Any]:
    others = _OTHER_VERSIONS if version == _VERSIONS[0] else ()
    return cdr_decoder(version, _FIELDS, *map(absent, others))


def _clean_rows(members: CdrMembers, objects: list[int], version: str) -> _Rows:
    columns = price_columns(_FIELDS, members, objects)
    period_rows = members.periods.columns()
    period_rows.values[OBJECT] = pl.lit(columns.raw[OBJECT]).gather(pl.col("_owner"))
    periods = period_rows.select(_PERIOD_SCHEMA)
    columns.add_condition("_periods", pl.Series(members.periods.clean_owners(periods)))
    if version == _VERSIONS[0]:
        columns.add_condition("_version", [not own.tells_taxes for own in members.tariffs])
    cdrs, periods = only_clean_cdrs(columns.select(_CDR_SCHEMA), periods)
    own = dict(zip(objects, members.tariffs, strict=True))
    clean = {index: own[index].tariffs for index in cdrs.get_column(OBJECT).to_list()}
    return _Rows(cdrs, periods, clean)
