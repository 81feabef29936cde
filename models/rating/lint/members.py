"""Members of a tariff: those that OCPI does not have or spells otherwise, stated twice, or absent.

A misspelt member is silently without effect; who reads strictly what is repaired here reads
another tariff.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from models.ocpi.issues import Deviation
from models.rating.lint.finding import Finding

_TARIFF = frozenset(
    {
        *("country_code", "party_id", "id", "currency", "type", "elements", "tax_included"),
        *("tariff_alt_text", "tariff_alt_url", "min_price", "max_price", "preauthorize_amount"),
        *("start_date_time", "end_date_time", "energy_mix", "last_updated"),
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


_REPAIRS = ("renamed", "normalised", "coerced", "timestamp", "empty", "unknown_value")


def repairs(deviations: Sequence[Deviation]) -> Iterator[Finding]:
    """Yield a finding for each member that was read as something else than it says."""
    for deviation in deviations:
        if deviation.kind in _REPAIRS and ".restrictions.unusable" not in deviation.path:
            yield Finding(
                "MEMBER_REPAIRED", "warning", deviation.path,
                f"{deviation.original!r} is not as OCPI spells it ({deviation.kind}); "
                f"it is read as {deviation.repaired!r}",
                "state it as OCPI does",
            )  # fmt: skip


def duplicates(raw: bytes) -> Iterator[Finding]:
    """Yield a finding for each member that stands in one object more than once (RFC 8259, 4)."""
    twice: dict[int, list[str]] = {}
    kept: list[dict[str, Any]] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            names = [name for name, _ in pairs]
            twice[id(members)] = [name for name in members if names.count(name) > 1]
            kept.append(members)  # So that no other object takes its identity.
        return members

    try:
        tree = json.loads(raw, object_pairs_hook=collect)
    except (ValueError, RecursionError):
        return
    for path, members in _walk(tree, ""):
        for name in twice.get(id(members), []):
            yield Finding(
                "MEMBER_TWICE", "error", f"{path}.{name}".removeprefix("."),
                f"{name} stands there more than once: which of its values is read is chance",
                "state it once",
            )  # fmt: skip


def _walk(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for name, member in value.items():
            yield from _walk(member, f"{path}.{name}")
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from _walk(member, f"{path}[{place}]")
