"""Findings of the lint rules, grouped for a reader, and the tariff as the rules see it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from models.rating.kernel import scale
from models.rating.kernel.tables import Element
from models.rating.restriction_rows import write_restrictions

LintSeverity = Literal["error", "warning", "info"]
DIMENSIONS = ("ENERGY", "TIME", "PARKING_TIME", "FLAT")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or surprising in a tariff."""

    rule: str  # stable name of the rule
    # error: it cannot mean what it says; warning: it probably does not; info: a driver or a partner
    # may be surprised
    severity: LintSeverity
    path: str  # where, as `elements[1].restrictions.end_time`
    message: str  # what, in a sentence
    repair: str  # what would mend it
    count: int = 1  # how many places of the tariff it is said of; `path` is the first


@dataclass(frozen=True)
class LintElement:
    """A tariff element beside the row that the engine reads."""

    index: int  # its place in the tariff
    restrictions: Mapping[str, Any]  # as stated, null members left out
    components: Sequence[Mapping[str, Any]]  # its price components that are objects
    row: tuple[int, ...]  # `kernel.tables.Element`, restrictions only

    @property
    def path(self) -> str:
        """Place of the element in the tariff."""
        return f"elements[{self.index}]"

    @property
    def is_dated(self) -> bool:
        """True where it is limited to some calendar days."""
        return not {"start_date", "end_date"}.isdisjoint(self.restrictions)

    @property
    def never_applies(self) -> bool:
        """True where its calendar days are none (another rule says so)."""
        return self.row[Element.START_DATE] >= self.row[Element.END_DATE]

    def prices(self, dimension: str) -> bool:
        """Return whether it has a component of a dimension."""
        return any(component.get("type") == dimension for component in self.components)


def lint_elements(tariff: Mapping[str, Any]) -> list[LintElement]:
    """Return the elements of a canonical tariff; what is no object is left to other rules."""
    elements = tariff.get("elements")
    found = []
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        if not isinstance(element, Mapping):
            continue
        stated = element.get("restrictions")
        restrictions = stated if isinstance(stated, Mapping) else {}
        components = element.get("price_components")
        row = [scale.NONE] * Element.COLUMNS
        write_restrictions(row, stated)
        found.append(
            LintElement(
                index,
                {name: value for name, value in restrictions.items() if value is not None},
                [c for c in components if isinstance(c, Mapping)]
                if isinstance(components, list)
                else [],
                tuple(row),
            )
        )
    return found


_INDEX = re.compile(r"\[\d+\]")
_MOST_ALIKE = 3  # so many findings of one kind stand one by one


def group_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Group findings of one rule about like places, in the order of the first of each.

    Four hundred lines that say one thing hide the one that says another.
    """
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.rule, finding.severity, _INDEX.sub("[]", finding.path))
        groups.setdefault(key, []).append(finding)
    found: list[Finding] = []
    for members in groups.values():
        found += members if len(members) <= _MOST_ALIKE else [_as_one(members)]
    return found


def _as_one(members: Sequence[Finding]) -> Finding:
    first, last = members[0], members[-1]
    message = f"{first.message} (and {len(members) - 1} more like it, up to {last.path})"
    return replace(first, message=message, count=len(members))
