from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.recon.facts import signed_kwh
from models.recon.vat import with_vat_rates


def ocmf(*readings: dict[str, object]) -> str:
    values = [
        {"signed_data": f'OCMF|{json.dumps({"RD": [reading]})}|{{"SD":"00"}}'}
        for reading in readings
    ]
    return json.dumps({"encoding_method": "OCMF", "signed_values": values})


def reading(mark: str, value: object, unit: str = "kWh") -> dict[str, object]:
    return {"TX": mark, "RV": value, "RU": unit}


def test_the_energy_between_the_first_and_the_last_reading() -> None:
    text = ocmf(reading("B", "1000.5"), reading("T", "1010"), reading("E", "1020.75"))

    assert signed_kwh(text) == Decimal("20.25")


def test_readings_in_wh() -> None:
    assert signed_kwh(ocmf(reading("B", 0, "Wh"), reading("E", 20_250, "Wh"))) == Decimal("20.25")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "null",
        "no JSON",
        ocmf(),
        ocmf(reading("B", "1")),
        ocmf(reading("B", "one"), reading("E", "2")),
        '{"signed_values": [{"signed_data": "EDL|x|y"}]}',
        '{"signed_values": [{"signed_data": 5}]}',
    ],
)
def test_what_cannot_be_read_vouches_for_nothing(text: str) -> None:
    assert signed_kwh(text) is None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    assert signed_kwh(text) is None or isinstance(signed_kwh(text), Decimal)


@pytest.mark.parametrize(
    ("country", "day", "rate"),
    [
        ("NLD", "2026-10-01", "21"),
        ("FIN", "2024-08-31", "24"),
        ("FIN", "2024-09-01", "25.5"),
        ("DEU", "2020-12-31", "16"),
        ("USA", "2026-10-01", None),
        (None, "2026-10-01", None),
    ],
)
def test_the_standard_rate_of_a_country_on_a_day(
    country: str | None, day: str, rate: str | None
) -> None:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    facts = pl.DataFrame(
        {"country": [country], "end_at": [moment]},
        schema={"country": pl.String, "end_at": pl.Datetime("us", "UTC")},
    )

    assert with_vat_rates(facts)["vat_standard_rate"].item() == (rate and Decimal(rate))
