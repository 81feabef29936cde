"""One folder for each rule and trap: the tariffs, the CDR, what is expected and why."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rating_support import price_wire

from models.contract import Contract

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())


def read(case: Path, name: str) -> Any:
    return json.loads((case / f"{name}.json").read_text())


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_golden_case_has_its_price_and_its_lines(case: Path) -> None:
    expected = read(case, "expected")
    priced = price_wire(
        {**read(case, "cdr"), "tariffs": read(case, "tariff")},
        terms=Contract(**expected.get("contract", {})).price_terms,
        time_zone=expected.get("time_zone"),
    )
    total = priced.total
    assert (total["state"], total["reason"]) == (expected["state"], expected["reason"])
    assert total["expected_excl_vat"] == number(expected["excl_vat"])
    assert total["expected_incl_vat"] == number(expected["incl_vat"])
    assert sorted(total["notes"]) == sorted(expected["notes"])
    found = [
        (
            line["period_index"],
            line["dimension"],
            line["quantity"],
            line["billed_quantity"],
            line["unit_price"],
            line["amount_excl_vat"],
            line["element_index"],
        )
        for line in priced.lines
    ]
    wanted = [
        (
            line["period"],
            line["dimension"],
            number(line["quantity"]),
            number(line["billed"]),
            number(line["price"]),
            number(line["excl_vat"]),
            line["element"],
        )
        for line in expected["lines"]
    ]
    net = ("LIMIT", "ROUNDING")
    assert [line for line in found if line[1] not in net or line[5]] == wanted


def test_every_rule_has_a_case() -> None:
    rules = {case.name.split("_")[0] for case in CASES}
    assert rules >= {f"rule{number:02}" for number in range(1, 13)}
