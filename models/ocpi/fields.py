"""The mapping of a wire object to columns: one `Field` for each, read from a table of them.

And what belongs to no single field: which party owns an object, which OCPI version it is in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import msgspec

from models.ocpi.field_kinds import ALPHA2, Kind, Text
from models.ocpi.issues import ABSENT, Issues
from models.ocpi.json.parse import parse_object


class Need(Enum):
    """The consequence of a missing field."""

    OPTIONAL = "nothing"
    EXPECTED = "the spec requires it: noted, unknown"
    VITAL = "core cannot hold the object without it: refused"


@dataclass(frozen=True)
class Field:
    """One column and where it comes from."""

    column: str  # the column of the table
    path: str  # where the object has it, as `cdr_token.uid` or `location.evses.0.uid`
    kind: Kind  # how it is read
    need: Need = Need.OPTIONAL  # what it means that it is missing
    also: tuple[str, ...] = ()  # other names that partners use for the last part of the path
    steps: tuple[str | int, ...] = field(init=False)
    shown: str = field(init=False)
    is_member: bool = field(init=False)  # of the object itself, as most are

    def __post_init__(self) -> None:
        steps = tuple(int(s) if s.isdigit() else s for s in self.path.split("."))
        shown = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "shown", shown[1:])
        object.__setattr__(self, "is_member", len(steps) == 1)


def read_fields(
    tree: dict[str, Any], fields: Iterable[Field], issues: Issues, prefix: str = ""
) -> dict[str, Any]:
    """Return the columns of one object: column → value, None where unknown."""
    row: dict[str, Any] = {}
    for f in fields:
        value = tree.get(f.path) if f.is_member else find(tree, f.steps)
        if value is None or value is ABSENT:
            value = _renamed(tree, f, issues, prefix) if f.also else None
        if value is not None:
            row[f.column] = f.kind.read(value, prefix + f.shown, issues)
            if f.need is Need.VITAL and row[f.column] is None:
                issues.refuse(prefix + f.shown, "unusable")
            continue
        row[f.column] = None
        if f.need is Need.EXPECTED:
            issues.add_deviation(prefix + f.shown, "absent")
        elif f.need is Need.VITAL:
            issues.refuse(prefix + f.shown, "missing")
    return row


def refuse_foreign(tree: dict[str, Any], members: Iterable[str], issues: Issues) -> None:
    """Refuse an object that has none of these members: whatever it is, it is not OCPI's."""
    if all(tree.get(name) is None for name in members):
        issues.refuse("$", f"no OCPI object, it has none of {', '.join(members)}")


def items_of(sent: Any, path: str, issues: Issues) -> list[Any]:
    """Return the members of a list; a lone object in place of one is taken for a list of one."""
    if isinstance(sent, list):
        return sent
    is_object = isinstance(sent, dict)
    if sent is not None:
        issues.add_deviation(path, "coerced" if is_object else "unusable", sent)
    return [sent] if is_object else []


def find(tree: Any, steps: Iterable[str | int]) -> Any:
    """Return the value at a path; `ABSENT` where the path ends early."""
    for step in steps:
        if isinstance(step, int):
            if not isinstance(tree, list) or step >= len(tree):
                return ABSENT
            tree = tree[step]
        elif isinstance(tree, dict):
            tree = tree.get(step, ABSENT)
        else:
            return ABSENT
    return tree


def _renamed(tree: dict[str, Any], f: Field, issues: Issues, prefix: str) -> Any:
    for name in f.also:
        other = find(tree, (*f.steps[:-1], name))
        if other is not ABSENT and other is not None:
            issues.add_deviation(prefix + f.shown, "renamed", name, f.steps[-1])
            return other
    return None


OWNER = (
    Field("country_code", "country_code", ALPHA2, Need.VITAL),
    Field("party_id", "party_id", Text(3, upper=True), Need.VITAL),
)


def read_owner(
    tree: Mapping[str, Any], own_party: tuple[str, str], version: str, issues: Issues
) -> dict[str, str | None]:
    """`country_code` and `party_id` of an object, in upper case.

    Where the object does not say, the partner's own party is taken and noted as inferred;
    2.1.1 objects never say (OCPI 2.1.1 has no owner fields), so that there it is no deviation.

    Args:
        tree: the object.
        own_party: what to take where it does not say.
        version: the object's OCPI version.
        issues: takes deviations, and the refusal where no owner can be told.
    """
    owner: dict[str, str | None] = {}
    for f, own in zip(OWNER, own_party, strict=True):
        name, value = f.column, tree.get(f.column)
        code = None if value is None else f.kind.read(value, name, issues)
        if code is None and own:
            code = own.upper()
            if version != "2.1.1":
                issues.add_deviation(name, "inferred", value, code)
        if code is None:
            issues.refuse(name, "missing, and the partner's own party is not known")
        owner[name] = code
    return owner


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
    if any(find(tree, steps) not in (ABSENT, None) for steps in _ONLY_211) or _has_old_connector(
        tree
    ):
        return "2.1.1"
    return DEFAULT


def _has_old_connector(tree: dict[str, Any]) -> bool:
    """2.1.1 connectors have `voltage`; a feed that sends `max_voltage` beside it is newer."""
    voltage = find(tree, (*_CONNECTOR, "voltage"))
    return voltage is not ABSENT and find(tree, (*_CONNECTOR, "max_voltage")) is ABSENT
