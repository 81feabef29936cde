"""The sandbox's own pricing against sums done by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.sandbox import messages
from pipelines.sandbox.charges import Charge, periods_of
from pipelines.sandbox.parties import PARTNERS
from pipelines.sandbox.pricing import Amounts, BillingPractice, cents, price
from pipelines.sandbox.tariffs import Component, Element, Limit, Restrictions, Tariff

UTC_ZONE = "Etc/UTC"
MONDAY_NOON = 1_793_016_000 - 1_793_016_000 % 86_400 + 12 * 3600


def tariff(*elements: Element, **more: Any) -> Tariff:
    return Tariff("NL", "VLX", "T", "EUR", elements, 0, **more)


def element(restrictions: Restrictions | None = None, **prices: tuple[int, int]) -> Element:
    names = {"flat": "FLAT", "energy": "ENERGY", "time": "TIME", "parking": "PARKING_TIME"}
    components = tuple(
        Component(names[name], amount, step, 21_000)  # type: ignore[arg-type]
        for name, (amount, step) in prices.items()
    )
    return Element(components, restrictions or Restrictions())


def bill(of: Tariff, practice: BillingPractice | None = None, **facts: Any) -> Amounts:
    stated = {
        "start": MONDAY_NOON,
        "reserved_s": 0,
        "phases": ((3600, 10_000),),
        "idle_s": 0,
        "tariffs": (of,),
        "zone": UTC_ZONE,
    }
    charge = Charge(**{**stated, **facts})
    return price(periods_of(charge), UTC_ZONE, 0, practice or BillingPractice())


KWH = element(energy=(4200, 1))
NIGHT = Restrictions(start_time=23 * 60, end_time=7 * 60)
RESERVED = tariff(
    element(Restrictions(reservation="RESERVATION_EXPIRES"), flat=(20_000, 1), time=(60_000, 300)),
    element(Restrictions(reservation="RESERVATION"), time=(30_000, 60), flat=(5000, 1)),
    KWH,
)


@pytest.mark.parametrize(
    ("of", "facts", "net", "gross"),
    [
        # 10 kWh at 0.42 = 4.20; with 21 %: 5.082
        (tariff(KWH), {}, 420, 508),
        # 4.20 + 0.35 = 4.55; 5.5055
        (tariff(element(energy=(4200, 1), flat=(3500, 1))), {}, 455, 551),
        # 61 minutes at 1.80 by quarters: 75 min = 2.25
        (tariff(element(time=(18_000, 900))), {"phases": ((3660, 10_000),)}, 225, 272),
        # 1 h at 1.50 unrounded because parking was priced; 10 min at 0.60 by quarters = 0.15
        (tariff(element(time=(15_000, 900), parking=(6000, 900))), {"idle_s": 600}, 165, 200),
        # 10.001 kWh by full kWh: 11 at 0.42 = 4.62
        (tariff(element(energy=(4200, 1000))), {"phases": ((3600, 10_001),)}, 462, 559),
        # 10 kWh at 0.40 and 5 at 0.50 = 6.50
        (
            tariff(
                element(Restrictions(max_wh=10_000), energy=(4000, 1)), element(energy=(5000, 1))
            ),
            {"phases": ((5400, 15_000),)},
            650,
            787,
        ),
        # 22:30 to 00:30: a quarter of 12 kWh by day at 0.60, the rest by night at 0.30: 4.50
        (
            tariff(element(NIGHT, energy=(3000, 1)), element(energy=(6000, 1))),
            {"start": MONDAY_NOON + 37_800, "phases": ((7200, 12_000),)},
            450,
            545,
        ),
        # grace of four hours: charging 1 h, idling 5 h: 2 h at 2.00 by minutes, and 4.20
        (
            tariff(element(Restrictions(min_duration=14_400), parking=(20_000, 60)), KWH),
            {"idle_s": 5 * 3600},
            820,
            992,
        ),
        # 4.20 is at most 4.00, and after taxes at most 4.84
        (tariff(KWH, max_price=Limit(400, 484)), {}, 400, 484),
        # 4.20 is at least 5.00; the gross moves in proportion: 6.05
        (tariff(KWH, min_price=Limit(500)), {}, 500, 605),
        # gross prices: 4.20 after taxes, 3.4711 before
        (tariff(KWH, tax_included="YES"), {}, 347, 420),
        # reserved 10 min at 3.00 = 0.50, reservation fee 0.50, energy 4.20
        (RESERVED, {"reserved_s": 600}, 520, 629),
        # nobody came: 12 min by five at 6.00 = 1.50, fees 2.00 and 0.50
        (RESERVED, {"reserved_s": 700, "phases": ()}, 400, 484),
        (tariff(element(flat=(0, 1))), {}, 0, 0),
    ],
)
def test_bills_are_what_a_person_computes(
    of: Tariff, facts: dict[str, Any], net: int, gross: int
) -> None:
    amounts = bill(of, **facts)
    assert (amounts.net, amounts.gross) == (net, gross)


@pytest.mark.parametrize(
    ("of", "practice", "facts", "net"),
    [
        # twice 31 min, each by quarters: 90 min = 2.70, where 62 → 75 min = 2.25 is right
        (
            tariff(element(time=(18_000, 900))),
            BillingPractice(steps="period"),
            {"phases": ((1860, 5000), (1860, 5000))},
            270,
        ),
        # time 61 → 75 min = 1.875 and parking 10 → 15 min = 0.15, where only parking rounds
        (
            tariff(element(time=(15_000, 900), parking=(6000, 900))),
            BillingPractice(steps="dimension"),
            {"phases": ((3660, 10_000),), "idle_s": 600},
            203,
        ),
        (
            tariff(element(time=(18_000, 900))),
            BillingPractice(wall_clock=True),
            {"idle_s": 3600},
            360,
        ),
        (tariff(KWH, max_price=Limit(400)), BillingPractice(limits=False), {}, 420),
        (RESERVED, BillingPractice(reservation=False), {"reserved_s": 600}, 420),
    ],
)
def test_each_wrong_practice_is_wrong_in_its_own_way(
    of: Tariff, practice: BillingPractice, facts: dict[str, Any], net: int
) -> None:
    assert bill(of, practice, **facts).net == net


def test_a_price_without_a_tax_rate_has_no_gross() -> None:
    plain = tariff(Element((Component("ENERGY", 4200),)))
    assert bill(plain).gross is None


def test_cents_are_rounded_half_up() -> None:
    half = 36_000_000_000 * 100_000 // 200
    assert [cents(half - 1), cents(half), cents(3 * half)] == [0, 1, 2]


def test_periods_are_cut_at_the_wh_and_lose_nothing() -> None:
    tiers = tariff(element(Restrictions(max_wh=10_000), energy=(1, 1)), element(energy=(2, 1)))
    phases = ((3600, 9_999), (3601, 2))
    charge = Charge(MONDAY_NOON, 0, phases, 0, (tiers,), UTC_ZONE)
    periods = periods_of(charge)
    assert sum(period.wh for period in periods) == charge.wh
    assert sum(period.seconds for period in periods) == charge.end - charge.start
    drawn = 0
    for period in periods:
        assert not drawn < 10_000 < drawn + period.wh
        drawn += period.wh


@pytest.mark.parametrize("hour", [0, 1, 2])
def test_clock_changes_are_cuts(hour: int) -> None:
    """25 October 2026, 01:00 UTC: Amsterdam goes back from three to two."""
    autumn = 1_792_886_400 + hour * 600
    windows = tariff(element(Restrictions(start_time=150, end_time=300), energy=(1, 1)), KWH)
    charge = Charge(autumn, 0, ((10_800, 9000),), 0, (windows,), "Europe/Amsterdam")
    starts = {period.start for period in periods_of(charge)}
    half_past_two, jump, half_past_two_again = 1_792_888_200, 1_792_890_000, 1_792_891_800
    assert {half_past_two, jump, half_past_two_again} <= starts


def test_a_session_that_has_just_begun_has_no_period_yet() -> None:
    old = next(one for one in PARTNERS if one.version == "2.1.1")
    begun: Any = SimpleNamespace(periods=[], tariffs=(tariff(element(flat=(3500, 1))),))
    assert messages._periods(begun, old) == []
