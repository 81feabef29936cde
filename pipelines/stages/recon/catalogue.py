"""Writes the list of rules into `docs/reconciliation.md`, from their declarations.

python -m pipelines.stages.recon.catalogue
"""

from __future__ import annotations

from pathlib import Path

from models.recon.causes import CAUSES, UNKNOWN
from models.recon.registry import RULES
from models.recon.rule import Rule

PAGE = Path(__file__).parents[3] / "docs" / "reconciliation.md"
BEGIN, END = "<!-- rules: generated -->", "<!-- rules: end -->"


def rules_table() -> str:
    """Every rule: group, id, version, when it fires, severity, what is at stake, thresholds."""
    head = ["group", "rule", "v", "fires when", "default", "at stake", "thresholds"]
    rows = [head, ["---"] * len(head), *(_row(rule) for rule in RULES)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def causes_table() -> str:
    """Every root cause and how a finding puts it."""
    rows = [["cause", "in words"], ["---", "---"]]
    rows += [[f"`{cause}`", words] for cause, words in CAUSES.items() if cause != UNKNOWN]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_lists(page: str) -> str:
    """The page with its generated part written again.

    Raises:
        ValueError: the page has no place for it.
    """
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    body = f"{BEGIN}\n\n{rules_table()}\n\n### Root causes\n\n{causes_table()}\n\n{END}"
    return before + body + after


def _row(rule: Rule) -> list[str]:
    limits = ", ".join(f"`{name}` {value}" for name, value in rule.thresholds.items())
    return [
        rule.group,
        f"`{rule.id}`",
        str(rule.version),
        rule.title,
        rule.severity,
        rule.stake.value,
        limits,
    ]


if __name__ == "__main__":
    PAGE.write_text(with_lists(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
