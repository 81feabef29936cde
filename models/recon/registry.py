"""Every reconciliation rule, in the order in which the files of `rules` declare them."""

from __future__ import annotations

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

_FILES = (
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
RULES: tuple[Rule, ...] = tuple(
    value for file in _FILES for value in vars(file).values() if isinstance(value, Rule)
)
BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


def rules_about(subject: Subject) -> tuple[Rule, ...]:
    """Return the rules whose facts are about a subject."""
    return tuple(rule for rule in RULES if rule.subject == subject)
