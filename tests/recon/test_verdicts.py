from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.recon.verdicts import CLAIM_SCHEMA, judge
from models.tables.recon import VERDICTS

CLEAN: dict[str, Any] = {
    "claimed_excl_vat": Decimal("10.00"),
    "claimed_incl_vat": Decimal("12.10"),
    "expected_excl_vat": Decimal("10.00"),
    "expected_incl_vat": Decimal("12.10"),
    "currency": "EUR",
    "tolerance_absolute": Decimal("0.02"),
    "tolerance_relative": Decimal("0.005"),
    "credit": False,
    "home_charging_compensation": False,
    "is_cancelled_pair": False,
    "credit_is_honoured": False,
    "taken_off_excl_vat": Decimal("0"),
    "has_fatal": False,
    "stake_excl_vat": Decimal("0"),
    "non_price_stake_excl_vat": Decimal("0"),
}


def verdict(**changes: Any) -> dict[str, Any]:
    frame = pl.DataFrame([CLEAN | changes], schema=CLAIM_SCHEMA)
    return judge(frame).row(0, named=True)


def split(row: dict[str, Any]) -> tuple[Decimal, Decimal, Decimal]:
    return row["payable_excl_vat"], row["disputed_excl_vat"], row["rejected_excl_vat"]


@pytest.mark.parametrize(
    ("claimed", "expected", "said"),
    [
        ("10.00", "10.00", "agreed"),
        ("10.0049", "10.00", "agreed"),
        ("10.005", "10.00", "tolerated"),
        ("10.02", "10.00", "tolerated"),
        ("10.05", "10.00", "tolerated"),
        ("10.050001", "10.00", "overclaimed"),
        ("9.95", "10.00", "tolerated"),
        ("9.949999", "10.00", "underclaimed"),
        ("0.02", "0.00", "tolerated"),
        ("0.03", "0.00", "overclaimed"),
        ("0.00", "0.00", "agreed"),
    ],
)
def test_the_tolerance_is_inclusive_and_of_the_expected_amount(
    claimed: str, expected: str, said: str
) -> None:
    row = verdict(claimed_excl_vat=Decimal(claimed), expected_excl_vat=Decimal(expected))

    assert row["verdict"] == said


@pytest.mark.parametrize(
    ("currency", "claimed", "said"),
    [
        ("JPY", "100.4", "agreed"),
        ("EUR", "100.4", "tolerated"),
        ("EUR", "100.0004", "agreed"),
        ("KWD", "100.0004", "agreed"),
        ("CLF", "100.0004", "tolerated"),
    ],
)
def test_equality_is_to_the_minor_unit_of_the_currency(
    currency: str, claimed: str, said: str
) -> None:
    row = verdict(
        claimed_excl_vat=Decimal(claimed), expected_excl_vat=Decimal(100), currency=currency
    )

    assert row["verdict"] == said
    assert row["delta_excl_vat"] == Decimal(claimed) - 100


def test_what_is_overclaimed_is_disputed_and_the_rest_paid() -> None:
    row = verdict(claimed_excl_vat=Decimal(12), stake_excl_vat=Decimal(2))

    assert row["verdict"] == "overclaimed"
    assert split(row) == (Decimal(10), Decimal(2), Decimal(0))


def test_a_doubt_about_the_claim_outweighs_its_price() -> None:
    row = verdict(stake_excl_vat=Decimal(10), non_price_stake_excl_vat=Decimal(10))

    assert row["verdict"] == "disputed"
    assert split(row) == (Decimal(0), Decimal(10), Decimal(0))


def test_a_finding_with_nothing_at_stake_disputes_nothing() -> None:
    assert verdict()["verdict"] == "agreed"
    assert split(verdict()) == (Decimal(10), Decimal(0), Decimal(0))


def test_no_more_is_disputed_than_claimed() -> None:
    row = verdict(stake_excl_vat=Decimal(99), non_price_stake_excl_vat=Decimal(99))

    assert split(row) == (Decimal(0), Decimal(10), Decimal(0))


def test_an_unknown_price_holds_the_whole_claim() -> None:
    row = verdict(expected_excl_vat=None, expected_incl_vat=None)

    assert row["verdict"] == "unpriceable"
    assert split(row) == (Decimal(0), Decimal(10), Decimal(0))
    assert row["delta_excl_vat"] is None


def test_a_fatal_finding_rejects_all() -> None:
    row = verdict(has_fatal=True, stake_excl_vat=Decimal(3), expected_excl_vat=None)

    assert row["verdict"] == "rejected"
    assert split(row) == (Decimal(0), Decimal(0), Decimal(10))


