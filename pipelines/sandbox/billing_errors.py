"""The table of billing errors: the label, rule, cause and change of a bill of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipelines.sandbox import bill_changes as c
from pipelines.sandbox.bill_changes import (
    HOUR_S,
    Context,
    Fits,
    by_current,
    claim_more,
    credit_chain,
    embed,
    keep,
    let_happen,
    on_copy,
    publish_later,
    repriced,
    state,
)
from pipelines.sandbox.charges import Bill, close_age_days, periods_of, phases_of, price_of
from pipelines.sandbox.error_plan import MODERN, BillingError
from pipelines.sandbox.numbers import DAY_S
from pipelines.sandbox.pricing import BillingPractice, Part

MATURE_DAYS = 16


# The charges that an error fits.


def both(*tests: Fits) -> Fits:
    """Fit what fits all."""
    return lambda bill, context: all(test(bill, context) for test in tests)


def when(test: Callable[[Bill], bool]) -> Fits:
    """Fit charges that cost energy at one price and nothing else, and pass a test."""
    return lambda bill, context: by_energy(bill, context) and test(bill)


def given(test: Fits) -> Fits:
    """Fit charges that cost energy at one price, and pass a test in their context."""
    return both(by_energy, test)


def by_energy(bill: Bill, context: Context) -> bool:
    """Fit charges that cost energy at one price and nothing else."""
    return bill.tariffs[0].id in ("AC-KWH", "DC-KWH") and bill.net >= 200


def billed_by(*names: str) -> Fits:
    """Fit charges by tariffs with these ids."""
    return lambda bill, context: bill.tariffs[0].id in names


def older(days: int) -> Fits:
    """Fit CDRs by energy made more than so many whole days before `now`."""
    return given(lambda bill, context: (context.now - bill.last_updated) // DAY_S > days)


def closed(days: int) -> Fits:
    """Fit CDRs by energy whose month was invoiced more than so many days ago."""
    return given(lambda b, ctx: close_age_days(b.end, b.last_updated, ctx.now) > days)


def part_of(part: Part, *names: str) -> Fits:
    """Fit charges by these tariffs in which a part costs something."""
    return lambda bill, context: (
        bill.tariffs[0].id in names and bill.parts.get(part, (0, None))[0] >= 100
    )


def possible_wh(low: int, high: int) -> Fits:
    """Fit charges whose connector could have given about so much in the time."""
    return when(lambda b: low < b.plug.watt * b.charge.charging_s // 3600 < high)


def crosses(bill: Bill, context: Context) -> bool:
    """Fit charges in which a price changes while something is priced: not every cut is one."""
    return price_of(periods_of(replace(bill.charge, uncut=True)), bill.evse).net != bill.net


def current_version(bill: Bill, context: Context) -> bool:
    """Fit charges by the version in force now that replaced another one."""
    line = bill.evse.line
    replaced = line.at(bill.start) is line.at(context.now) and line.before(bill.start) is not None
    return replaced and line.published


def european(bill: Bill, context: Context) -> bool:
    """Fit charges whose tariff states a VAT rate."""
    return context.partner.taxed and bill.tariffs[0].elements[0].components[0].vat is not None


heavy = when(lambda b: b.wh > 8000)
fast = when(lambda b: b.evse.site.kind == "DC")
long_ac = when(lambda b: b.evse.site.kind == "AC" and b.total_s > HOUR_S)
by_card = both(long_ac, lambda b, ctx: b.token.kind == "RFID")
strong = both(fast, lambda b, ctx: b.plug.watt >= 150_000)
taxed = when(lambda b: b.gross is not None and b.gross > b.net)
reserved = part_of("reservation", "AC-RESERVE")
at_home = when(lambda b: b.evse.site.kind == "AC")


def periods(count: int) -> Fits:
    """Fit charges of so many periods, of which the first is long enough to be shortened."""
    return when(lambda b: len(b.periods) >= count and b.periods[0].seconds > 1300)


DIFFERENCE = ("TOTAL_COST_MISMATCH",)
ENERGY = (*DIFFERENCE, "ENERGY_COST_MISMATCH")

# Identity: CDRs that are not new, not ours, or in two places at once.
IDENTITY = (
    BillingError("changed_copy", "CDR_DUPLICATE_ID_CHANGED", on_copy(c.dearer_copy), by_energy,
                 "rejected", roles=(0, 1), marked=1),
    BillingError("billed_twice", "CDR_DUPLICATE_SESSION", on_copy(c.second_bill), by_energy,
                 "rejected", also=("CDR_NEAR_DUPLICATE", "OVERLAP_EVSE", "OVERLAP_TOKEN"),
                 roles=(0, 1), marked=1, versions=MODERN),
    BillingError("near_copy", "CDR_NEAR_DUPLICATE", on_copy(c.near_copy), by_card, "claim",
                 also=("OVERLAP_EVSE", "OVERLAP_TOKEN"), roles=(0, 1), marked=1,
                 own_sessions=(1,)),
    BillingError("foreign_party", "PARTY_NOT_PARTNERS", state(party_id=lambda b: "ZZZ"),
                 by_energy, "rejected", also=("TARIFF_MISSING", "SESSION_MISSING"),
                 session="nothing", versions=MODERN),
    BillingError("same_connector", "OVERLAP_EVSE", on_copy(c.overlap_connector), long_ac,
                 "claim", roles=(0, 1), marked=1, own_sessions=(1,)),
    BillingError("same_token", "OVERLAP_TOKEN", on_copy(c.overlap_token),
                 both(by_card, lambda b, ctx: bool(c.near(b, ctx))), "claim",
                 also=("TOKEN_IMPOSSIBLE_TRAVEL",), roles=(0, 1), marked=1, own_sessions=(1,)),
    BillingError("far_away", "TOKEN_IMPOSSIBLE_TRAVEL", on_copy(c.travel_far),
                 both(by_card, lambda b, ctx: bool(c.far(b, ctx))), roles=(0, 1), marked=1,
                 own_sessions=(1,)),
    BillingError("missing_session", "SESSION_MISSING", keep, by_energy, session="nothing"),
)  # fmt: skip
# Time: impossible, implausible, late, or at odds with the periods.
TIME = (
    BillingError("ends_before_start", "END_NOT_AFTER_START", state(end=lambda b: b.start - 60),
                 by_energy, "rejected", session="the truth",
                 also=("TOTAL_TIME_MISMATCH", "PERIOD_OUTSIDE_CDR", "DURATION_IMPLAUSIBLE",
                       "CDR_LATE", "ENERGY_EXCEEDS_POWER")),
    # next year: far enough ahead for any clock that pulls it
    BillingError("in_future", "IN_FUTURE",
                 let_happen(start=lambda b: b.charge.start + 400 * DAY_S), by_energy, "rejected",
                 also=("TARIFF_NOT_ACTIVE", "TARIFF_DIFFERS_FROM_PUBLISHED"),
                 session="the truth", versions=MODERN),
    BillingError("start_never_set", "SENTINEL_TIME", state(start=lambda b: 0), by_energy, "claim",
                 also=("TOTAL_TIME_MISMATCH", "DURATION_IMPLAUSIBLE", "OVERLAP_EVSE",
                       "OVERLAP_TOKEN", "TARIFF_DIFFERS_FROM_PUBLISHED"),
                 session="the truth", versions=MODERN),
    BillingError("longer_total", "TOTAL_TIME_MISMATCH",
                 state(total_s=lambda b: b.total_s + HOUR_S // 2), by_energy,
                 also=("PERIODS_TIME_MISMATCH",), session="the truth"),
    BillingError("parked_longer", "PARKING_EXCEEDS_TOTAL",
                 state(parking_s=lambda b: b.total_s + HOUR_S), by_energy, "rejected",
                 session="the truth"),
    BillingError("short_periods", "PERIODS_TIME_MISMATCH",
                 c.first_period(seconds=lambda b: b.periods[0].seconds - 600), periods(1),
                 session="the truth"),
    BillingError("early_period", "PERIOD_OUTSIDE_CDR",
                 c.first_period(start=lambda b: b.periods[0].start - 600), periods(1),
                 session="the truth"),
    BillingError("unordered", "PERIODS_UNORDERED",
                 state(periods=lambda b: [b.periods[n] for n in (0, 2, 1)] + b.periods[3:]),
                 periods(3), "unpriceable", session="the truth"),
    BillingError("two_days_late", "CDR_LATE", publish_later(2), older(3)),
    BillingError("five_weeks_late", "CDR_LATE", publish_later(35), older(36), "claim"),
    # before the quarter, and so before every other charge there
    BillingError("too_old", "CDR_TOO_OLD", let_happen(start=lambda b: b.charge.start - 93 * DAY_S),
                 by_energy, "rejected", also=("CDR_LATE", "TARIFF_DIFFERS_FROM_PUBLISHED")),
    BillingError("blink", "DURATION_IMPLAUSIBLE",
                 let_happen(phases=lambda b: ((25, 250), (20, 150)), idle_s=lambda b: 0), fast,
                 "claim"),
    BillingError("overnight_dc", "DURATION_IMPLAUSIBLE",
                 let_happen(idle_s=lambda b: 7 * HOUR_S, published_after_s=300), fast, "claim"),
)  # fmt: skip
# Energy, and CDRs at odds with their session, place or token.
QUANTITY = (
    BillingError("more_than_periods", "PERIODS_ENERGY_MISMATCH", state(wh=lambda b: b.wh + 2000),
                 heavy, "effect", session="the truth", also=("SESSION_ENERGY_MISMATCH",)),
    BillingError("beyond_power", "ENERGY_EXCEEDS_POWER", let_happen(phases=c.beyond_power),
                 possible_wh(2000, 70_000), "claim"),
    BillingError("truckload", "ENERGY_IMPLAUSIBLE",
                 let_happen(phases=c.truckload, idle_s=lambda b: 0, published_after_s=300),
                 strong, "claim"),
    BillingError("in_wh", "ENERGY_IMPLAUSIBLE", state(kwh_scale=lambda b: 1000), heavy, "claim",
                 cause="WH_FOR_KWH", session="the truth",
                 also=("ENERGY_EXCEEDS_POWER", *ENERGY, "SESSION_ENERGY_MISMATCH")),
    BillingError("negative_energy", "ENERGY_NEGATIVE",
                 state(wh=lambda b: -b.wh,
                       periods=lambda b: [replace(p, wh=-p.wh) for p in b.periods]),
                 by_energy, "rejected", session="the truth",
                 also=(*ENERGY, "SESSION_ENERGY_MISMATCH", "PERIODS_ENERGY_MISMATCH",
                       "ZERO_ENERGY_WITH_COST")),
    BillingError("trifle", "ZERO_ENERGY_WITH_COST",
                 let_happen(phases=lambda b: phases_of("AC", 300, 80), idle_s=lambda b: 0),
                 by_energy, "claim", also=("PRICE_OUTLIER",)),
    BillingError("other_meter", "SIGNED_DATA_MISMATCH", state(signed_wh=lambda b: b.wh - 4000),
                 heavy, "claim", versions=MODERN),
    BillingError("session_invalid", "SESSION_INVALID",
                 state(session_status=lambda b: "INVALID"), by_energy, "rejected"),
    BillingError("session_energy", "SESSION_ENERGY_MISMATCH",
                 state(session_wh=lambda b: b.wh * 8 // 10), heavy, "effect"),
    BillingError("session_cost", "SESSION_COST_MISMATCH",
                 state(session_net=lambda b: b.net * 8 // 10), heavy, "effect"),
    BillingError("never_billed", "CDR_MISSING", keep, older(8), roles=(), marked=None),
    BillingError("unknown_location", "LOCATION_UNKNOWN",
                 state(location_id=lambda b: "NOWHERE-1", evse_uid=lambda b: "NOWHERE-1-1"),
                 by_energy, also=("EVSE_UNKNOWN",), session="the truth", versions=MODERN),
    BillingError("unknown_evse", "EVSE_UNKNOWN",
                 state(evse_uid=lambda b: f"{b.party_id}-999999"), by_energy,
                 session="the truth", versions=MODERN),
    BillingError("unknown_token", "TOKEN_UNKNOWN", state(token=c.unknown_token), by_energy,
                 "claim"),
    BillingError("blocked_token", "TOKEN_BLOCKED", state(token=c.blocked_token), by_energy,
                 "rejected"),
    BillingError("broken_evse", "EVSE_NOT_OPERATIVE", c.at_broken_evse,
                 given(lambda b, ctx: b.total_s > 900 and bool(c.broken_by_then(b, ctx)))),
)  # fmt: skip
# Tariff and money: the wrong price, and wrong sums of the right one.
MONEY = (
    BillingError("old_version", "TARIFF_DIFFERS_FROM_PUBLISHED", embed(c.older_version),
                 given(current_version), "difference", also=ENERGY,
                 cause="WRONG_TARIFF_VERSION"),
    BillingError("expired_tariff", "TARIFF_NOT_ACTIVE",
                 embed(lambda b, tariff: replace(tariff, id="OWN", end=b.start - DAY_S)),
                 by_energy, "unpriceable", versions=MODERN),
    BillingError("no_tariff", "TARIFF_MISSING", c.name_unknown_tariff, by_energy,
                 "unpriceable", versions=MODERN),
    BillingError("foreign_rate", "VAT_RATE_MISMATCH",
                 embed(lambda b, tariff: repriced(tariff, vat=19_000)), given(european)),
    BillingError("outlier", "PRICE_OUTLIER",
                 embed(lambda b, t: repriced(t, price=t.elements[0].components[0].price * 4)),
                 by_energy, versions=MODERN),
    BillingError("by_current", "RESTRICTION_UNVERIFIABLE", embed(by_current), by_energy,
                 versions=MODERN),
    # periods that run on where the price changes, billed by their start
    BillingError("uncut", "PERIOD_SPANS_PRICE_CHANGE", let_happen(uncut=lambda b: True),
                 both(billed_by("AC-NIGHT", "AC-WORK", "DC-PEAK"), crosses)),
    BillingError("energy_overbilled", "ENERGY_COST_MISMATCH", claim_more("energy", 137),
                 by_energy, "difference", also=DIFFERENCE, versions=MODERN),
    BillingError("total_overbilled", "TOTAL_COST_MISMATCH", claim_more("energy", 119), by_energy,
                 "difference", versions=("2.1.1",)),
    BillingError("time_overbilled", "TIME_COST_MISMATCH", claim_more("time", 111),
                 part_of("time", "AC-TIME", "AC-TIMEPARK", "AC-LONG"), "difference",
                 also=DIFFERENCE, versions=MODERN),
    BillingError("parking_overbilled", "PARKING_COST_MISMATCH", claim_more("parking", 109),
                 part_of("parking", "AC-STAY", "AC-TIMEPARK", "DC-STAY"), "difference",
                 also=DIFFERENCE, versions=MODERN),
    BillingError("fixed_overbilled", "FIXED_COST_MISMATCH", claim_more("fixed", 100),
                 billed_by("AC-START", "DC-SESSION"), "difference", also=DIFFERENCE,
                 versions=MODERN),
    BillingError("reservation_overbilled", "RESERVATION_COST_MISMATCH",
                 claim_more("reservation", 113), reserved, "difference", also=DIFFERENCE,
                 versions=MODERN),
    BillingError("reservation_ignored", "RESERVATION_COST_MISMATCH",
                 c.bill_by(BillingPractice(reservation=False)), reserved, "difference",
                 also=DIFFERENCE, cause="RESERVATION_IGNORED", versions=MODERN),
    BillingError("other_tariff", "TOTAL_COST_MISMATCH", c.claim_adhoc_price,
                 given(lambda b, ctx: ctx.catalogue.second.id in b.evse.tariff_ids),
                 "difference", also=("ENERGY_COST_MISMATCH", "FIXED_COST_MISMATCH"),
                 cause="OTHER_TARIFF", versions=MODERN),
    BillingError("step_per_period", "STEP_SIZE_MISAPPLIED",
                 c.bill_by(BillingPractice(steps="period")), billed_by("AC-STEP", "AC-TIME"),
                 "difference", also=(*ENERGY, "TIME_COST_MISMATCH"), cause="STEP_PER_PERIOD"),
    BillingError("step_per_dimension", "STEP_SIZE_MISAPPLIED",
                 c.bill_by(BillingPractice(steps="dimension")), billed_by("AC-TIMEPARK"),
                 "difference", also=(*DIFFERENCE, "TIME_COST_MISMATCH"),
                 cause="STEP_PER_DIMENSION"),
    BillingError("wall_clock", "TIME_COST_MISMATCH", c.bill_by(BillingPractice(wall_clock=True)),
                 billed_by("AC-TIME"), "difference", also=DIFFERENCE, cause="WALL_CLOCK_TIME",
                 versions=MODERN),
    BillingError("limit_ignored", "LIMIT_BREACHED", c.bill_by(BillingPractice(limits=False)),
                 billed_by("AC-LIMIT", "DC-MAX"), "difference", also=DIFFERENCE,
                 cause="LIMIT_IGNORED", versions=MODERN),
    BillingError("odd_parts", "BREAKDOWN_MISMATCH", c.odd_parts, by_energy,
                 also=("ENERGY_COST_MISMATCH",), versions=MODERN),
    # a total after taxes that its own rate does not give
    BillingError("odd_tax", "VAT_ARITHMETIC", state(gross=lambda b: (b.gross or 0) + 100), taxed,
                 versions=("2.2.1",)),
    BillingError("tax_in_net", "TOTAL_COST_MISMATCH",
                 state(net=lambda b: b.gross or b.net,
                       parts=lambda b: {p: (g or n, g) for p, (n, g) in b.parts.items()}),
                 taxed, "difference", also=("ENERGY_COST_MISMATCH", "VAT_ARITHMETIC"),
                 cause="VAT_INCLUDED", versions=("2.2.1",)),
    # tax where the recipient owes it
    BillingError("taxed", "REVERSE_CHARGE_VIOLATED", state(gross=c.with_local_vat),
                 given(lambda b, ctx: ctx.partner.hub_party is not None), versions=("2.2.1",)),
    BillingError("other_currency", "CURRENCY_MISMATCH", state(currency=lambda b: "SEK"),
                 by_energy, "rejected", also=("TARIFF_MISSING",)),
    BillingError("below_zero", "NEGATIVE_WITHOUT_CREDIT",
                 state(net=lambda b: -b.net, gross=lambda b: b.gross and -b.gross), by_energy,
                 "rejected", also=(*ENERGY, "BREAKDOWN_MISMATCH"), session="the truth"),
)  # fmt: skip
CREDIT = (
    BillingError("orphan_credit", "CREDIT_ORIGINAL_MISSING", on_copy(c.orphan_credit), older(8),
                 "rejected", roles=(0, 1), marked=1, versions=MODERN),
    BillingError("credit_short", "CREDIT_AMOUNT_MISMATCH", credit_chain(short=100),
                 older(MATURE_DAYS), "rejected", roles=(0, 1), marked=1, versions=MODERN),
    BillingError("credited_twice", "CREDITED_TWICE", credit_chain(), older(MATURE_DAYS),
                 "rejected", roles=(0, 1, 2, 3), marked=3, versions=MODERN),
    BillingError("not_replaced", "CREDIT_WITHOUT_REPLACEMENT", credit_chain(),
                 older(MATURE_DAYS), "credited", roles=(0, 1), marked=1, versions=MODERN),
    BillingError("invoiced_twice", "INVOICE_CDR_TWICE", keep, closed(0), marked=None,
                 versions=("2.3.0",)),
    BillingError("unknown_on_invoice", "INVOICE_CDR_UNKNOWN", keep, closed(0), marked=None,
                 versions=("2.3.0",)),
    BillingError("not_invoiced", "CDR_NOT_INVOICED", keep, closed(32), versions=("2.3.0",)),
)  # fmt: skip
ERRORS = (*IDENTITY, *TIME, *QUANTITY, *MONEY, *CREDIT)
FALSE_POSITIVE_CASES = (
    BillingError("credited_and_replaced", None, credit_chain(), older(1), "credited",
                 roles=(0, 1, 2), marked=1, versions=MODERN),
    # at a driver's home, to be paid to the driver
    BillingError("home_charging", None,
                 state(home=lambda b: True, location_id=lambda b: f"HOME-{b.cdr_id}",
                       evse_uid=lambda b: f"HOME-{b.cdr_id}-1"),
                 at_home, session="the truth", versions=MODERN),
    BillingError("line_rounding", None, c.round_lines, by_energy),
    # parking in the total that no period carries, and that costs nothing
    BillingError("free_parking", None,
                 state(periods=lambda b: [p for p in b.periods if p.kind != "PARKING"]),
                 when(lambda b: b.charge.idle_s > 900)),
    # a reservation that nobody came for
    BillingError("expired_reservation", None,
                 let_happen(phases=lambda b: (), idle_s=lambda b: 0),
                 lambda b, ctx: bool(b.charge.reserved_s) and b.tariffs[0].id == "AC-RESERVE",
                 versions=MODERN),
    BillingError("changed_over", None, c.change_over, given(billed_by("AC-KWH")),
                 versions=MODERN),
    BillingError("signed_rightly", None, state(signed_wh=lambda b: b.wh), by_energy,
                 versions=MODERN),
    BillingError("within_a_day", None, state(last_updated=lambda b: b.end + 23 * HOUR_S),
                 older(2)),
)  # fmt: skip
