"""Clean CDRs and sessions of 2.2, 2.2.1 and 2.3.0, a batch at a time (mod_cdrs, mod_sessions)."""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec
import polars as pl
from msgspec import Raw

from models.ocpi.decoded import EmbeddedTariff, Identity, PageOrigins
from models.ocpi.fields import OWNER, Field
from models.ocpi.frames import OBJECT, draft_columns
from models.ocpi.json.parse import NOT_JSON
from models.ocpi.lenient.cdrs import PARTS
from models.ocpi.lenient.rows import DRIVER
from models.ocpi.lenient.tariffs import CanonicalTariff, interned_tariff
from models.ocpi.maps import CDR, SESSION
from models.ocpi.strict.columns import (
    CLEAN,
    Columns,
    Members,
    StrictRows,
    decode_strictly,
    objects_column,
)
from models.ocpi.strict.parts import LATITUDE, LONGITUDE, Parts, add_places
from models.ocpi.strict.periods import Periods
from models.ocpi.strict.prices import add_prices, add_taxes, price_of
from models.ocpi.strict.structs import NOTHING, Coordinates, Member, Period, struct_of
from models.tables import BY_NAME

_TOKEN, _LOCATION = "cdr_token", "cdr_location"
_FIELDS = (*OWNER, *(f for f in CDR if f.path.split(".")[0] not in (_TOKEN, _LOCATION)))
_SESSION_FIELDS = (*OWNER, *SESSION)
FLAGS = ("credit", "home_charging_compensation")


class _Tariff(msgspec.Struct, gc=False):
    tax_included: Raw = NOTHING


_TARIFF = msgspec.json.Decoder(_Tariff)
_TARIFFS = msgspec.json.Decoder(list[Raw] | None)
_REMEMBERED = 4096
_LARGEST_REMEMBERED = 64 * 1024


class Tariffs(NamedTuple):
    """Tariffs embedded in one CDR, and their hashes joined; null where it has none."""

    tariffs: tuple[CanonicalTariff, ...]
    hashes: str | None
    usable: bool
    # whether the first says if taxes are included, as only one of 2.3.0 does
    tells_taxes: bool = False


def cdr_decoder(
    version: str, fields: Iterable[Field], *members: Member
) -> msgspec.json.Decoder[Any]:
    """Return a decoder of clean CDRs: of some fields, their amounts, periods and tariffs."""
    price = price_of(version)
    struct = struct_of(
        "Cdr",
        fields,
        ("total_cost", price),
        *((part, price | None, None) for part in PARTS),
        ("charging_periods", list[Period]),
        ("tariffs", Raw, NOTHING),
        *members,
    )
    return msgspec.json.Decoder(struct)


@cache
def _decoder(version: str) -> msgspec.json.Decoder[Any]:
    return cdr_decoder(version, _FIELDS, (_TOKEN, Raw), (_LOCATION, Raw))


@cache
def _parts() -> tuple[Parts, Parts]:
    """Return what tokens and locations of CDRs say, in every version that is decoded strictly."""
    schema = draft_columns(BY_NAME["core.cdrs"])
    token = {f.column: schema[f.column] for f in CDR if f.path.startswith(f"{_TOKEN}.")}
    place = {f.column: schema[f.column] for f in CDR if f.path.startswith(f"{_LOCATION}.")}
    place |= {name: schema[name] for name in (LATITUDE, LONGITUDE)}
    coordinates = ("coordinates", Coordinates)
    return Parts(_TOKEN, CDR, token), Parts(_LOCATION, CDR, place, [coordinates], add_places)


def decode_cdrs(raws: Sequence[bytes | Raw], version: str, origins: PageOrigins) -> StrictRows:
    """Decode the clean CDRs of a batch; the others are left over for the lenient reader."""
    members = CdrMembers(version, _FIELDS, _TOKEN, _LOCATION)
    objects = decode_strictly(raws, _decoder(version), members.take)
    if not objects:
        return StrictRows({}, frozenset(), [])
    columns = price_columns(_FIELDS, members, objects)
    _add_others(columns, members, version, origins)
    columns.raw["tariff_hashes"] = _hashes(members.tariffs)
    periods = members.periods.frame(columns.raw)
    columns.add_condition("_periods", pl.Series(members.periods.clean_owners(periods)))
    cdrs, periods = only_clean_cdrs(columns.frame("core.cdrs"), periods)
    clean = frozenset(cdrs.get_column(OBJECT).to_list())
    partial_rows = {"core.cdrs": cdrs, "core.charging_periods": periods}
    return StrictRows(partial_rows, clean, _embedded(members, objects, clean, origins))


class CdrMembers(Members):
    """Some fields of clean CDRs, their amounts, periods and tariffs, and other members."""

    def __init__(self, version: str, fields: Iterable[Field], *others: str) -> None:
        paths = (*(f.path for f in fields), "total_cost", *PARTS, *others)
        super().__init__({path: [] for path in paths})
        self._version = version
        self.periods = Periods()
        self.tariffs: list[Tariffs] = []

    def take(self, objects: Sequence[Any]) -> None:
        """Take the members of further CDRs."""
        super().take(objects)
        self.periods.take(objects)
        self.tariffs += [
            _tariffs_in(cdr.tariffs, self._version, cdr.country_code, cdr.party_id)
            for cdr in objects
        ]


