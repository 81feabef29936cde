"""Columns of tables: headings with units, room for texts, what is absent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from dashboards.columns import (
    column_config,
    column_title,
    has_long_texts,
    said_once,
    visible_columns,
)


def test_what_has_not_ended_is_not_unknown() -> None:
    at = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
    frame = pl.DataFrame({"removed_at": [at, None]})

    visible, _ = visible_columns(frame, [])

    assert visible["removed_at"].to_list() == ["2026-10-31 23:59", "still there"]
    assert column_config(visible, {}, None)["removed_at"]["label"] == "Removed (UTC)"


def test_one_currency_stands_in_the_heading_and_several_beside_the_amounts() -> None:
    one = pl.DataFrame({"currency": ["EUR", "EUR"], "claimed_excl_vat": [Decimal(1), Decimal(2)]})
    two = one.with_columns(currency=pl.Series(["EUR", "SEK"]))

    visible, currency = visible_columns(one, [])
    assert visible.columns == ["claimed_excl_vat"]
    config = column_config(visible, {}, currency)
    assert config["claimed_excl_vat"]["label"] == "Claimed, EUR excl. VAT"
    visible, currency = visible_columns(two, [])
    assert visible.columns == ["currency", "claimed_excl_vat"]
    assert column_config(visible, {}, currency)["claimed_excl_vat"]["label"] == "Claimed, excl. VAT"


def test_the_tax_itself_is_money_too() -> None:
    frame = pl.DataFrame({"currency": ["EUR"], "vat_amount": [Decimal("1.32")]})

    tax = column_config(*_without_labels(frame))["vat_amount"]

    assert tax["label"] == "VAT, EUR"
    assert tax["type_config"]["step"] == 0.01


def test_a_column_has_room_for_what_its_first_rows_do_not_show() -> None:
    causes = pl.DataFrame(
        {"cause": [*[None] * 200, "TOTAL_COST_MISMATCH"], "rate": [1, *[None] * 200]}
    )

    config = column_config(*_without_labels(causes))

    assert config["cause"]["width"] > 7 * len("Total cost mismatch")
    assert config["rate"]["width"] > 8 * len("unknown")


def _without_labels(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str], str | None]:
    visible, currency = visible_columns(frame, [])
    return visible, {}, currency


def test_an_absent_text_is_a_dash_and_an_absent_figure_stays_unknown() -> None:
    frame = pl.DataFrame(
        {"owner": [None], "due_on": [None], "energy_kwh": [None], "rules": [["CDR_TWICE", "GONE"]]},
        schema={
            **{"owner": pl.String, "due_on": pl.Date, "energy_kwh": pl.Decimal(18, 9)},
            "rules": pl.List(pl.String),
        },
    )

    visible, _ = visible_columns(frame, [])

    assert visible.row(0) == ("\N{EN DASH}", "\N{EN DASH}", None, "CDR twice, Gone")
    assert (
        visible_columns(frame.with_columns(due_on=date(2026, 11, 30)), [])[0]["due_on"][0]
        == "2026-11-30"
    )


def labels(
    frame: pl.DataFrame, given: dict[str, str] | None = None
) -> tuple[str | None, list[str]]:
    """Return what is said above a table, and its headings."""
    visible, currency = visible_columns(frame, [])
    config = column_config(visible, given or {}, currency)
    return said_once(visible, currency), [one["label"] for one in config.values()]


def amounts(currencies: str, *names: str) -> pl.DataFrame:
    return pl.DataFrame({"currency": currencies.split(), **dict.fromkeys(names, Decimal(1))})


def test_the_unit_of_many_amounts_is_said_once() -> None:
    net = ("claimed_excl_vat", "payable_excl_vat", "rejected_excl_vat")
    words = ["Claimed", "Payable", "Rejected"]
    assert labels(amounts("EUR EUR", *net)) == ("Amounts are in EUR, excl. VAT.", words)
    assert labels(amounts("EUR SEK", *net)) == ("Amounts are excl. VAT.", ["Currency", *words])


def test_prices_for_each_kwh_are_said_to_be_so() -> None:
    prices = [f"{name}_per_kwh_excl_vat" for name in ("lowest", "middle", "highest")]
    said, _ = labels(amounts("EUR", *prices))
    assert said == "Amounts are in EUR for each kWh, excl. VAT."
    said, _ = labels(amounts("EUR", "cost_excl_vat", *prices))
    assert said == "Amounts are in EUR, excl. VAT."


def test_amounts_before_and_after_taxes_are_told_apart() -> None:
    both = ("claimed_excl_vat", "claimed_incl_vat", "vat_amount")
    assert labels(amounts("EUR", *both)) == (
        "Amounts are in EUR.",
        ["Claimed, excl. VAT", "Claimed, incl. VAT", "VAT"],
    )
    assert labels(amounts("EUR SEK", *both)) == (
        None,
        ["Currency", "Claimed, excl. VAT", "Claimed, incl. VAT", "VAT"],
    )


@pytest.mark.parametrize("name", ["opened_excl_vat", "tax_amount"])
def test_a_label_takes_no_unit_away(name: str) -> None:
    said, (heading,) = labels(amounts("EUR", name), {name: "Contested"})
    assert said is None
    assert heading.startswith("Contested, EUR")


def test_a_cause_leaves_the_room_to_what_explains_it() -> None:
    frame = pl.DataFrame({"reason_code": ["Time without charging billed as charging time"]})

    config = column_config(frame, {}, None, wrapped=True)

    assert config["reason_code"]["width"] < 200


def test_a_long_text_is_wrapped_and_a_short_one_is_not() -> None:
    long = pl.DataFrame({"message": ["Billed 12.00 EUR instead of 10.00 EUR. " * 4, None]})
    short = pl.DataFrame({"message": ["Nothing.", None], "count": [1, 2]})

    assert has_long_texts(long, often=True)
    assert not has_long_texts(short, often=False)
    rare = pl.concat([long, *[short.select("message")] * 3])
    assert has_long_texts(rare, often=False)
    assert not has_long_texts(rare, often=True)
    (config,) = column_config(*_without_labels(long), wrapped=True).values()
    assert 300 < config["width"] < 700
    assert column_config(*_without_labels(short))["message"]["width"] is None


def test_a_party_is_one_column() -> None:
    frame = pl.DataFrame({"name": ["x"], "country_code": ["NL"], "party_id": ["VLX"], "kw": [1]})

    assert visible_columns(frame, [])[0].to_dicts() == [{"name": "x", "party": "NL/VLX", "kw": 1}]
    assert visible_columns(frame, ["country_code", "party_id"])[0].columns == ["name", "kw"]


@pytest.mark.parametrize(
    ("shares", "decimals"),
    [([0.5, 1, 0, None], 3), ([0.00003, 0.5], 5), ([0.9997], 4)],
)
def test_no_part_reads_as_all_or_nothing(shares: list[float | None], decimals: int) -> None:
    frame = pl.DataFrame({"evse_share": shares}, schema={"evse_share": pl.Float64})

    config = column_config(*_without_labels(frame))["evse_share"]

    assert config["type_config"]["step"] == pytest.approx(10**-decimals)


def test_a_text_unlike_the_others_has_room() -> None:
    frame = pl.DataFrame(
        {"type": ["AD_HOC_PAYMENT", None, None], "message": ["x" * 90, None, None]}
    )

    config = column_config(*_without_labels(frame))

    assert config["type"]["width"] > 8 * len("AD_HOC_PAYMENT")
    # What is absent is no short text.
    assert config["message"]["width"] > 400


def test_places_count_from_one_and_are_no_amounts() -> None:
    frame = pl.DataFrame({"period_index": [0, 1], "line_number": [1, 1336]})

    visible, _ = visible_columns(frame, [])

    assert visible.rows() == [(1, 1), (2, 1336)]
    config = column_config(*_without_labels(frame))
    assert [one["label"] for one in config.values()] == ["Period", "Line number"]
    assert {one["type_config"]["format"] for one in config.values()} == {"%d"}


@pytest.mark.parametrize(
    ("name", "heading"),
    [("vat_rate", "VAT, %"), ("rule_id", "Rule"), ("reason_code", "Root cause")],
)
def test_headings_name_units_and_no_ids(name: str, heading: str) -> None:
    assert column_title(name) == heading
