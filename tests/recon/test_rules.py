"""Every rule about CDRs on its own: where it holds, and where it just does not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from recon_world import AS_OF, World
from rule_cases import CASES, OVER, Case, Facts

from models.contract import Contract
from models.recon.evaluate import find
from models.recon.facts import with_derived_facts
from models.recon.registry import BY_ID, RULES, rules_about
from models.recon.rule_ids import RULE_GROUPS
from models.tables.charging import SESSIONS
from models.tables.objects import TOKENS
from pipelines.stages.recon import reconcile as shell


@pytest.fixture(scope="module")
def clean() -> pl.DataFrame:
    """The facts of a charge with nothing wrong, as the warehouse tells them."""
    seen: list[pl.DataFrame] = []
    patch = pytest.MonkeyPatch()

    def keep(facts: pl.DataFrame, as_of: Any) -> pl.DataFrame:
        seen.append(with_derived_facts(facts, as_of))
        return seen[-1]

    with patch.context() as context:
        context.setattr(shell, "with_derived_facts", keep)
        World().charge().add(SESSIONS).places().add(TOKENS).reconcile(AS_OF)
    return seen[0]


def changed(clean: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    return clean.with_columns(
        pl.Series(name, [value], dtype=clean.schema[name]) for name, value in facts.items()
    )


def fired(facts: pl.DataFrame, contract: Contract | None = None) -> dict[str, dict[str, Any]]:
    contracts = {"voltix": contract or Contract()}
    rows = find(facts, rules_about("cdr"), contracts).to_dicts()
    return {row["rule_id"]: row for row in rows}


def test_nothing_fires_about_a_charge_with_nothing_wrong(clean: pl.DataFrame) -> None:
    assert fired(clean) == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule_id)
def test_a_rule_fires_where_it_must_and_not_just_short_of_it(
    clean: pl.DataFrame, case: Case
) -> None:
    finding = fired(changed(clean, case.holds))[case.rule_id]

    assert finding["severity"] == case.severity
    assert finding["at_stake_excl_vat"] == Decimal(case.at_stake)
    assert finding["at_stake_vat"] == Decimal(case.at_stake_vat)
    assert "{}" not in finding["message"]
    assert len(finding["message"]) > 20
    assert case.rule_id not in fired(changed(clean, case.silent))


def test_every_rule_about_cdrs_has_a_case() -> None:
    assert {case.rule_id for case in CASES} == {rule.id for rule in rules_about("cdr")}


def test_the_registry_holds_every_public_rule_once() -> None:
    assert sorted(BY_ID) == sorted(name for names in RULE_GROUPS.values() for name in names)
    assert len(RULES) == len(BY_ID)


def test_facts_hold_all_that_rules_need(clean: pl.DataFrame) -> None:
    for rule in rules_about("cdr"):
        assert rule.needs <= set(clean.columns), rule.id


def test_a_contract_sets_severity_and_thresholds(clean: pl.DataFrame) -> None:
    facts = changed(clean, OVER)
    ignoring = Contract(severity={"ENERGY_COST_MISMATCH": "ignore", "TOTAL_COST_MISMATCH": "warn"})
    tighter = Contract.model_validate({"thresholds": {"OVERLAP_EVSE": {"overlap_s": "10"}}})

    assert fired(facts)["TOTAL_COST_MISMATCH"]["severity"] == "dispute"
    assert fired(facts, ignoring)["TOTAL_COST_MISMATCH"]["severity"] == "warn"
    assert "ENERGY_COST_MISMATCH" not in fired(facts, ignoring)
    assert fired(facts, ignoring)["TOTAL_COST_MISMATCH"]["at_stake_excl_vat"] == 0
    assert "OVERLAP_EVSE" in fired(changed(clean, {"evse_overlap_s": 11}), tighter)


def test_a_price_finding_reads_as_a_letter_could_quote_it(clean: pl.DataFrame) -> None:
    facts = changed(
        clean,
        OVER
        | {
            "cause": "WRONG_TARIFF_VERSION",
            "cause_detail": "the claim used the price that came into force on 5 Oct 2026",
        },
    )

    assert fired(facts)["TOTAL_COST_MISMATCH"]["message"] == (
        "Billed 12.00 EUR; tariff T7 as published on 3 Oct 2026 10:00 UTC gives 10.00 EUR: "
        "the claim used the price that came into force on 5 Oct 2026."
    )
