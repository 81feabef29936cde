"""The changes that billing errors make to a right bill, and the bills that are suited to each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pipelines.sandbox.charges import Bill, Charge, periods_of, phases_of
from pipelines.sandbox.numbers import DAY_S, key_of
from pipelines.sandbox.parties import RETIRED, Partner, TariffCatalogue, Token, retired, token
from pipelines.sandbox.places import Evse, spare_status
from pipelines.sandbox.pricing import BillingPractice, Part, Period, price
from pipelines.sandbox.tariffs import Element, Restrictions, Tariff

HOUR_S = 3600
METRES_OF_A_DEGREE = 111_000
NEAR_M, FAR_M = 30_000, 180_000


@dataclass(frozen=True)
class Context:
    """The surroundings of a bill that a billing error may look at."""

    partner: Partner
    catalogue: TariffCatalogue
    now: int
    idle: tuple[Evse, ...]  # working EVSEs without charges of their own
    broken: tuple[Evse, ...]  # EVSEs that are out of order
    spare_pool: int  # number of a token pool that only billing errors of this party use


Change = Callable[[Bill, Context], None]
Fits = Callable[[Bill, Context], bool]
Field = Callable[[Bill], Any]


def keep(bill: Bill, context: Context) -> None:
    """Change nothing."""


def state(**fields: Field) -> Change:
    """State other fields on the CDR than the charge gives."""

    def change(bill: Bill, context: Context) -> None:
        for name, value in [(name, value(bill)) for name, value in fields.items()]:
            setattr(bill, name, value)

    return change


def let_happen(*, published_after_s: int | None = None, **facts: Field) -> Change:
    """Let other things happen, and bill them rightly."""

    def change(bill: Bill, context: Context) -> None:
        for name, value in facts.items():
            setattr(bill.charge, name, value(bill))
        bill.rebuild()
        if published_after_s is not None:
            bill.last_updated = bill.end + published_after_s

    return change


def first_period(**fields: Field) -> Change:
    """State the first period otherwise."""

    def change(bill: Bill, context: Context) -> None:
        bill.periods[0] = replace(bill.periods[0], **{n: of(bill) for n, of in fields.items()})

    return change


def publish_later(days: int) -> Change:
    """Make the CDR come so many days later."""
    return state(last_updated=lambda bill: bill.last_updated + days * DAY_S)


# Identity: further CDRs of a charge.


def rename(bill: Bill, letter: str, *, own_session: bool = False) -> None:
    """Give a further CDR of a charge its own ids."""
    bill.cdr_id = f"{bill.cdr_id}-{letter}"
    if own_session:
        bill.session_id = f"{bill.session_id}-{letter}"


def dearer_copy(bill: Bill, context: Context) -> None:
    """Publish the same CDR again a day later, dearer."""
    bill.last_updated += 20 * HOUR_S
    bill.net += 150
    bill.gross = None


def second_bill(bill: Bill, context: Context) -> None:
    """Bill the session twice, under another id."""
    rename(bill, "B")
    bill.last_updated += 3 * HOUR_S


def near_copy(bill: Bill, context: Context) -> None:
    """Bill the charge twice, as two sessions half a minute apart."""
    rename(bill, "N", own_session=True)
    bill.charge.start += 30
    bill.rebuild()
    bill.last_updated += 2 * HOUR_S


def _half_hour(bill: Bill, start: int, evse: Evse | None, letter: str) -> None:
    """Turn a copy into a half-hour charge of its own, at another EVSE where one is given."""
    rename(bill, letter, own_session=True)
    bill.evse = evse or bill.evse
    phases = phases_of("AC", 1800, 2400)
    bill.charge = Charge(start, 0, phases, 0, (bill.tariffs[0],), bill.evse.site.zone)
    bill.rebuild()
    bill.last_updated = max(bill.end + 600, bill.last_updated + 600)


def overlap_connector(bill: Bill, context: Context) -> None:
    """Put another driver on the connector before this one has left."""
    bill_other_token(bill, context)
    _half_hour(bill, bill.end - 1200, None, "V")


def bill_other_token(bill: Bill, context: Context) -> None:
    """Bill another of our tokens than the one that the charge was made with."""
    bill.token = token(context.spare_pool + key_of(0, bill.cdr_id) % 1_000_000 // 5 * 5)


def overlap_token(bill: Bill, context: Context) -> None:
    """Let the same card charge next door at the same time."""
    _half_hour(bill, bill.end - 1200, near(bill, context), "T")


def travel_far(bill: Bill, context: Context) -> None:
    """Let the same card charge across the country ten minutes later."""
    _half_hour(bill, bill.end + 600, far(bill, context), "F")


def near(bill: Bill, context: Context) -> Evse | None:
    """Return an idle EVSE next door."""
    return _drawn(bill, [e for e in context.idle if _distance_m(e, bill.evse) < NEAR_M])


def far(bill: Bill, context: Context) -> Evse | None:
    """Return an idle EVSE across the country."""
    return _drawn(bill, [e for e in context.idle if _distance_m(e, bill.evse) > FAR_M])


def _distance_m(one: Evse, other: Evse) -> int:
    """Return the distance roughly, and rather too little: a degree of longitude counts half."""
    north = abs(one.site.latitude - other.site.latitude) * METRES_OF_A_DEGREE // 1_000_000
    east = abs(one.site.longitude - other.site.longitude) * METRES_OF_A_DEGREE // 2_000_000
    return max(north, east)


def _drawn(bill: Bill, evses: list[Evse]) -> Evse | None:
    return evses[key_of(0, "turn", bill.cdr_id) % len(evses)] if evses else None


def beyond_power(bill: Bill) -> tuple[tuple[int, int], ...]:
    """Return phases of twice what the connector can give in the time."""
    charging = bill.charge.charging_s
    return phases_of(bill.evse.site.kind, charging, bill.plug.watt * charging // 3600 * 2)


def truckload(bill: Bill) -> tuple[tuple[int, int], ...]:
    """Return phases of more than any car's battery holds, over a time in which it could flow."""
    wh = 190_000
    return phases_of("DC", wh * 3600 // (bill.plug.watt * 8 // 10), wh)


def unknown_token(bill: Bill) -> Token:
    """Return a token that we never issued."""
    drawn = key_of(0, "unknown", bill.cdr_id) % 0xFFFFFFFF
    return Token(f"0BAD{drawn:010X}", "RFID", f"NL-EMS-U{drawn % 10_000_000:07d}-Z")


def blocked_token(bill: Bill) -> Token:
    """Return a token that was no longer valid."""
    return retired(key_of(0, "retired", bill.cdr_id) % RETIRED)


def at_broken_evse(bill: Bill, context: Context) -> None:
    """Charge at an EVSE that was out of order."""
    broken = broken_by_then(bill, context)
    bill.evse = broken[key_of(0, "broken", bill.cdr_id) % len(broken)]
    bill.charge.zone = bill.evse.site.zone
    bill.rebuild()


def broken_by_then(bill: Bill, context: Context) -> list[Evse]:
    """Return the EVSEs that were out of order when the charge began."""
    similar = (
        (evse, spare_status(evse, context.now, context.now))
        for evse in context.broken
        if evse.site.kind == bill.evse.site.kind and evse.plugs[0].watt >= bill.plug.watt
    )
    return [evse for evse, status in similar if status and status.since < bill.start]


def bill_by(practice: BillingPractice) -> Change:
    """Bill by a wrong practice."""
    return lambda bill, context: _claim_price(bill, bill.tariffs[0], practice)


def _claim_price(bill: Bill, one: Tariff, practice: BillingPractice) -> None:
    """Claim the price of another tariff, the stated one staying as it is."""
    taxes = sum(bill.evse.site.taxes.values())
    periods = periods_of(replace(bill.charge, tariffs=(one,)))
    bill.claim(price(periods, bill.charge.zone, taxes, practice))


def claim_adhoc_price(bill: Bill, context: Context) -> None:
    """Claim the price of the ad-hoc tariff on the same connector."""
    _claim_price(bill, context.catalogue.second.at(bill.start), BillingPractice())


def embed(tariff: Callable[[Bill, Tariff], Tariff]) -> Change:
    """Bill by another tariff than the one in force, and embed it."""
    return let_happen(tariffs=lambda bill: (tariff(bill, bill.tariffs[0]),))


def name_unknown_tariff(bill: Bill, context: Context) -> None:
    """Embed no tariff, and name one in every period that was never published."""
    gone = replace(bill.tariffs[0], id="GONE")
    bill.periods = [replace(period, tariff=gone) for period in bill.periods]
    bill.tariffs = ()


def older_version(bill: Bill, one: Tariff) -> Tariff:
    """Return the version that the one in force had replaced."""
    return bill.evse.line.before(bill.start) or one


def repriced(one: Tariff, **changes: int) -> Tariff:
    """Return an unpublished tariff whose components state other things."""
    changed = one.with_components(lambda component: replace(component, **changes))  # type: ignore[arg-type]  # Component's own names
    return replace(changed, id="OWN")


def by_current(bill: Bill, one: Tariff) -> Tariff:
    """Return a tariff that depends on a current which the CDR does not state."""
    element = one.elements[0]
    weak = Element(element.components, Restrictions(max_current=64))
    return replace(one, id="OWN", elements=(weak, element))


def leave_tariff_open(bill: Bill, context: Context) -> None:
    """Embed a second tariff, and name neither in the periods; the first is billed."""
    name = "AC-START" if bill.evse.site.kind == "AC" else "DC-SESSION"
    lines = (*context.catalogue.ac, *context.catalogue.dc)
    second = next(line for line in lines if line.id == name)
    bill.names_tariffs = False
    bill.tariffs = (*bill.tariffs, second.at(bill.start))


def parked_between(bill: Bill) -> list[Period]:
    """Return the periods with the time of parking before the last one of charging."""
    *before, last, parked = bill.periods
    parked = replace(parked, start=last.start)
    return [*before, parked, replace(last, start=last.start + parked.seconds)]


def change_over(bill: Bill, context: Context) -> None:
    """Bill the first phase by one tariff and the rest by another."""
    green = next(line for line in context.catalogue.unbilled if line.id == "SHOW-GREEN")
    bill.charge.tariffs = (bill.tariffs[0], green.at(bill.start))
    bill.rebuild()


def overbill(bill: Bill, part: Part, cents: int) -> None:
    """Claim so much more before taxes, in one part and in the total, with its tax."""
    net, gross = bill.parts[part]
    bill.net += cents
    if gross is None or bill.gross is None or not net:
        bill.parts[part] = (net + cents, None)
        return
    taxed = (2 * (net + cents) * gross + net) // (2 * net)
    bill.gross += taxed - gross
    bill.parts[part] = (net + cents, taxed)


def claim_more(part: Part, cents: int) -> Change:
    """Claim more in one part, and so in total."""
    return lambda bill, context: overbill(bill, part, cents)


def with_local_vat(bill: Bill) -> int:
    """Return the total with the tax of the place, which the recipient owes."""
    vat = bill.evse.site.party.country.vat or 0
    return bill.net + (2 * bill.net * vat + 100_000) // 200_000


def odd_parts(bill: Bill, context: Context) -> None:
    """State parts that are five more than the total."""
    net, gross = bill.net, bill.gross
    overbill(bill, "energy", 500)
    bill.net, bill.gross = net, gross


def round_lines(bill: Bill, context: Context) -> None:
    """State a total one cent off, as rounding each line gives."""
    bill.net += 1
    if "energy" in bill.parts:
        net, gross = bill.parts["energy"]
        bill.parts["energy"] = (net + 1, gross)


def credit(*, short: int = 0) -> Change:
    """Turn a copy into the credit of its original, of so many cents less."""

    def change(bill: Bill, context: Context) -> None:
        bill.credit_of = bill.cdr_id
        bill.remark = f"Credit of {bill.cdr_id}"
        rename(bill, "C")
        bill.net = short - bill.net
        bill.gross = None if bill.gross is None else short - bill.gross
        bill.last_updated += 6 * HOUR_S

    return change


def bill_again(bill: Bill, context: Context) -> None:
    """Replace a CDR that was credited."""
    rename(bill, "R")
    bill.last_updated += 7 * HOUR_S


def credit_again(bill: Bill, context: Context) -> None:
    """Credit a CDR a second time."""
    credit()(bill, context)
    bill.cdr_id += "2"
    bill.last_updated += 2 * HOUR_S


def orphan_credit(bill: Bill, context: Context) -> None:
    """Credit a CDR that never came."""
    credit()(bill, context)
    bill.credit_of = f"{bill.party_id}-NEVER-CAME-{bill.cdr_id[-10:-2]}"
    bill.session_id = None