def price_columns(fields: Sequence[Field], members: CdrMembers, objects: list[int]) -> Columns:
    """Return the columns of CDRs that their price needs, periods apart."""
    columns = Columns({OBJECT: objects_column(objects)})
    columns.add_fields(fields, members)
    add_prices(columns, ("total_cost", *PARTS), members)
    columns.raw["period_count"] = pl.Series("period_count", members.periods.counts, dtype=pl.Int64)
    for flag in FLAGS:
        known = pl.col(flag) if flag in columns.raw else pl.lit(None, dtype=pl.Boolean)
        columns.values[flag] = known.fill_null(value=False)
    columns.add_condition("_tariffs", [own.usable for own in members.tariffs])
    return columns


def only_clean_cdrs(cdrs: pl.DataFrame, periods: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the clean CDRs as partial rows, and their periods."""
    if not cdrs.get_column(CLEAN).all():
        cdrs = cdrs.filter(CLEAN)
        periods = periods.filter(pl.col(OBJECT).is_in(cdrs.get_column(OBJECT).implode()))
    return cdrs.drop(CLEAN), periods.drop(CLEAN)


def _add_others(columns: Columns, members: Members, version: str, origins: PageOrigins) -> None:
    """Add what says nothing about the price: place, token, taxes as stated."""
    add_taxes(columns, "total_cost_taxes", members["total_cost"])
    token, location = _parts()
    columns.add_part(_TOKEN, token.rows(members[_TOKEN]))
    columns.add_part(_LOCATION, location.rows(members[_LOCATION]))
    columns.values["ocpi_version"] = pl.lit(version)
    for person in DRIVER:
        columns.hide(person, origins.context.pseudonym)


def _tariffs_in(sent: Raw, version: str, country_code: str, party_id: str) -> Tariffs:
    """Read the tariffs embedded in a CDR of a party; the same text is read once."""
    raw = bytes(sent)
    read = _remembered if len(raw) <= _LARGEST_REMEMBERED else _read_tariffs
    return read(raw, version, country_code, party_id)


def _read_tariffs(raw: bytes, version: str, country_code: str, party_id: str) -> Tariffs:
    try:
        raws = _TARIFFS.decode(raw) if raw else None
    except NOT_JSON:
        return Tariffs((), None, usable=False)
    if raws is None:
        return Tariffs((), None, usable=True)
    owner = (country_code, party_id)
    tariffs = tuple(interned_tariff(bytes(one), version, owner) for one in raws)
    hashes = " ".join([tariff.content_hash for tariff in tariffs])
    usable = all(
        tariff.is_identified and tariff.fields["currency"] is not None for tariff in tariffs
    )
    first = _TARIFF.decode(raws[0]) if usable and raws else _Tariff()
    return Tariffs(tariffs, hashes, usable, tells_taxes=first.tax_included is not NOTHING)


_remembered = lru_cache(maxsize=_REMEMBERED)(_read_tariffs)


@cache
def _session_decoder(version: str) -> msgspec.json.Decoder[Any]:
    total_cost = ("total_cost", price_of(version) | None, None)
    return msgspec.json.Decoder(struct_of("Session", _SESSION_FIELDS, total_cost))


def decode_sessions(raws: Sequence[bytes | Raw], version: str, origins: PageOrigins) -> StrictRows:
    """Decode the clean sessions of a batch; the others are left over for the lenient reader."""
    members = Members({path: [] for path in (*(f.path for f in _SESSION_FIELDS), "total_cost")})
    objects = decode_strictly(raws, _session_decoder(version), members.take)
    if not objects:
        return StrictRows({}, frozenset(), [])
    columns = Columns({OBJECT: objects_column(objects)})
    columns.add_fields(_SESSION_FIELDS, members)
    add_prices(columns, ("total_cost",), members)
    for person in DRIVER:
        columns.hide(person, origins.context.pseudonym)
    sessions = columns.frame("core.sessions").filter(CLEAN).drop(CLEAN)
    return StrictRows({"core.sessions": sessions}, frozenset(sessions.get_column(OBJECT)), [])


def _hashes(tariffs: list[Tariffs]) -> pl.Series:
    """Return the column of tariff hashes; splitting texts is far faster than taking in lists."""
    texts = [own.hashes for own in tariffs]
    split = pl.Series("tariff_hashes", texts, dtype=pl.String).str.split(" ")
    return split.list.filter(pl.element() != "") if "" in texts else split


def _embedded(
    members: CdrMembers,
    objects: list[int],
    clean: frozenset[int],
    origins: PageOrigins,
) -> list[EmbeddedTariff]:
    """Return the first clean CDR of each page that shows each distinct tariff."""
    seen: set[int] = set()
    found: list[EmbeddedTariff] = []
    page_ends = 0
    identities = map(Identity, *(members[path] for path in ("country_code", "party_id", "id")))
    for identity, index, own in zip(identities, objects, members.tariffs, strict=True):
        if index >= page_ends:
            page_ends = origins.end_of_page(index)
            seen.clear()
        if id(own) in seen or index not in clean:
            continue
        seen.add(id(own))
        for i, tariff in enumerate(own.tariffs):
            if id(tariff) not in seen:
                seen.add(id(tariff))
                found.append(EmbeddedTariff(index, identity, f"tariffs[{i}]", tariff))
    return found
