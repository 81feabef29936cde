"""Opening times as canonical JSON (OCPI Hours)."""

from __future__ import annotations

from typing import Any

from models.ocpi.issues import Issues
from models.ocpi.json.canonical import canonical, canonical_text
from models.ocpi.values.numbers import read_decimal
from models.ocpi.values.timestamps import read_time


def read_opening_times(sent: Any, issues: Issues) -> str | None:
    """Return the opening times, times as HH:MM, weekdays as numbers; None: nothing stated."""
    if not isinstance(sent, dict):
        issues.add_deviation("opening_times", "unusable", sent)
        return None
    hours = dict(sent)
    regular = sent.get("regular_hours")
    if isinstance(regular, list):
        hours["regular_hours"] = [
            _regular(item, f"opening_times.regular_hours[{i}]", issues)
            for i, item in enumerate(regular)
        ]
    return canonical_text(hours) if canonical(hours) else None


def _regular(sent: Any, path: str, issues: Issues) -> Any:
    if not isinstance(sent, dict):
        return sent
    hours = dict(sent)
    for name, is_end in (("period_begin", False), ("period_end", True)):
        time = read_time(sent.get(name), f"{path}.{name}", issues, is_end=is_end)
        hours[name] = time if time is not None else sent.get(name)
    if isinstance(sent.get("weekday"), str):
        hours["weekday"] = read_decimal(sent["weekday"], f"{path}.weekday", issues)
    return hours
