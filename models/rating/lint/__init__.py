"""Lint of tariffs: one small function for each thing that is wrong or surprising.

`lint_tariff` runs them all. Rules only look at one canonical tariff; nothing is repaired.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from models.rating import SEVERITIES
from models.rating.kernel.scale import DAY_US
from models.rating.lint import coverage, members, prices, restrictions
from models.rating.lint.finding import Finding, LintElement, lint_elements
from models.rating.numbers import microseconds
from models.rating.tariff import compile_tariff

__all__ = ["SEVERITIES", "Finding", "lint_tariff"]


def lint_tariff(tariff: Mapping[str, Any], at: datetime) -> list[Finding]:
    """Find what is wrong or surprising in a canonical tariff at a moment, the worst first."""
    elements = lint_elements(tariff)
    now = microseconds(at.astimezone(UTC))
    found = [*_of_tariff(tariff, elements, now)]
    for element in elements:
        found += _of_element(element, str(tariff.get("currency")), now // DAY_US)
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _of_tariff(
    tariff: Mapping[str, Any], elements: list[LintElement], now: int
) -> Iterator[Finding]:
    problem = compile_tariff(tariff).problem
    if problem is not None:
        yield Finding(
            "TARIFF_UNUSABLE",
            "error",
            "",
            f"no CDR can be priced by it: {problem}",
            "mend that first",
        )
    yield from restrictions.expired_tariff(tariff, now)
    living = [element for element in elements if not element.never_applies]
    yield from coverage.shadowed(living)
    yield from coverage.uncovered(living)
    yield from coverage.overlapping(living)
    yield from prices.limits(tariff)
    yield from prices.taxes(tariff, elements)
    yield from prices.currency(tariff)
    yield from members.unknown_fields(tariff)
    yield from members.missing_id(tariff)


def _of_element(element: LintElement, currency: str, today: int) -> Iterator[Finding]:
    yield from restrictions.unreadable(element)
    yield from restrictions.empty_ranges(element)
    yield from restrictions.zero_maxima(element)
    yield from restrictions.dates(element)
    yield from restrictions.times(element)
    yield from restrictions.reservations(element)
    yield from restrictions.expired_element(element, today)
    yield from prices.repeated(element)
    for place, component in enumerate(element.components):
        yield from prices.price(element, place, component, currency)
        yield from prices.step(element, place, component, currency)
