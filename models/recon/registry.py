"""Every reconciliation rule, in the order in which the files of `rules` declare them."""

from importlib import import_module

from models.recon.rule import Rule, Subject

_FILES = (
    *("identity", "time", "energy", "session", "references", "tariff", "money", "sums"),
    *("credit", "invoice", "received", "batch"),
)
RULES: tuple[Rule, ...] = tuple(
    value
    for name in _FILES
    for value in vars(import_module(f"models.recon.rules.{name}")).values()
    if isinstance(value, Rule)
)
BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}


def rules_about(subject: Subject) -> tuple[Rule, ...]:
    """Return the rules whose facts are about a subject."""
    return tuple(rule for rule in RULES if rule.subject == subject)
