"""CDRs of any version as far as their price needs them: from files, not from a partner's pages.

What would be a deviation is repaired here in the same way and not noted; identifiers of people
are not read at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import polars as pl

from models.ocpi.decoded_object import DecodedObject, stated_id
from models.ocpi.decoded_page import PageContext
from models.ocpi.frames import partial_frame
from models.ocpi.hashing import OBJECT
from models.ocpi.json.parse import TOO_DEEP, parse_object
from models.ocpi.lenient.cdrs import read_cdr
from models.ocpi.lenient.tariffs import CanonicalTariff
from models.ocpi.strict.priceable import PriceableRows, read_clean
from models.ocpi.version_detection import detect_version
from models.tables import CDRS, CHARGING_PERIODS

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
_CDR_SCHEMA = {name: CDRS.polars_schema()[name] for name in CDR_COLUMNS}
_PERIOD_SCHEMA = {name: CHARGING_PERIODS.polars_schema()[name] for name in PERIOD_COLUMNS}
_PLACE = {OBJECT: pl.Int64()}
_NULL = msgspec.Raw(b"null")
_NOBODY = ("ZZ", "ZZZ")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw] | None)


@dataclass(frozen=True)
class PriceableCdrs:
    """CDRs in the order in which they came.

    Args:
        cdrs: `CDR_COLUMNS` of `core.cdrs`.
        periods: `PERIOD_COLUMNS` of `core.charging_periods`, and `cdr_row`: whose they are.
        tariffs: the tariffs embedded in each CDR, in order.
        refused: for each object that is no usable CDR its id, where it has one, and why.
    """

    cdrs: pl.DataFrame
    periods: pl.DataFrame
    tariffs: Sequence[tuple[CanonicalTariff, ...]]
    refused: Sequence[tuple[str | None, Sequence[str]]]


def read_priceable(
    objects: Sequence[bytes], *, first: int = 0, version: str | None = None
) -> PriceableCdrs:
    """Read CDRs: what is clean all at once, the rest one by one.

    Args:
        objects: the CDRs as JSON; one without an id, and a tariff in it without one, get one.
        first: the place of the first of them, which names those without an id.
        version: their OCPI version; None: detected, object by object.
    """
    read: list[PriceableRows] = []
    if version is None:
        with suppress(RecursionError):  # one object nested beyond reason: all go the lenient way
            read = read_clean(objects, {**_CDR_SCHEMA, **_PLACE}, {**_PERIOD_SCHEMA, **_PLACE})
    done = {place for rows in read for place in rows.tariffs}
    refused: list[tuple[str | None, Sequence[str]]] = []
    if len(done) < len(objects):
        left = [place for place in range(len(objects)) if place not in done]
        read.append(_read_leniently(objects, left, first, version, refused))
    return _in_order(read, refused)


def _in_order(
    read: list[PriceableRows], refused: list[tuple[str | None, Sequence[str]]]
) -> PriceableCdrs:
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
) -> PriceableRows:
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
    return PriceableRows(
        partial_frame(CDRS.name, cdrs, good).select(*_CDR_SCHEMA, OBJECT),
        partial_frame(CHARGING_PERIODS.name, periods, owners).select(*_PERIOD_SCHEMA, OBJECT),
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
    except (msgspec.DecodeError, RecursionError):
        return raw
    missing: dict[str, msgspec.Raw] = {}
    if members.get("id", _NULL) == _NULL:
        missing["id"] = msgspec.Raw(msgspec.json.encode(f"#{place} (no id)"))
    with suppress(msgspec.DecodeError):
        tariffs = [bytes(one) for one in _LIST.decode(members.get("tariffs", _NULL)) or []]
        named = [_named(one, index) for index, one in enumerate(tariffs)]
        if named != tariffs:
            missing["tariffs"] = msgspec.Raw(b"[" + b",".join(named) + b"]")
    return msgspec.json.encode({**members, **missing}) if missing else raw


_CONTEXT = PageContext(
    partner="file",
    module="cdrs",
    version=None,
    page_id="file",
    fetched_at=datetime(1970, 1, 1, tzinfo=UTC),
    own_party=_NOBODY,
    pseudonym=str,
)
