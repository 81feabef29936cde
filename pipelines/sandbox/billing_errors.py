"""The billing errors: the labels (`billing_errors.yaml`), change and charges of each."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import msgspec

from pipelines.sandbox import bill_changes as c
from pipelines.sandbox.bill_changes import HOUR_S, Change, Context, Fits
from pipelines.sandbox.charges import Bill, periods_of, phases_of, price_of
from pipelines.sandbox.invoicing import close_age_days
from pipelines.sandbox.numbers import DAY_S
from pipelines.sandbox.parties import read_yaml
from pipelines.sandbox.pricing import BillingPractice, Part

MATURE_DAYS = 16
Stake = Literal["nothing", "difference", "claim", "rejected", "effect", "unpriceable", "credited"]
StatedBySession = Literal["the same", "the truth", "nothing"]


@dataclass(frozen=True)
class BillingError:
    """A kind of billing error, or of a right CDR that only looks like one."""

    name: str  # its label in the truth file
    # the other labels, as `billing_errors.yaml` explains them
    rule: str | None = None
    also: tuple[str, ...] = ()
    cause: str | None = None
    stake: Stake = "nothing"
    marked: int | None = 0
    session: StatedBySession = "the same"
    own_sessions: tuple[int, ...] = ()
    is_billed: bool = True
    versions: tuple[str, ...] = ("2.1.1", "2.2.1", "2.3.0")

    @cached_property
    def fits(self) -> Fits:
        """The test of whether a charge is suited."""
        return CHANGES[self.name][0]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The change that makes each CDR of the charge from the right bill."""
        return CHANGES[self.name][1:]


@dataclass(frozen=True)
class Planned:
    """A charge that something happens to."""

    stream: int
    number: int
    error: BillingError
    right: Bill  # the right bill
    cdrs: dict[int, Bill]  # the bills of its CDRs, by role
    sessions: dict[int, Bill]  # the bills of its sessions, by role


# The charges that an error fits.


def by_energy(bill: Bill, context: Context) -> bool:
    """Fit charges that cost energy at one price and nothing else."""
    return bill.tariffs[0].id in ("AC-KWH", "DC-KWH") and bill.net >= 200


def both(first: Fits, second: Fits) -> Fits:
    """Fit what fits both."""
    return lambda bill, context: first(bill, context) and second(bill, context)


def when(test: Fits) -> Fits:
    """Fit charges by energy that pass a test."""
    return both(by_energy, test)


def billed_by(*names: str) -> Fits:
    """Fit charges by tariffs with these ids."""
    return lambda bill, context: bill.tariffs[0].id in names


