"""Several tariffs for periods that name none (rule 1)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from batches import rate


@pytest.mark.parametrize("stage", ["total", "dimension", "line"])
def test_the_first_tariff_that_prices_each_dimension_may_be_meant(stage: str) -> None:
    prices = {"EN": ("ENERGY", "0.253"), "PK": ("PARKING_TIME", "2.004")}
    tariffs = [
        {
            "id": name,
            "currency": "EUR",
            "elements": [{"price_components": [{"type": kind, "price": Decimal(price)}]}],
        }
        for name, (kind, price) in prices.items()
    ]
    period = {"start": "2026-10-05T08:00:00Z", "ENERGY": "1", "PARKING_TIME": "0.5"}
    cdr = {"start": period["start"], "end": "2026-10-05T09:00:00Z", "periods": [period]}
    charge = {
        "cdr": cdr, "tariffs": tariffs, "zone": "UTC", "mode": "half_up", "stage": stage,
        "reverse_charge": False, "currency": "EUR",
        "claim": Decimal("1.25" if stage != "total" else "1.26"),
    }  # fmt: skip
    rated = rate([charge], compiled=False)
    row = rated.cdrs.row(0, named=True)
    assert row["expected_excl_vat"] == charge["claim"]
    assert row["tariff_ids"] == ["EN", "PK"]
    priced = rated.lines.filter(rated.lines["element_index"].is_not_null())
    assert priced["tariff_id"].to_list() == ["EN", "PK"]
    assert priced["element_index"].to_list() == [0, 0]
