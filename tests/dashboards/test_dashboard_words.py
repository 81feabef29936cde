"""How values read, who may do what, and what leaves as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboards import palette
from dashboards.access import Visitor, is_loopback, role_of, sits_here
from dashboards.charts import Step, _levels, colour_by, spans, waterfall
from dashboards.columns import visible_columns
from dashboards.data import Snapshot
from dashboards.download import safe_csv
from dashboards.format import (
    money,
    number,
    percent,
    plain,
    price,
    span,
    timestamp,
    words,
)
from dashboards.parts import beside
from dashboards.price_charts import bar_step
from models.counts import count_label
from models.settle.causes import title_of
from tests.dashboards.conftest import PATIENCE_S


def test_money_always_names_its_currency_and_minor_unit() -> None:
    assert money(Decimal("1234567.894"), "EUR") == "EUR 1,234,567.89"
    assert money(Decimal("1234.5"), "JPY") == "JPY 1,235"
    assert money(Decimal("-0.1"), "EUR") == "EUR \N{MINUS SIGN}0.10"
    assert money(Decimal("-0.001"), "EUR") == "EUR 0.00"


def test_figures_are_rounded_and_zero_has_no_sign() -> None:
    assert price(Decimal("-0.00004"), "EUR") == "EUR 0.0000"
    assert number(Decimal("-0.004"), digits=2) == number(-0.004, digits=2) == "0.00"
    assert percent(-0.0001) == "0.0 %"
    amounts = pl.DataFrame(
        {
            "delta_excl_vat": pl.Series(["-0.004", "-0.006", None], dtype=pl.Decimal(18, 6)),
            "per_kwh_excl_vat": pl.Series(["-0.00004", "-0.004", "0"], dtype=pl.Decimal(18, 6)),
            "mean_h": [-0.001, -0.0, -3.0],
            "change_share": [0.55465, 0.99949, -0.0004],
        }
    )
    visible, _ = visible_columns(amounts, [])
    assert visible["delta_excl_vat"].to_list() == [0, Decimal("-0.01"), None]
    assert visible["per_kwh_excl_vat"].to_list() == [0, Decimal("-0.004"), 0]
    assert [str(value) for value in visible["mean_h"]] == ["0.0", "0.0", "-3.0"]
    assert visible["change_share"].to_list() == [0.555, 0.999, 0]


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("RESERVATION_COST_MISMATCH", "Reservation cost mismatch"),
        ("VAT_OF_CDRS", "VAT of CDRs"),
    ],
)
def test_only_whole_words_are_written_in_capitals(rule: str, title: str) -> None:
    assert title_of(rule) == title


def test_what_is_unknown_is_never_zero() -> None:
    assert money(None, "EUR") == money(Decimal(1), None) == "unknown"
    assert number(None, unit="kWh") == percent(None) == timestamp(None) == span(None) == "unknown"


def test_numbers_have_units_and_separators() -> None:
    assert number(Decimal("12345.6"), digits=1, unit="kWh") == "12,345.6 kWh"
    assert percent(Decimal("0.9731")) == "97.3 %"
    assert (percent(1), percent(0.99998)) == ("100.0 %", "over 99.9 %")
    assert (percent(0.0), percent(0.0004)) == ("0.0 %", "under 0.1 %")
    assert count_label(1, "CDR") == "1 CDR"
    assert count_label(5432, "CDR") == "5,432 CDRs"
    assert words("written_off") == "Written off"


def test_moments_are_told_in_utc() -> None:
    at = datetime(2026, 10, 31, 23, 59, tzinfo=timezone(timedelta(hours=2)))

    assert timestamp(at) == "2026-10-31 21:59 UTC"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=61), "1 h 1 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
    ],
)
def test_spans_name_their_two_largest_units(length: timedelta, text: str) -> None:
    assert span(length) == text


@given(st.text(alphabet="*_`[]()<>#$:~|!\\ab \n", max_size=40))
def test_a_partners_string_loses_its_markdown(text: str) -> None:
    bare = plain(text)

    for place, sign in enumerate(bare):
        if sign in "*_`[]()<>#$:~|!":
            assert bare[place - 1] == "\\"
    assert "\n" not in bare


def test_the_highest_role_that_names_an_address_counts() -> None:
    roles = {"admin": ["a@x.example"], "finance": ["A@X.example", "f@x.example"], "viewer": ["*"]}

    assert role_of("A@x.example", roles) == "admin"
    assert role_of("f@x.example", roles) == "finance"
    assert role_of("who@else.example", roles) == "viewer"
    assert role_of("who@else.example", {"admin": ["a@x.example"]}) is None


def test_whoever_has_no_address_decides_nothing() -> None:
    assert role_of("", {"admin": ["*"], "finance": [""]}) is None
    assert role_of("", {"admin": ["*"], "viewer": ["*"]}) == "viewer"


@pytest.mark.parametrize(
    ("role", "decides", "reopens"),
    [("viewer", False, False), ("finance", True, False), ("admin", True, True)],
)
def test_only_finance_decides_and_only_admins_reopen(
    role: str, decides: bool, reopens: bool
) -> None:
    visitor = Visitor("w@x.example", role)  # type: ignore[arg-type]

    assert (visitor.may_decide, visitor.may_reopen) == (decides, reopens)


@pytest.mark.parametrize(
    ("address", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),  # noqa: S104
     (None, False), ("example.org", False)],
)  # fmt: skip
def test_loopback_is_this_machine_only(address: str | None, loopback: bool) -> None:
    assert is_loopback(address) is loopback


def test_no_cell_of_a_download_is_a_formula() -> None:
    frame = pl.DataFrame(
        {
            "name": ["=1+1", "@sum", "+3", "-x", "\t=2", "plain", None],
            "amount_excl_vat": pl.Series([-1, 2, 3, 4, 5, 6, None], dtype=pl.Decimal(18, 6)),
            "rules": [["a", "b"], [], None, ["=c"], ["d"], ["e"], ["f"]],
        }
    )

    rows = list(csv.reader(io.StringIO(safe_csv(frame).decode())))

    assert rows[1] == ["'=1+1", "-1.000000", "a; b"]
    for row in rows[1:]:
        assert not row[0].lstrip().startswith(("=", "+", "-", "@"))
        assert not row[2].startswith("=")


def test_a_waterfall_ends_where_its_last_total_is() -> None:
    levels = _levels(
        [
            Step("Disputed", Decimal("30"), "disputed"),
            Step("Rejected", Decimal("-5"), "rejected"),
            Step("Held back", Decimal("25"), "held back", total=True),
        ]
    )

    assert levels["begin"].to_list() == [0, 30, 0]
    assert levels["end"].to_list() == [30, 25, 25]
    assert levels["amount"].to_list() == ["30.00", "\N{MINUS SIGN}5.00", "25.00"]


@pytest.mark.parametrize(("hours", "form"), [(5, "%H:%M"), (30, "%d %b %H:%M")])
def test_an_axis_over_days_says_the_day(hours: int, form: str) -> None:
    at = datetime(2026, 10, 31, 20, tzinfo=UTC)
    frame = pl.DataFrame(
        {"start_at": [at], "end_at": [at + timedelta(hours=hours)], "line": ["CDR"], "what": ["A"]}
    )
    chart = spans(frame, row="line", colour="what", colours={"A": "#000000"}, tips=["what"])

    assert chart.to_dict()["encoding"]["x"]["axis"]["format"] == form


@pytest.mark.parametrize(
    ("prices", "step"),
    [
        ((0.0, 0.65, 0.29, 0.42), "0.05"),
        ((0.0, 3.08, 0.32, 0.60), "0.05"),
        ((0.0, 40.0, 0.3, 0.3), "0.5"),
        ((0.3, 0.3, 0.3, 0.3), "0.01"),
    ],
)
def test_odd_prices_do_not_widen_all_bars(prices: tuple[float, ...], step: str) -> None:
    assert bar_step(*prices) == step


def test_the_axis_of_a_waterfall_holds_zero() -> None:
    chart = waterfall([Step("Rejected", Decimal("-5"), "rejected")], "EUR").to_dict()

    low, high = chart["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < 0 <= high


def test_a_scale_holds_only_what_occurs_in_the_palettes_order() -> None:
    domain, colours = palette.scale(palette.AMOUNTS, ["rejected", "claimed", "claimed"])

    assert domain == ["claimed", "rejected"]
    assert colours == [palette.AMOUNTS["claimed"], palette.AMOUNTS["rejected"]]


@pytest.mark.parametrize(
    ("words", "columns"), [(["ok"], 7), (["0 to 30 days", "over 90 days", "unknown"], 3), ([], 11)]
)
def test_legends_have_lines_that_fit_half_a_page(words: list[str], columns: int) -> None:
    assert colour_by("part", words, []).to_dict()["legend"]["columns"] == columns


def test_the_age_of_a_snapshot_is_never_below_zero() -> None:
    at = datetime(2026, 10, 31, tzinfo=UTC)

    assert Snapshot("warehouse-000001.duckdb", at).age(at - timedelta(hours=1)) == timedelta()
    assert Snapshot("warehouse-000001.duckdb", None).age(at) is None


def test_a_long_table_shows_its_first_rows_and_says_so() -> None:
    def page() -> None:
        import polars as pl

        from dashboards.parts import table

        table(pl.DataFrame({"number": range(1001)}), "long", empty="")

    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()

    assert app.dataframe[0].value.shape == (1000, 1)
    assert "The first 1,000 of 1,001 rows are shown" in app.caption[0].value
    (label,) = (button.label for button in app.get("download_button"))
    assert label.startswith("Download 1,001 rows :gray[10 of 1,001 rows are printed; long.csv")


def test_a_table_in_sight_says_nothing_about_paper() -> None:
    def page() -> None:
        import polars as pl

        from dashboards.parts import table

        table(pl.DataFrame({"number": range(10)}), "short", empty="")

    app = AppTest.from_function(page, default_timeout=PATIENCE_S).run()

    assert [button.label for button in app.get("download_button")] == ["Download 10 rows"]


@pytest.mark.parametrize(
    ("names", "headers", "here"),
    [
        (["127.0.0.1", "localhost", "[::1]"], {"Host": "localhost:8501"}, True),
        (["127.0.0.1"], {"Host": "[::1]:8501"}, True),
        (["127.0.0.1"], {}, True),
        (["127.0.0.1", "roamhouse.example"], {"Host": "localhost:8501"}, False),
        (["127.0.0.1"], {"Host": "roamhouse.example"}, False),
        (["127.0.0.1"], {"Host": "localhost", "X-Forwarded-For": "10.0.0.9"}, False),
        (["127.0.0.1"], {"host": "localhost", "Forwarded": "for=10.0.0.9"}, False),
        (["192.0.2.1"], {"Host": "localhost"}, False),
        ([None], {"Host": "localhost"}, False),
    ],
)
def test_who_comes_through_a_proxy_does_not_sit_here(
    names: list[str | None], headers: dict[str, str], here: bool
) -> None:
    assert sits_here(names, headers) is here


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["119,720", "93.5 %", "EUR 10,466.30"], 6),
        (["EUR 1,655,893.99", "EUR 1,519.73"], 3),
        (["EUR 165,589,399.99"], 2),
        ([], 6),
    ],
)
def test_long_figures_get_room(values: list[str], expected: int) -> None:
    assert beside(values) == expected
