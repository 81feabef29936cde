"""Members of a tariff that OCPI spells otherwise: repaired on reading, or stated twice.

Who reads it strictly reads another tariff.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from models.ocpi.issues import Deviation
from models.rating.lint.finding import Finding

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
    for path, members in _objects(tree, ""):
        for name in twice.get(id(members), []):
            yield Finding(
                "MEMBER_TWICE", "error", f"{path}.{name}".removeprefix("."),
                f"{name} stands there more than once: which of its values is read is chance",
                "state it once",
            )  # fmt: skip


def _objects(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for name, member in value.items():
            yield from _objects(member, f"{path}.{name}")
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from _objects(member, f"{path}[{place}]")