def test_a_negative_claim_is_rejected_whole() -> None:
    row = verdict(claimed_excl_vat=Decimal(-5), has_fatal=True)

    assert split(row) == (Decimal(0), Decimal(0), Decimal(-5))


def test_a_cancelled_pair_sums_to_zero_whatever_else_is_wrong() -> None:
    original = verdict(is_cancelled_pair=True, has_fatal=True)
    credit = verdict(
        is_cancelled_pair=True,
        credit=True,
        claimed_excl_vat=Decimal(-10),
        expected_excl_vat=None,
        expected_incl_vat=None,
    )

    assert (original["verdict"], credit["verdict"]) == ("credited", "credited")
    assert original["payable_excl_vat"] + credit["payable_excl_vat"] == 0


def test_a_credit_without_its_original_waits() -> None:
    row = verdict(
        credit=True, claimed_excl_vat=Decimal(-10), expected_excl_vat=None, expected_incl_vat=None
    )

    assert row["verdict"] == "unpriceable"
    assert split(row) == (Decimal(0), Decimal(-10), Decimal(0))


def test_home_charging_is_not_held_for_want_of_a_price() -> None:
    row = verdict(home_charging_compensation=True, expected_excl_vat=None, expected_incl_vat=None)

    assert row["verdict"] == "agreed"
    assert split(row) == (Decimal(10), Decimal(0), Decimal(0))


def test_gross_decides_where_net_cannot_be_known() -> None:
    row = verdict(expected_excl_vat=None, expected_incl_vat=Decimal("12.10"))
    over = verdict(expected_excl_vat=None, expected_incl_vat=Decimal("11.00"))

    assert (row["verdict"], over["verdict"]) == ("agreed", "overclaimed")
    assert over["delta_excl_vat"] is None
    assert over["delta_incl_vat"] == Decimal("1.10")


def test_an_unknown_claim_stays_unknown() -> None:
    row = verdict(claimed_excl_vat=None, claimed_incl_vat=None)

    assert row["verdict"] == "unpriceable"
    assert split(row) == (None, None, None)


amounts = st.decimals(min_value=-10_000, max_value=10_000, places=6, allow_nan=False)
stakes = st.decimals(min_value=0, max_value=10_000, places=6, allow_nan=False)


@st.composite
def any_claims(draw: st.DrawFn) -> dict[str, Any]:
    doubt = draw(stakes)
    return CLEAN | {
        "claimed_excl_vat": draw(amounts),
        "claimed_incl_vat": draw(st.none() | amounts),
        "expected_excl_vat": draw(st.none() | stakes),
        "expected_incl_vat": draw(st.none() | stakes),
        "currency": draw(st.sampled_from(["JPY", "EUR", "KWD", "CLF"])),
        "credit": draw(st.booleans()),
        "home_charging_compensation": draw(st.booleans()),
        "is_cancelled_pair": draw(st.booleans()),
        "has_fatal": draw(st.booleans()),
        "non_price_stake_excl_vat": doubt,
        "stake_excl_vat": max(doubt, draw(stakes)),
    }


@given(st.lists(any_claims(), min_size=1, max_size=20))
def test_the_claim_is_always_split_whole(claims: list[dict[str, Any]]) -> None:
    for row in judge(pl.DataFrame(claims, schema=CLAIM_SCHEMA)).iter_rows(named=True):
        payable, disputed, rejected = split(row)
        claimed = row["claimed_excl_vat"]
        assert payable + disputed + rejected == claimed
        assert row["verdict"] in VERDICTS
        if row["verdict"] == "rejected":
            assert (payable, disputed) == (0, 0)
        elif row["verdict"] == "credited":
            assert payable == claimed
        elif row["verdict"] == "unpriceable":
            assert disputed == claimed
        else:
            assert min(claimed, Decimal(0)) <= payable <= claimed
            assert disputed == min(row["stake_excl_vat"], max(claimed, Decimal(0)))


@given(amounts)
def test_any_cancelled_pair_sums_to_zero(claimed: Decimal) -> None:
    pair = [
        CLEAN | {"is_cancelled_pair": True, "claimed_excl_vat": claimed},
        CLEAN | {"is_cancelled_pair": True, "claimed_excl_vat": -claimed, "credit": True},
    ]

    judged = judge(pl.DataFrame(pair, schema=CLAIM_SCHEMA))

    assert judged["payable_excl_vat"].sum() == 0
    assert set(judged["verdict"]) == {"credited"}