def older(days: int) -> Fits:
    """Fit CDRs by energy made more than so many whole days before `now`."""
    return when(lambda bill, context: (context.now - bill.last_updated) // DAY_S > days)


def closed(days: int) -> Fits:
    """Fit CDRs by energy whose month was invoiced more than so many days ago."""
    return when(lambda b, ctx: close_age_days(b.end, b.last_updated, ctx.now) > days)


def part_of(part: Part, *names: str) -> Fits:
    """Fit charges by these tariffs in which a part costs something."""
    return lambda bill, context: (
        bill.tariffs[0].id in names and bill.parts.get(part, (0, None))[0] >= 100
    )


def possible_wh(low: int, high: int) -> Fits:
    """Fit charges whose connector could have given about so much in the time."""
    return when(lambda b, _: low < b.plug.watt * b.charge.charging_s // 3600 < high)


def crosses(bill: Bill, context: Context) -> bool:
    """Fit charges in which a price changes while something is priced: not every cut is one."""
    return price_of(periods_of(replace(bill.charge, uncut=True)), bill.evse).net != bill.net


def parks_once(bill: Bill, context: Context) -> bool:
    """Fit charges with one priced period of parking, that costs as much before the last one."""
    kinds = [period.kind for period in bill.periods]
    if kinds[-2:] != ["CHARGING", "PARKING"] or kinds.count("PARKING") > 1:
        return False
    return price_of(c.parked_between(bill), bill.evse).parts == bill.parts


def current_version(bill: Bill, context: Context) -> bool:
    """Fit charges by the version in force now that replaced another one."""
    line = bill.evse.line
    replaced = line.at(bill.start) is line.at(context.now) and line.before(bill.start) is not None
    return replaced and line.published


def european(bill: Bill, context: Context) -> bool:
    """Fit charges whose tariff states a VAT rate."""
    return context.partner.taxed and bill.tariffs[0].elements[0].components[0].vat is not None


heavy = when(lambda b, _: b.wh > 8000)
fast = when(lambda b, _: b.evse.site.kind == "DC")
long_ac = when(lambda b, _: b.evse.site.kind == "AC" and b.total_s > HOUR_S)
by_card = both(long_ac, lambda b, _: b.token.kind == "RFID")
strong = both(fast, lambda b, _: b.plug.watt >= 150_000)
taxed = when(lambda b, _: b.gross is not None and b.gross > b.net)
reserved = part_of("reservation", "AC-RESERVE")
nobody_came = c.let_happen(phases=(), idle_s=0)
at_home = when(lambda b, _: b.evse.site.kind == "AC")


def periods(count: int) -> Fits:
    """Fit charges of so many periods, of which the first is long enough to be shortened."""
    return when(lambda b, _: len(b.periods) >= count and b.periods[0].seconds > 1300)


# How the charges are that each suits, and how the bill of each of their CDRs is changed.
CHANGES: dict[str, tuple[Fits, *tuple[Change, ...]]] = {
    # the same CDR again a day later, dearer
    "changed_copy": (
        by_energy,
        c.keep,
        c.in_turn(c.add(last_updated=20 * HOUR_S, net=150), c.state(gross=None)),
    ),
    "billed_twice": (by_energy, c.keep, c.further("B", 3)),
    # two sessions half a minute apart
    "near_copy": (
        by_card,
        c.keep,
        c.further("N", 2, c.let_happen(start=lambda b: b.charge.start + 30), own_session=True),
    ),
    "foreign_party": (by_energy, c.state(party_id="ZZZ")),
    # another driver on the connector before this one has left
    "same_connector": (long_ac, c.keep, c.in_turn(c.bill_other_token, c.half_hour("V", -1200))),
    # the same card next door at the same time, and across the country ten minutes later
    "same_token": (both(by_card, c.near), c.keep, c.half_hour("T", -1200, c.near)),
    "far_away": (both(by_card, c.far), c.keep, c.half_hour("F", 600, c.far)),
    "missing_session": (by_energy, c.keep),
    "ends_before_start": (by_energy, c.state(end=lambda b: b.start - 60)),
    # next year: far enough ahead for any clock that pulls it
    "in_future": (by_energy, c.let_happen(start=lambda b: b.charge.start + 400 * DAY_S)),
    "start_never_set": (by_energy, c.state(start=0)),
    "longer_total": (by_energy, c.add(total_s=HOUR_S // 2)),
    "parked_longer": (by_energy, c.state(parking_s=lambda b: b.total_s + HOUR_S)),
    "short_periods": (periods(1), c.first_period(seconds=lambda p: p.seconds - 600)),
    "early_period": (periods(1), c.first_period(start=lambda p: p.start - 600)),
    "unordered": (
        periods(3),
        c.state(periods=lambda b: [b.periods[n] for n in (0, 2, 1)] + b.periods[3:]),
    ),
    "two_days_late": (older(3), c.add(last_updated=2 * DAY_S)),
    "five_weeks_late": (older(36), c.add(last_updated=35 * DAY_S)),
    # before the quarter, and so before every other charge there
    "too_old": (by_energy, c.let_happen(start=lambda b: b.charge.start - 93 * DAY_S)),
    "blink": (fast, c.let_happen(phases=((25, 250), (20, 150)), idle_s=0)),
    "overnight_dc": (fast, c.let_happen(idle_s=7 * HOUR_S, published_after_s=300)),
    "more_than_periods": (heavy, c.add(wh=2000)),
    "beyond_power": (possible_wh(2000, 70_000), c.let_happen(phases=c.beyond_power)),
    "truckload": (strong, c.let_happen(phases=c.truckload, idle_s=0, published_after_s=300)),
    "in_wh": (heavy, c.state(kwh_scale=1000)),
    # a total below zero, which its periods do not have
    "negative_energy": (by_energy, c.state(wh=lambda b: -b.wh)),
    "trifle": (by_energy, c.let_happen(phases=phases_of("AC", 300, 80), idle_s=0)),
    "other_meter": (heavy, c.state(signed_wh=lambda b: b.wh - 4000)),
    "session_invalid": (by_energy, c.state(session_status="INVALID")),
    "session_energy": (heavy, c.state(session_wh=lambda b: b.wh * 8 // 10)),
    "session_cost": (heavy, c.state(session_net=lambda b: b.net * 8 // 10)),
    "never_billed": (older(8),),
    "unbilled_blocked": (older(8), c.state(token=c.blocked_token)),
    "unbilled_reservation": (
        both(reserved, lambda b, ctx: ctx.now - b.last_updated > 8 * DAY_S),
        nobody_came,
    ),
    "unknown_location": (by_energy, c.state(location_id="NOWHERE-1", evse_uid="NOWHERE-1-1")),
    "unknown_evse": (by_energy, c.state(evse_uid=lambda b: f"{b.party_id}-999999")),
    "unknown_token": (by_energy, c.state(token=c.unknown_token)),
    "blocked_token": (by_energy, c.state(token=c.blocked_token)),
    "other_token": (by_energy, c.bill_other_token),
    # a reservation that nobody came for
    "expired_reservation": (
        lambda b, ctx: bool(b.charge.reserved_s) and b.tariffs[0].id == "AC-RESERVE",
        nobody_came,
    ),
    "broken_evse": (both(when(lambda b, _: b.total_s > 900), c.broken_by_then), c.at_broken_evse),
    "old_version": (when(current_version), c.embed(lambda b: b.evse.line.before(b.start))),
    "expired_tariff": (
        by_energy,
        c.embed(lambda b: replace(b.tariffs[0], id="OWN", end=b.start - DAY_S)),
    ),
    # one that was never published is named in every period, and none embedded
    "no_tariff": (
        by_energy,
        c.state(
            periods=lambda b: [replace(p, tariff=replace(p.tariff, id="GONE")) for p in b.periods],
            tariffs=(),
        ),
    ),
    "foreign_rate": (when(european), c.embed(lambda b: c.repriced(b, vat=19_000))),
    "outlier": (
        by_energy,
        c.embed(lambda b: c.repriced(b, price=b.tariffs[0].rates["ENERGY"].price * 4)),
    ),
    "by_current": (by_energy, c.embed(c.by_current)),
    # periods that run on where the price changes, billed by their start
    "uncut": (both(billed_by("AC-NIGHT", "AC-WORK", "DC-PEAK"), crosses), c.let_happen(uncut=True)),
    "open_tariff": (by_energy, c.leave_tariff_open),
    "parked_between": (
        both(part_of("parking", "AC-STAY", "AC-TIMEPARK"), parks_once),
        c.state(periods=c.parked_between),
    ),
    "energy_overbilled": (by_energy, c.claim_more("energy", 137)),
    "total_overbilled": (by_energy, c.claim_more("energy", 119)),
    "time_overbilled": (
        part_of("time", "AC-TIME", "AC-TIMEPARK", "AC-LONG"),
        c.claim_more("time", 111),
    ),
    "parking_overbilled": (
        part_of("parking", "AC-STAY", "AC-TIMEPARK", "DC-STAY"),
        c.claim_more("parking", 109),
    ),
    "fixed_overbilled": (billed_by("AC-START", "DC-SESSION"), c.claim_more("fixed", 100)),
    "reservation_overbilled": (reserved, c.claim_more("reservation", 113)),
    "reservation_ignored": (reserved, c.bill_by(BillingPractice(reservation=False))),
    "other_tariff": (
        when(lambda b, ctx: ctx.catalogue.second.id in b.evse.tariff_ids),
        c.bill_by(tariff=lambda b, ctx: ctx.catalogue.second.at(b.start)),
    ),
    "step_per_period": (
        billed_by("AC-STEP", "AC-TIME"),
        c.bill_by(BillingPractice(steps="period")),
    ),
    "step_per_dimension": (billed_by("AC-TIMEPARK"), c.bill_by(BillingPractice(steps="dimension"))),
    "wall_clock": (billed_by("AC-TIME"), c.bill_by(BillingPractice(wall_clock=True))),
    "limit_ignored": (billed_by("AC-LIMIT", "DC-MAX"), c.bill_by(BillingPractice(limits=False))),
    "odd_parts": (by_energy, c.odd_parts),
    # a total after taxes that its own rate does not give
    "odd_tax": (taxed, c.add(gross=100)),
    "tax_in_net": (
        taxed,
        c.state(
            net=lambda b: b.gross or b.net,
            parts=lambda b: {p: (g or n, g) for p, (n, g) in b.parts.items()},
        ),
    ),
    # tax where the recipient owes it
    "taxed": (
        when(lambda b, ctx: ctx.partner.hub_party is not None),
        c.state(gross=c.with_local_vat),
    ),
    "other_currency": (by_energy, c.state(currency="SEK")),
    "below_zero": (by_energy, c.state(net=lambda b: -b.net, gross=lambda b: b.gross and -b.gross)),
    # of a CDR that never came
    "orphan_credit": (
        older(8),
        c.keep,
        c.in_turn(
            c.credit(),
            c.state(
                credit_of=lambda b: f"{b.party_id}-NEVER-CAME-{b.cdr_id[-10:-2]}",
                session_id=None,
            ),
        ),
    ),
    "credit_short": (older(MATURE_DAYS), c.keep, c.credit(short=100)),
    "credited_twice": (
        older(MATURE_DAYS),
        c.keep,
        c.credit(),
        c.further("R", 7),
        c.in_turn(
            c.credit(), c.state(cdr_id=lambda b: b.cdr_id + "2"), c.add(last_updated=2 * HOUR_S)
        ),
    ),
    "not_replaced": (older(MATURE_DAYS), c.keep, c.credit()),
    "invoiced_twice": (closed(0), c.keep),
    "unknown_on_invoice": (closed(0), c.keep),
    "not_invoiced": (closed(32), c.keep),
    "credited_and_replaced": (older(1), c.keep, c.credit(), c.further("R", 7)),
    # at a driver's home, to be paid to the driver
    "home_charging": (
        at_home,
        c.state(
            home=True,
            location_id=lambda b: f"HOME-{b.cdr_id}",
            evse_uid=lambda b: f"HOME-{b.cdr_id}-1",
        ),
    ),
    "line_rounding": (by_energy, c.round_lines),
    # parking in the total that no period carries, and that costs nothing
    "free_parking": (
        when(lambda b, _: b.charge.idle_s > 900),
        c.state(periods=lambda b: [p for p in b.periods if p.kind != "PARKING"]),
    ),
    "changed_over": (when(billed_by("AC-KWH")), c.change_over),
    "signed_rightly": (by_energy, c.state(signed_wh=lambda b: b.wh)),
    "within_a_day": (older(2), c.state(last_updated=lambda b: b.end + 23 * HOUR_S)),
}
STATED = read_yaml("billing_errors.yaml", dict[str, dict[str, dict[str, Any]]])


def _labelled(group: str) -> tuple[BillingError, ...]:
    named = [{"name": name, **labels} for name, labels in STATED[group].items()]
    return msgspec.convert(named, tuple[BillingError, ...])


ERRORS = _labelled("errors")
FALSE_POSITIVE_CASES = _labelled("false_positive_cases")
