"""The mapping of a wire object to columns: one `Field` for each, read from a table of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from models.ocpi.field_kinds import Kind
from models.ocpi.issues import ABSENT, Issues


class Need(Enum):
    """The consequence of a missing field."""

    OPTIONAL = "nothing"
    EXPECTED = "the spec requires it: noted, unknown"
    VITAL = "core cannot hold the object without it: refused"


@dataclass(frozen=True)
class Field:
    """One column and where it comes from.

    Args:
        column: the column of the table.
        path: where the object has it, as `cdr_token.uid` or `location.evses.0.uid`.
        kind: how it is read.
        need: what it means that it is missing.
        also: other names that partners use for the last part of the path.
    """

    column: str
    path: str
    kind: Kind
    need: Need = Need.OPTIONAL
    also: tuple[str, ...] = ()
    steps: tuple[str | int, ...] = field(init=False)
    shown: str = field(init=False)

    def __post_init__(self) -> None:
        steps = tuple(int(s) if s.isdigit() else s for s in self.path.split("."))
        shown = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "shown", shown[1:])


def read_fields(
    tree: dict[str, Any], fields: Iterable[Field], issues: Issues, prefix: str = ""
) -> dict[str, Any]:
    """Return the columns of one object: column → value, None where unknown."""
    row: dict[str, Any] = {}
    for f in fields:
        value = find(tree, f.steps)
        if f.also and (value is ABSENT or value is None):
            value = _renamed(tree, f, issues, prefix, value)
        if value is ABSENT or value is None:
            row[f.column] = None
            if f.need is Need.EXPECTED:
                issues.add_deviation(prefix + f.shown, "absent")
        else:
            row[f.column] = f.kind.read(value, prefix + f.shown, issues)
        if f.need is Need.VITAL and row[f.column] is None:
            is_absent = value is ABSENT or value is None
            issues.refuse(prefix + f.shown, "missing" if is_absent else "unusable")
    return row


def refuse_foreign(tree: dict[str, Any], members: Iterable[str], issues: Issues) -> None:
    """Refuse an object that has none of these members: whatever it is, it is not OCPI's."""
    if all(tree.get(name) is None for name in members):
        issues.refuse("$", f"no OCPI object, it has none of {', '.join(members)}")


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


def _renamed(tree: dict[str, Any], f: Field, issues: Issues, prefix: str, value: Any) -> Any:
    for name in f.also:
        other = find(tree, (*f.steps[:-1], name))
        if other is not ABSENT and other is not None:
            issues.add_deviation(prefix + f.shown, "renamed", name, f.steps[-1])
            return other
    return value
