"""Every reconciliation rule, in the order in which they are listed."""

from __future__ import annotations

from types import ModuleType

from models.recon.rule import Rule, Subject
from models.recon.rules import (
    batch,
    credit,
    energy,
    identity,
    invoice,
    money,
    received,
    received_whole,
    references,
    session,
    sums,
    tariff,
    time,
)

GROUPS = (
    identity,
    time,
    energy,
    session,
    references,
    tariff,
    money,
    sums,
    credit,
    invoice,
    received,
    received_whole,
    batch,
)


def rules_in(group: ModuleType) -> tuple[Rule, ...]:
    """Return the rules of a file, in the order in which they stand there."""
    return tuple(value for value in vars(group).values() if isinstance(value, Rule))


RULES: tuple[Rule, ...] = tuple(rule for group in GROUPS for rule in rules_in(group))
BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


def rules_about(subject: Subject) -> tuple[Rule, ...]:
    """Return the rules whose facts are about a subject."""
    return tuple(rule for rule in RULES if rule.subject == subject)
