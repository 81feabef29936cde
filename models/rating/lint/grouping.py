"""Findings that say one thing of many places of a tariff, said once with their number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from models.rating.lint.finding import Finding

_INDEX = re.compile(r"\[\d+\]")
_MOST_ALIKE = 3
"""So many findings of one kind stand one by one."""


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
