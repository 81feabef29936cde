from __future__ import annotations

from models.recon.registry import RULES
from pipelines.stages.recon.catalogue import PAGE, with_lists


def test_the_page_lists_the_rules_as_they_are() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert with_lists(page) == page


def test_every_rule_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert [rule.id for rule in RULES if f"`{rule.id}`" not in page] == []
