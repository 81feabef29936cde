"""Checks of `roamhouse doctor`: each is one line that says what is and what to do.

Looks and changes nothing: no directory is made, no key, no table.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warn", "fail", "unusable"]


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    subject: str  # what was looked at: a partner's name, `home`, `warehouse`, …
    name: str  # which of its properties
    # ok; warn: works, but look at it; fail: a run would fail here; unusable: the configuration is
    # at fault, a run would not begin
    state: State
    message: str  # what was found and, unless it is ok, what to do; one line, no secrets


def exit_code(checks: Iterable[Check]) -> int:
    """0: a run would go well; 1: something would fail; 2: the configuration is at fault."""
    states = {check.state for check in checks}
    if "unusable" in states:
        return 2
    return 1 if "fail" in states else 0


def as_json(checks: list[Check]) -> dict[str, object]:
    """Return the report for machines: `exit_code` and every check in order."""
    return {"exit_code": exit_code(checks), "checks": [asdict(check) for check in checks]}
