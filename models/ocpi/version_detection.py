"""Which OCPI version an object is in, where nobody says (feeds, files)."""

from __future__ import annotations

from typing import Any

import msgspec

from models.ocpi.fields import find
from models.ocpi.issues import ABSENT, Issues
from models.ocpi.json.parse import parse_object

DEFAULT = "2.2.1"
_ONLY_211 = (
    ("stop_date_time",),
    ("start_datetime",),
    ("auth_id",),
    ("location", "evses"),
    ("evses", 0, "connectors", 0, "tariff_id"),
)
_ONLY_230 = (
    ("tax_included",),
    ("min_price", "before_taxes"),
    ("max_price", "before_taxes"),
    ("total_cost", "before_taxes"),
    ("total_energy_cost", "before_taxes"),
    ("tariffs", 0, "tax_included"),
    ("parking_places",),
    ("evses", 0, "parking"),
    ("evses", 0, "accepted_service_providers"),
    ("invoice_id",),
)
_CONNECTOR = ("evses", 0, "connectors", 0)


def detect_version(raw: bytes | msgspec.Raw | dict[str, Any]) -> str:
    """2.1.1, 2.2.1 or 2.3.0, by fields that only one of them has; else 2.2.1.

    2.2 and 2.2.1 objects are read alike.
    """
    tree = raw if isinstance(raw, dict) else parse_object(raw, Issues())
    if tree is None:
        return DEFAULT
    if any(find(tree, steps) is not ABSENT for steps in _ONLY_230):
        return "2.3.0"
    if any(_is_there(tree, steps) for steps in _ONLY_211) or _has_old_connector(tree):
        return "2.1.1"
    return DEFAULT


def _is_there(tree: dict[str, Any], steps: tuple[str | int, ...]) -> bool:
    return find(tree, steps) not in (ABSENT, None)


def _has_old_connector(tree: dict[str, Any]) -> bool:
    """2.1.1 connectors have `voltage`; a feed that sends `max_voltage` beside it is newer."""
    voltage = find(tree, (*_CONNECTOR, "voltage"))
    return voltage is not ABSENT and find(tree, (*_CONNECTOR, "max_voltage")) is ABSENT
