"""Every reconciliation rule, in the order in which they are listed."""

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

RULES: tuple[Rule, ...] = (
    *identity.RULES,
    *time.RULES,
    *energy.RULES,
    *session.RULES,
    *references.RULES,
    *tariff.RULES,
    *money.RULES,
    *sums.RULES,
    *credit.RULES,
    *invoice.RULES,
    *received.RULES,
    *received_whole.RULES,
    *batch.RULES,
)
BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


def rules_about(subject: Subject) -> tuple[Rule, ...]:
    """Return the rules whose facts are about a subject."""
    return tuple(rule for rule in RULES if rule.subject == subject)
