"""A tariff of any version as one canonical object in 2.3.0 names (OCPI Tariff).

The canonical object keeps everything the partner said, unknown members too, in one spelling:
exact numbers, enums in upper case, limits as `before_taxes` / `after_taxes`, null and empty
members dropped. Its hash, without `last_updated`, names the content.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from models.ocpi.field_kinds import Enum
from models.ocpi.fields import read_fields, read_owner
from models.ocpi.issues import Deviation, Issues
from models.ocpi.json.canonical import (
    LAST_UPDATED,
    canonical,
    canonical_number,
    canonical_text,
    digest,
)
from models.ocpi.json.parse import parse_object
from models.ocpi.lenient.prices import put_price
from models.ocpi.lenient.restrictions import read_restrictions, says_nothing, take_restrictions
from models.ocpi.maps import TARIFF
from models.ocpi.values import enumerations as words
from models.ocpi.values.numbers import read_decimal

_TAX_INCLUDED = Enum(words.TAX_INCLUDED)
_DIMENSION = Enum(words.TARIFF_DIMENSION)
_REMEMBERED = 2_048
_LARGEST_REMEMBERED = 16 * 1024
_LIMITS = ("min_price", "max_price")


@dataclass(frozen=True)
class CanonicalTariff:
    """One tariff in canonical form."""

    json_text: str  # the whole object in 2.3.0 names, canonical JSON
    content_hash: str  # 32 hex digits naming the content without `last_updated`
    fields: dict[str, Any]  # values of the columns of `core.tariffs` that come from the object
    deviations: tuple[Deviation, ...]  # what was repaired
    reasons: tuple[str, ...]  # why it cannot be taken in as a tariff of its own; empty: it can

    @property
    def row(self) -> dict[str, Any]:
        """Its columns of `core.tariffs` or `core.embedded_tariffs`."""
        return {**self.fields, "tariff": self.json_text, "content_hash": self.content_hash}

    @property
    def is_identified(self) -> bool:
        """Tell whether it has what `core.embedded_tariffs` needs, the currency apart."""
        return all(self.fields.get(name) for name in ("country_code", "party_id", "id"))


def canonical_tariff(
    raw: bytes | msgspec.Raw | dict[str, Any], version: str, own_party: tuple[str, str] = ("", "")
) -> CanonicalTariff:
    """Read one OCPI Tariff of any version; where there are `reasons`, what could be read of it.

    Args:
        raw: the object as JSON bytes, or already parsed by `models.ocpi.json.parse`.
        version: its OCPI version.
        own_party: `(country_code, party_id)` to assume where it names no owner.
    """
    issues = Issues()
    tree = raw if isinstance(raw, dict) else parse_object(raw, issues)
    if tree is None:
        return CanonicalTariff(
            "{}", digest("{}"), {}, tuple(issues.deviations), tuple(issues.reasons)
        )
    fields = read_fields(tree, TARIFF, issues)
    fields.update(read_owner(tree, own_party, version, issues))
    normal = dict(tree)
    _put_fields(normal, fields)
    sent = tree.get("tax_included")
    fields["tax_included"] = (
        None if sent is None else _TAX_INCLUDED.read(sent, "tax_included", issues)
    )
    normal["tax_included"] = fields["tax_included"]
    for limit in _LIMITS:
        _put_limit(normal, fields, limit, version, issues)
    normal["elements"] = _elements(tree.get("elements"), issues)
    return CanonicalTariff(
        canonical_text(normal),
        digest(canonical_text(normal, LAST_UPDATED)),
        fields,
        tuple(issues.deviations),
        tuple(issues.reasons),
    )


def interned_tariff(raw: bytes, version: str, own_party: tuple[str, str]) -> CanonicalTariff:
    """`canonical_tariff` of bytes that come again and again, as embedded tariffs do."""
    read = _remembered if len(raw) <= _LARGEST_REMEMBERED else canonical_tariff
    return read(raw, version, own_party)


_remembered = lru_cache(maxsize=_REMEMBERED)(canonical_tariff)


def _put_fields(normal: dict[str, Any], fields: dict[str, Any]) -> None:
    """Return the mended fields under their wire names."""
    for name in ("country_code", "party_id", "id", "currency", "type"):
        normal[name] = fields[name]
    moments = (
        ("start_date_time", "start_at"),
        ("end_date_time", "end_at"),
        ("last_updated", "last_updated_at"),
    )
    for name, column in moments:
        moment = fields[column]
        if moment is not None:
            normal[name] = moment.isoformat().replace("+00:00", "Z")


def _put_limit(
    normal: dict[str, Any], fields: dict[str, Any], limit: str, version: str, issues: Issues
) -> None:
    sent = normal.get(limit)
    price = put_price(fields, limit, normal, version, issues)
    normal[limit] = {"before_taxes": price.excl, "after_taxes": price.incl}
    if price.excl is None and price.incl is None and not says_nothing(sent):
        # A tariff without its limit is another one: this says so to whoever prices by it.
        normal[limit] = {"before_taxes": canonical_text(sent)}


def _elements(sent: Any, issues: Issues) -> list[dict[str, Any]]:
    elements = _objects(sent, "elements", issues)
    if not elements:
        issues.add_deviation("elements", "absent", sent)
    return [_element(element, f"elements[{i}]", issues) for i, element in elements]


def _element(sent: dict[str, Any], path: str, issues: Issues) -> dict[str, Any]:
    element = dict(sent)
    components = _objects(sent.get("price_components"), f"{path}.price_components", issues)
    element["price_components"] = [
        _component(component, f"{path}.price_components[{i}]", issues)
        for i, component in components
    ]
    stated = take_restrictions(element, path, issues)
    if stated is not None:
        element["restrictions"] = read_restrictions(stated, f"{path}.restrictions", issues)
    return element


def _component(sent: dict[str, Any], path: str, issues: Issues) -> dict[str, Any]:
    """Return a price component; one without a usable price has none, which is not zero."""
    component = dict(sent)
    kind = sent.get("type")
    if kind is None:
        issues.add_deviation(f"{path}.type", "absent")
    else:
        component["type"] = _DIMENSION.read(kind, f"{path}.type", issues)
    for name in ("price", "vat", "step_size"):
        value = sent.get(name)
        if value == "":
            issues.add_deviation(f"{path}.{name}", "empty", value)
            value = None
        if value is None:
            component.pop(name, None)
            if name == "price":
                issues.add_deviation(f"{path}.price", "absent")
            continue
        number = read_decimal(value, f"{path}.{name}", issues)
        # A rate that nobody can read is unknown; a price by an unknown step is no price.
        unread = canonical(value) if name == "step_size" else None
        component[name] = unread if number is None else canonical_number(number)
    return component


def _objects(sent: Any, path: str, issues: Issues) -> list[tuple[int, dict[str, Any]]]:
    """Return the objects of a list with their places; a lone object is taken as a list of one.

    What is no object stands as one that says nothing: without it the rest would be another tariff.
    """
    if isinstance(sent, dict):
        issues.add_deviation(path, "coerced", sent, canonical([sent]))
        return [(0, sent)]
    if not isinstance(sent, list):
        if sent is not None:
            issues.add_deviation(path, "unusable", sent)
        return []
    for i, item in enumerate(sent):
        if not isinstance(item, dict):
            issues.add_deviation(f"{path}[{i}]", "unusable", item)
    stated = [(i, item) for i, item in enumerate(sent) if item is not None]
    return [(i, item if isinstance(item, dict) else {}) for i, item in stated]
