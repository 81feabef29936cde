"""Agreed prices: which one holds for a charge, what it comes to, and how they are written down."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from batches import rate
from hypothesis import given, settings
from hypothesis import strategies as st
from rating_world import START, insert, insert_cdr, insert_tariff, prices
from xlsxwriter import Workbook

from models.agreement import AgreedPrice, discounted_tariff
from models.contract import Contract, Tolerance
from models.rating.numbers import parse_json
from pipelines.config.errors import ConfigError
from pipelines.config.loading import load_partners
from pipelines.config.partners import OcpiPartner
from pipelines.stages.rating.warehouse import rate_warehouse

CENT = Decimal("0.01")
AMOUNTS = st.decimals(min_value=0, max_value=2, places=4)
PARTNERS = """
partners:
  - name: voltix
    kind: ocpi
    versions_url: https://voltix.example/ocpi/versions
    token_env: VOLTIX_TOKEN
    contract: {contract}
"""


def agreed(*entries: dict[str, Any], **terms: Any) -> dict[str, Contract]:
    stated = {"currency": "EUR", "tariff_source": "agreement", "agreement": list(entries), **terms}
    return {"voltix": Contract.model_validate(stated)}


def contract_of(folder: Path, contract: str) -> Contract:
    path = folder / "partners.yaml"
    path.write_text(PARTNERS.replace("{contract}", contract), encoding="utf-8")
    (partner,) = load_partners(path).partners
    assert isinstance(partner, OcpiPartner)
    return partner.contract


@st.composite
def charges(draw: st.DrawFn) -> dict[str, Any]:
    """A charge of two periods, and an agreed price for it."""
    price = draw(
        st.fixed_dictionaries(
            {"energy": AMOUNTS},
            optional={
                **dict.fromkeys(("time", "parking", "session"), AMOUNTS),
                "minimum": st.decimals(min_value=0, max_value=30, places=2),
                "maximum": st.decimals(min_value=30, max_value=90, places=2),
            },
        )
    )
    kwh = draw(st.decimals(min_value=0, max_value=150, places=3))
    return {"price": price, "kwh": kwh, "charging_min": draw(st.integers(1, 300)),
            "parking_min": draw(st.integers(1, 300))}  # fmt: skip


def expected(charge: dict[str, Any]) -> Decimal:
    """What the charge costs, by hand."""
    price = {name: Decimal(value) for name, value in charge["price"].items()}
    total = (
        charge["kwh"] * price["energy"]
        + price.get("time", Decimal()) * charge["charging_min"] / 60
        + price.get("parking", Decimal()) * charge["parking_min"] / 60
        + price.get("session", Decimal())
    )
    total = max(total, price.get("minimum", total))
    return min(total, price.get("maximum", total)).quantize(CENT, ROUND_HALF_UP)


def as_cdr(charge: dict[str, Any]) -> dict[str, Any]:
    text = AgreedPrice(currency="EUR", **charge["price"]).tariff_text(None)
    tariff = parse_json(text or "")
    parking = START + timedelta(minutes=charge["charging_min"])
    end = parking + timedelta(minutes=charge["parking_min"])
    hours = [
        str((Decimal(charge[name]) / 60).quantize(Decimal("0.000001")))
        for name in ("charging_min", "parking_min")
    ]
    periods = [
        {"start": START.isoformat(), "ENERGY": str(charge["kwh"]), "TIME": hours[0]},
        {"start": parking.isoformat(), "PARKING_TIME": hours[1]},
    ]
    return {
        "cdr": {"start": START.isoformat(), "end": end.isoformat(), "periods": periods},
        "currency": "EUR", "zone": "Europe/Amsterdam", "tariffs": [tariff], "mode": "half_up",
        "stage": "total", "reverse_charge": False,
    }  # fmt: skip


@given(st.lists(charges(), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_the_engine_prices_an_agreement_as_it_is_written(drawn: list[dict[str, Any]]) -> None:
    rated = rate([as_cdr(charge) for charge in drawn], compiled=False)
    found = rated.cdrs["expected_excl_vat"].to_list()
    assert found == [expected(charge) for charge in drawn]


@given(st.decimals(min_value=-50, max_value=100, places=2), AMOUNTS)
def test_a_discount_is_taken_off_every_price(percent: Decimal, price: Decimal) -> None:
    text = AgreedPrice(currency="EUR", energy=price, session=price, maximum=price).tariff_text(None)
    lowered = parse_json(discounted_tariff(text or "", percent))
    wanted = (price * (100 - percent) / 100).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    components = lowered["elements"][0]["price_components"]
    assert {Decimal(one["price"]) for one in components} == {wanted}
    assert Decimal(lowered["max_price"]["before_taxes"]) == wanted


def test_the_most_specific_price_that_matches_holds(con: duckdb.DuckDBPyConnection) -> None:
    where = {"location_id": "L", "evse_uid": "E", "connector_id": "1"}
    connector = {
        "partner": "voltix", "country_code": "NL", "party_id": "VOL", "location_id": "l",
        "evse_uid": "E", "id": "1", "power_type": "DC", "power_kw": Decimal(300),
        "standard": "IEC_62196_T2_COMBO",
    }  # fmt: skip
    insert(con, "core.connectors", connector)
    insert_cdr(con, "other", country="BEL")
    insert_cdr(con, "dutch", connector_power_type="AC_3_PHASE")
    insert_cdr(con, "fast", **where)
    insert_cdr(con, "app", **where, token_type="APP_USER")
    insert_cdr(con, "later", start_at=START + timedelta(days=30), end_at=START + timedelta(days=31))
    insert_tariff(con, "0.5", START - timedelta(days=9))
    rate_warehouse(
        con,
        agreed(
            {"energy": "0.9"},
            {"applies_to": "NL", "energy": "0.1", "valid_to": "2026-10-31"},
            {"applies_to": "nl dc", "energy": "0.3"},
            {"applies_to": "NL HPC", "energy": "0.4"},
            {"applies_to": "NL DC APP_USER", "discount": "10%"},
            {"applies_to": "DE", "energy": "7"},
        ),
    )
    assert prices(con, "agreement") == {
        "other": "9.000000", "dutch": "1.000000", "fast": "4.000000", "app": "4.500000",
        "later": "9.000000",
    }  # fmt: skip
    notes = con.execute("select distinct notes from rating.cdrs where source = 'agreement'")
    assert notes.fetchall() == [([],)]


def test_what_nothing_is_agreed_for_has_no_agreed_price(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.5", START - timedelta(days=9))
    rate_warehouse(con, agreed({"applies_to": "DE", "energy": "0.1"}))
    assert prices(con, "agreement") == {}
    assert prices(con) == {"A": "5.000000"}
    assert rate_warehouse(con, agreed({"energy": "0.1"})).rated == 1
    assert prices(con, "agreement") == {"A": "1.000000"}
    assert rate_warehouse(con, agreed({"energy": "0.1"})).rated == 0


def test_of_agreed_ocpi_tariffs_the_period_names_its_own(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    element = '"elements": [{"price_components": [{"type": "ENERGY", "price": PRICE}]}]'
    tariffs = [
        f'{{"id": "{name}", "currency": "EUR", {element.replace("PRICE", price)}}}'
        for name, price in (("T", "0.2"), ("U", "0.7"))
    ]
    (tmp_path / "agreed.json").write_text(f"[{','.join(tariffs)}]", encoding="utf-8")
    contract = contract_of(tmp_path, "{tariff_source: agreement, agreement: agreed.json}")
    insert_cdr(con, "A")
    insert_cdr(con, "B", tariff_id="u")
    rate_warehouse(con, {"voltix": contract})
    assert prices(con, "agreement") == {"A": "2.000000", "B": "7.000000"}


def test_earlier_terms_price_their_own_months(con: duckdb.DuckDBPyConnection) -> None:
    october = {"end_at": START + timedelta(hours=1)}
    insert_cdr(con, "A", **october)
    insert_cdr(
        con, "B", start_at=START + timedelta(days=30), end_at=START + timedelta(days=30, hours=1)
    )
    before = {"valid_to": "2026-10", "agreement": [{"energy": "0.1555"}],
              "rounding": {"mode": "down"}}  # fmt: skip
    rate_warehouse(con, agreed({"energy": "0.2555"}, earlier=[before]))
    assert prices(con, "agreement") == {"A": "1.550000", "B": "2.560000"}


def test_a_sheet_and_yaml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "agreed.csv").write_text(
        "applies_to;what;amount;valid_from;valid_to\n"
        "NL DC;energy;0,49 EUR;2026-01-01;\n"
        "NL DC;session;1;2026-01-01;\n"
        "DE;discount;10 %;;2026-12-31\n"
        "*;transaction fee;0,10;;\n",
        encoding="utf-8",
    )
    (tmp_path / "agreed.yaml").write_text(
        "currency: EUR\n"
        "prices:\n"
        "- {applies_to: NL DC, energy: 0.49, session: 1, valid_from: 2026-01-01}\n"
        "- {applies_to: DE, discount: 10%, valid_to: 2026-12-31}\n"
        "- {transaction_fee: '0.10'}\n",
        encoding="utf-8",
    )
    with Workbook(tmp_path / "agreed.xlsx", {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        rows = (
            ("applies_to", "what", "amount", "valid_from", "valid_to"),
            ("NL DC", "energy", "0,49 EUR", date(2026, 1, 1), ""),
            ("NL DC", "session", 1, date(2026, 1, 1), ""),
            ("DE", "discount", "10 %", "", date(2026, 12, 31)),
            ("", "", "", "", ""),
            ("*", "transaction fee", 0.1, "", ""),
        )
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    one, workbook, other = (
        contract_of(
            tmp_path, f"{{currency: EUR, tariff_source: agreement, agreement: agreed.{kind}}}"
        ).agreement
        for kind in ("csv", "xlsx", "yaml")
    )
    bare = [price.model_copy(update={"currency": None}) for price in one]
    assert bare == [price.model_copy(update={"currency": None}) for price in other]
    assert workbook == one
    again = Contract(currency="EUR", agreement=one, tolerance=Tolerance())
    assert Contract.model_validate_json(again.model_dump_json()) == again


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {applies_to: NL XX, energy: 1}", "price 1: applies_to: expected a country (NL)"),
        ("- {energy: cheap}", "price 1: energy: expected an amount"),
        ("- {energie: 1}", "unknown key energie"),
        ("- {energy: 1, discount: 5}", "expected prices, or a discount"),
        ("- {energy: 1}\n- {energy: 2, valid_from: 2026-01-01}", "two of all (price) hold on one"),
        ("[]", "nothing is agreed in it"),
    ],
)
def test_what_is_wrong_with_an_agreement_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "agreed.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        contract_of(tmp_path, "{currency: EUR, tariff_source: agreement, agreement: agreed.yaml}")
    assert said in str(refused.value)
