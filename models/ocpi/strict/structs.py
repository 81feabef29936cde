"""Strict msgspec types of wire objects, made from the field maps.

Numbers stay raw JSON, so that their exact text survives. Words of an enumeration are literals,
which a page of many thousands shares. `gc=False` because nothing here can form a cycle.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

from models.ocpi.field_kinds import ALPHA2, ALPHA3, FLAG, JSON, Enum, Kind, Number
from models.ocpi.fields import Field, Need
from models.ocpi.lenient.cdrs import COLUMN_OF
from models.ocpi.values.countries import ALPHA2_OF, ALPHA3_OF

NOTHING = Raw(b"")
Member = tuple[str, Any] | tuple[str, Any, Any]
_NEVER = Literal["\0"]
"""The type of a member that must not be there: no value is read as it but a default."""


class Dimension(Struct, gc=False):
    """CdrDimension."""

    type: Literal[tuple(COLUMN_OF)]  # type: ignore[valid-type]  # words from a table, not typed out
    volume: Raw


class Period(Struct, gc=False):
    """ChargingPeriod."""

    start_date_time: str
    dimensions: list[Dimension]
    tariff_id: str | None = None


class Coordinates(Struct, gc=False):
    """GeoLocation."""

    latitude: str
    longitude: str


class Price22(Struct, gc=False, forbid_unknown_fields=True):
    """Price of 2.2 and 2.2.1."""

    excl_vat: Raw
    incl_vat: Raw = NOTHING


class Price23(Struct, gc=False, forbid_unknown_fields=True):
    """Price of 2.3.0; its taxes are decoded apart, because they are also kept as JSON."""

    before_taxes: Raw
    taxes: Raw = NOTHING


class Tax(Struct, gc=False):
    """TaxAmount."""

    amount: Raw


def struct_of(name: str, fields: Iterable[Field], *members: Member) -> type[Struct]:
    """Return a strict type for the objects that a field map describes.

    A field that the map can do without may be absent or null; any other must be there. Other
    names of an optional field (`Field.also`) may not be there.

    Args:
        name: the name of the type.
        fields: the map; paths of one or two steps.
        members: further members, whose path may be dotted too.
    """
    inner: dict[str, list[Member]] = {}
    outer: list[Member] = []
    for path, *typed in (*map(_member, fields), *_traps(fields), *members):
        group, _, last = path.rpartition(".")
        (inner.setdefault(group, []) if group else outer).append((last, *typed))
    groups: list[Member] = [(g, _define(f"{name}_{g}", own)) for g, own in inner.items()]
    return _define(name, [*outer, *groups])


def absent(path: str) -> Member:
    """Return a member that no object may have."""
    return (path, _NEVER, None)


def _define(name: str, members: list[Member]) -> type[Struct]:
    return msgspec.defstruct(name, members, gc=False, kw_only=True)


def _member(f: Field) -> Member:
    base = _type_of(f.kind)
    if f.need is not Need.OPTIONAL:
        return (f.path, base)
    return (f.path, Raw, NOTHING) if base is Raw else (f.path, base | None, None)


def _type_of(kind: Kind) -> Any:
    if isinstance(kind, Number) or kind is JSON:
        return Raw
    if kind is FLAG:
        return bool
    if isinstance(kind, Enum):
        return Literal[kind.vocabulary.values]
    if kind is ALPHA2:
        return Literal[tuple(ALPHA3_OF)]
    if kind is ALPHA3:
        return Literal[tuple(ALPHA2_OF)]
    return str


def _traps(fields: Iterable[Field]) -> list[Member]:
    return [
        absent(".".join([*f.path.split(".")[:-1], other]))
        for f in fields
        if f.need is Need.OPTIONAL
        for other in f.also
    ]
