"""Members that OCPI does not have (a misspelt one is silently without effect), and no id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from models.rating.lint.finding import Finding

_TARIFF = frozenset(
    {
        "country_code",
        "party_id",
        "id",
        "currency",
        "type",
        "tariff_alt_text",
        "tariff_alt_url",
        "min_price",
        "max_price",
        "preauthorize_amount",
        "elements",
        "tax_included",
        "start_date_time",
        "end_date_time",
        "energy_mix",
        "last_updated",
    }
)
_ELEMENT = frozenset({"price_components", "restrictions"})
_COMPONENT = frozenset({"type", "price", "vat", "step_size"})


def unknown_fields(tariff: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield unknown members of the tariff, its elements and their components."""
    yield from _unknown(tariff, _TARIFF, "")
    for e, element in enumerate(_objects(tariff.get("elements"))):
        yield from _unknown(element, _ELEMENT, f"elements[{e}].")
        for c, component in enumerate(_objects(element.get("price_components"))):
            yield from _unknown(component, _COMPONENT, f"elements[{e}].price_components[{c}].")


def missing_id(tariff: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a tariff without an id: it can be priced by, but nothing can name it."""
    if not tariff.get("id"):
        yield Finding(
            "ID_MISSING", "info", "id",
            "OCPI requires an id; no CDR can name the tariff", "give it one",
        )  # fmt: skip


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _unknown(stated: Mapping[str, Any], known: frozenset[str], prefix: str) -> Iterator[Finding]:
    for name in stated:
        if name not in known:
            close = get_close_matches(name, sorted(known), n=1)
            repair = f"{close[0]} may be meant" if close else "leave it out"
            yield Finding(
                "FIELD_UNKNOWN", "info", f"{prefix}{name}",
                "OCPI has no such member; it has no effect", repair,
            )  # fmt: skip
