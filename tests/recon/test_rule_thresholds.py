from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from models.contract import Contract
from models.recon.rule_ids import RULE_IDS, RULE_THRESHOLDS


def test_only_rules_have_thresholds() -> None:
    assert RULE_THRESHOLDS.keys() <= RULE_IDS


def test_a_contract_overrides_one_threshold_and_keeps_the_rest() -> None:
    contract = Contract.model_validate({"thresholds": {"CDR_LATE": {"warn_h": "48"}}})

    assert contract.threshold("CDR_LATE", "warn_h") == Decimal(48)
    assert contract.threshold("CDR_LATE", "dispute_h") == Decimal(720)


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ({"CDR_LATE": {"warn": "48"}}, "CDR_LATE has these thresholds: warn_h, dispute_h"),
        ({"ENERGY_NEGATIVE": {"kwh": "1"}}, "ENERGY_NEGATIVE has these thresholds: none"),
        ({"CDR_LATER": {"warn_h": "48"}}, "did you mean CDR_LATE"),
        ({"CDR_LATE": {"warn_h": "-1"}}, "zero or more"),
        ("48h", "rules with their thresholds"),
    ],
)
def test_an_unknown_threshold_is_refused_with_those_there_are(
    thresholds: object, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Contract.model_validate({"thresholds": thresholds})
