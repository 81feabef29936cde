"""The engine around the kernel: large amounts, local time, stated decimals, tariffs it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from batches import rate
from hypothesis import given, settings
from hypothesis import strategies as st

from models.contract import Contract
from models.money import minor_unit_decimals, minor_unit_millionths
from models.ocpi.values.timestamps import is_zone
from models.rating.kernel import scale
from models.rating.kernel.moments import enter_zone, move_to
from models.rating.kernel.quantities import duration
from models.rating.kernel.tables import (
    Batch,
    Candidate,
    Cdr,
    Element,
    Moment,
    Period,
    Reason,
    Tariff,
)
from models.rating.result import REASON_WORDS
from models.rating.run import Inputs, price
from models.rating.tariff import compile_tariff_text
from models.rating.zones import ONLY_ZONES, zone_of, zone_table

HOUR = timedelta(hours=1)


def charge(price: str, kwh: str, **changes: Any) -> dict[str, Any]:
    component = {"type": "ENERGY", "price": Decimal(price), "vat": Decimal("9.975")}
    tariff = {"id": "A", "currency": "EUR", "elements": [{"price_components": [component]}]}
    period = {"start": "2026-10-05T08:00:00Z", "tariff_id": "A", "ENERGY": kwh}
    return {
        "cdr": {"start": period["start"], "end": "2026-10-05T09:00:00Z", "periods": [period]},
        "tariffs": [{**tariff, **changes}],
        "zone": "UTC", "mode": "half_up", "stage": "total", "reverse_charge": False,
        "currency": "EUR",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("price", "kwh", "total"),
    [
        ("2500000", "1", "2500000.00"),
        ("2500000", "100", "250000000.00"),
        ("0.000001", "0.000000001", "0.00"),
        ("2466.123456", "999999.999999999", "2466123456.00"),
    ],
)
def test_amounts_beyond_the_narrow_steps_are_priced_all_the_same(
    price: str, kwh: str, total: str
) -> None:
    small = charge("0.25", "10")
    rows = rate([small, charge(price, kwh), small], compiled=True).cdrs
    assert rows["expected_excl_vat"].to_list() == [Decimal("2.50"), Decimal(total), Decimal("2.50")]
    assert rows.drop("cdr_id", "partner").row(0) == rows.drop("cdr_id", "partner").row(2)


def test_an_amount_beyond_the_columns_is_refused_not_wrapped() -> None:
    together = [charge("2500000", "999999"), charge("0.25", "10")]
    for compiled in (True, False):
        rows = rate(together, compiled=compiled).cdrs
        assert rows["reason"].to_list() == ["OUT_OF_RANGE", None]
        assert rows["expected_excl_vat"].to_list() == [None, Decimal("2.50")]


@pytest.mark.parametrize(
    ("stated", "decimals", "length_s", "found_s"),
    [
        (166_700_000, 4, 600, 600),  # 0.1667 h
        (170_000_000, 2, 600, None),  # 0.17 h is 12 s off, more than 2 s
        (1_973_000_000, 3, 7103, 7103),
        (166_666_667, 9, 600, 600),
        (166_666_667, 9, 601, None),
        (167_000_000, 3, 602, 602),  # 601.2 s is 0.8 s off, half a unit is 1.8 s
        (1_000_000_000, 0, 3602, 3602),
        (1_000_000_000, 0, 3603, None),
    ],
)
def test_hours_that_mean_the_period_are_the_period(
    stated: int, decimals: int, length_s: int, found_s: int | None
) -> None:
    found = duration(stated, decimals, length_s * scale.SECOND_US)
    wanted = stated * scale.NANO if found_s is None else found_s * scale.SECOND
    assert found == wanted


def test_a_part_stays_unknown_where_one_tariff_of_two_leaves_it_so() -> None:
    two = charge("0.333333", "1.234")
    gross = {"type": "ENERGY", "price": Decimal("0.3")}
    untold = {"id": "B", "tax_included": "YES", "elements": [{"price_components": [gross]}]}
    two["tariffs"].append({**two["tariffs"][0], **untold})
    two["cdr"]["periods"].append({"start": "2026-10-05T08:30:00Z", "tariff_id": "B", "ENERGY": "1"})
    row = rate([{**two, "stage": "dimension"}], compiled=False).cdrs.row(0, named=True)
    assert row["energy_cost_excl_vat"] is None
    assert row["energy_cost_incl_vat"] == Decimal("0.75")


def test_a_table_of_other_columns_is_refused() -> None:
    known = {
        "cdrs": Cdr.COLUMNS,
        "periods": Period.COLUMNS,
        "candidates": Candidate.COLUMNS,
        "elements": Element.COLUMNS,
    }
    tables = {name: np.zeros((1, columns), dtype=np.int64) for name, columns in known.items()}
    zones = np.zeros((1, 2), dtype=np.int64)
    tariffs = np.zeros((1, Tariff.COLUMNS - 1), dtype=np.int64)
    for compiled in (False, True):
        with pytest.raises(ValueError, match="columns"):
            price(Inputs(**tables, tariffs=tariffs, zones=zones), compiled=compiled)


def test_what_a_limit_adds_is_known_where_its_denominator_fits_no_64_bits() -> None:
    flat, energy, parking, time = (
        {"type": kind, "price": Decimal(price), "vat": Decimal(rate)}
        for kind, price, rate in (
            ("FLAT", "0.25", "10"), ("ENERGY", "0", "5"),
            ("PARKING_TIME", "0.333333", "9.975"), ("TIME", "0.2531", "100"),
        )
    )  # fmt: skip
    limited = charge(
        "0",
        "10",
        elements=[{"price_components": [flat, energy, parking, time]}],
        min_price={"before_taxes": Decimal(1)},
    )
    limited["cdr"]["periods"][0] |= {"PARKING_TIME": "0.1672223", "TIME": "0.25070001"}
    rated = rate([limited], compiled=True)
    assert rated.lines.equals(rate([limited], compiled=False).lines)
    assert rated.cdrs.row(0, named=True)["expected_excl_vat"] == 1
    assert rated.lines.filter(dimension="LIMIT")["amount_incl_vat"].to_list() == [
        Decimal("0.791438")
    ]


@pytest.mark.parametrize("compiled", [False, True])
def test_a_rate_that_untaxed_prices_state_is_not_read(compiled: bool) -> None:
    rated = rate([charge("0.25", "10", tax_included="N/A")], compiled=compiled)
    assert rated.lines["vat_rate"].to_list() == [None]
    assert rated.cdrs["expected_incl_vat"].to_list() == [Decimal("2.50")]


ZONES = [
    "Europe/Amsterdam",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Africa/Casablanca",
]


def local_fields(zone: str, at: datetime) -> tuple[int, int, int]:
    empty = np.zeros((0, 2), dtype=np.int64)
    moment = np.zeros(Moment.COLUMNS, dtype=np.int64)
    table = zone_table([zone], [at.year, at.year + 1])
    batch = Batch(empty, empty, empty, empty, empty, table, empty, empty, moment, moment)
    enter_zone(batch, scale.NONE)
    enter_zone(batch, 0)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    move_to(batch, (at - epoch) // timedelta(microseconds=1))
    return int(moment[Moment.DAY]), int(moment[Moment.SECOND]), int(moment[Moment.WEEKDAY])


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(0, 366 * 24 * 4).map(lambda q: datetime(2026, 1, 1, tzinfo=UTC) + q * HOUR / 4),
    st.sampled_from([0, -1, 1]),
)
def test_local_time_is_that_of_the_zone(zone: str, at: datetime, nudge: int) -> None:
    at += timedelta(seconds=nudge)
    local = at.astimezone(ZoneInfo(zone))
    day = (local.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    second = local.hour * 3600 + local.minute * 60 + local.second
    assert local_fields(zone, at) == (day, second, local.weekday())


@pytest.mark.parametrize("at", ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"])
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_the_clock_changes_at_the_second(at: str, seconds: int) -> None:
    moment = datetime.fromisoformat(at) + timedelta(seconds=seconds)
    local = moment.astimezone(ZoneInfo("Europe/Amsterdam"))
    found = local_fields("Europe/Amsterdam", moment)[1]
    assert found == local.hour * 3600 + local.minute * 60 + local.second


def test_every_only_zone_is_one() -> None:
    assert all(is_zone(zone) for zone in ONLY_ZONES.values())
    assert zone_of(None, "NLD") == ("Europe/Amsterdam", True)
    assert zone_of("Europe/Nowhere", "NLD") == ("Europe/Amsterdam", True)
    assert zone_of("Europe/London", "NLD") == ("Europe/London", False)
    assert zone_of(None, "USA") == zone_of(None, None) == (None, False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "no elements"),
        ('{"elements":[{"price_components":[]}]}', "no price_components"),
        ('{"elements":[{"price_components":[{"type":"ENERGY"}]}]}', "not a number"),
        ('{"elements":[{"price_components":[{"type":"ENERGY","price":"NaN"}]}]}', "not a usable"),
        ('{"elements":[{"price_components":[{"type":"ENERGY","price":3e6}]}]}', "out of range"),
        ('{"elements":[{"price_components":[{"type":"ENERGY","price":1,"vat":101}]}]}', "vat 101"),
        (
            '{"elements":[{"price_components":[{"type":"TIME","price":1,"step_size":-1}]}]}',
            "step_size",
        ),
        ('{"elements":[{"price_components":[{"price":1}]}]}', "without a type"),
        (
            '{"tax_included":"MAYBE","elements":[{"price_components":[{"type":"FLAT","price":1}]}]}',
            "MAYBE",
        ),
        (
            '{"min_price":5,"elements":[{"price_components":[{"type":"FLAT","price":1}]}]}',
            "min_price",
        ),
    ],
)
def test_a_tariff_that_cannot_be_read_is_unusable_and_says_why(text: str, problem: str) -> None:
    compiled = compile_tariff_text(text)
    assert compiled.problem is not None
    assert problem in compiled.problem


def test_a_price_of_more_than_six_decimals_is_noted() -> None:
    rows = rate([charge("0.49166666666", "10")], compiled=False).cdrs
    assert rows["notes"].to_list() == [["PRICE_ROUNDED"]]
    assert rows["unrounded_excl_vat"].to_list() == [Decimal("4.916670")]


def test_a_dropped_period_makes_no_cheaper_price() -> None:
    whole = charge("2", "1")
    for period_count, reason in ((1, None), (2, "PERIODS_INCOMPLETE")):
        rated = rate([{**whole, "period_count": period_count}], compiled=False)
        assert rated.cdrs["reason"].to_list() == [reason]


@pytest.mark.parametrize(("first", "reason"), [("4", None), ("5", "PERIODS_INCOMPLETE")])
def test_a_total_alone_has_no_price_where_energy_changes_it(first: str, reason: str | None) -> None:
    parked = charge("0.25", first)
    prices = [{"type": "PARKING_TIME", "price": Decimal(price)} for price in (1, 2)]
    parked["tariffs"][0]["elements"] += [
        {"price_components": prices[:1], "restrictions": {"max_kwh": 5}},
        {"price_components": prices[1:]},
    ]
    parked["cdr"]["periods"].append({"start": "2026-10-05T08:30:00Z", "ENERGY": "1"})
    parked["cdr"]["PARKING_TIME"] = "0.5"
    rated = rate([parked], compiled=False)
    assert rated.cdrs["reason"].to_list() == [reason]


@pytest.mark.parametrize("compiled", [False, True])
def test_of_two_reasons_the_first_found_is_given(compiled: bool) -> None:
    unread = charge("0.25", "10")
    by_time = {"type": "TIME", "price": Decimal(2)}
    unread["tariffs"][0]["elements"] = [
        {"price_components": [by_time], "restrictions": {"start_date": "2024-13-01"}},
        {**unread["tariffs"][0]["elements"][0], "restrictions": {"min_kwh": 5}},
    ]
    unread["cdr"]["ENERGY"] = unread["cdr"]["periods"][0].pop("ENERGY")
    unread["cdr"]["periods"][0]["TIME"] = "1"
    rated = rate([unread], compiled=compiled)
    assert rated.cdrs["reason"].to_list() == ["RESTRICTION_UNREADABLE"]


def test_every_reason_has_words() -> None:
    assert set(REASON_WORDS) == {reason.name for reason in Reason} - {"PRICED"}


def test_minor_units_are_those_of_iso_4217() -> None:
    assert [minor_unit_decimals(code) for code in ("EUR", "JPY", "KWD", "ABC")] == [2, 0, 3, 2]
    assert minor_unit_millionths("EUR") == 10_000


def test_the_terms_of_a_price_differ_where_it_may() -> None:
    assert Contract().price_terms != Contract(reverse_charge=True).price_terms
    assert Contract().price_terms == Contract(tariff_source="embedded").price_terms
