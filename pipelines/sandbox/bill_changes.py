"""The changes that billing errors make to a right bill, named by `billing_errors.yaml`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pipelines.sandbox.charges import Bill, Charge, periods_of, phases_of, price_of
from pipelines.sandbox.numbers import DAY_S, key_of, tax_of
from pipelines.sandbox.parties import RETIRED, Partner, TariffCatalogue, Token, retired, token
from pipelines.sandbox.places import Evse, distance_m, spare_status
from pipelines.sandbox.pricing import BillingPractice, Part
from pipelines.sandbox.tariffs import Element, Restrictions, Tariff

HOUR_S = 3600


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


def state(**fields: object) -> Change:
    """State other fields on the CDR than the charge gives."""

    def change(bill: Bill, context: Context) -> None:
        for name, value in fields.items():
            setattr(bill, name, value)

    return change


def state_from(field: str, other: str, more: int, percent: int = 100) -> Change:
    """State a field as so many percent of another one, and so much more."""
    return lambda bill, context: setattr(bill, field, getattr(bill, other) * percent // 100 + more)


def negate(*fields: str) -> Change:
    """State fields below zero."""

    def change(bill: Bill, context: Context) -> None:
        for name in fields:
            value = getattr(bill, name)
            setattr(bill, name, value and -value)

    return change


def add(**more: int) -> Change:
    """State so much more on the CDR than the charge gives."""

    def change(bill: Bill, context: Context) -> None:
        for name, value in more.items():
            setattr(bill, name, getattr(bill, name) + value)

    return change


def let_happen(*, published_after_s: int | None = None, **facts: object) -> Change:
    """Let other things happen, and bill them rightly."""

    def change(bill: Bill, context: Context) -> None:
        bill.charge = replace(bill.charge, **facts)  # type: ignore[arg-type]  # Charge's own names
        bill.rebuild()
        if published_after_s is not None:
            bill.last_updated = bill.end + published_after_s

    return change


def happen_later(seconds: int) -> Change:
    """Let it happen so much later."""
    return lambda bill, context: let_happen(start=bill.charge.start + seconds)(bill, context)


def add_to_first_period(**more: int) -> Change:
    """State so much more of the first period."""

    def change(bill: Bill, context: Context) -> None:
        first = bill.periods[0]
        changed = {name: getattr(first, name) + value for name, value in more.items()}
        bill.periods[0] = replace(first, **changed)

    return change


def swap_periods(bill: Bill, context: Context) -> None:
    """State the third period before the second."""
    bill.periods[1:3] = bill.periods[2:0:-1]


def further(letter: str, hours: int, own_session: bool = False) -> Change:
    """Make a further CDR of the charge, so many hours later."""

    def change(bill: Bill, context: Context) -> None:
        bill.cdr_id += f"-{letter}"
        bill.last_updated += hours * HOUR_S
        if own_session:
            bill.session_id = f"{bill.session_id}-{letter}"

    return change


def half_hour(letter: str, after_s: int, place: str = "") -> Change:
    """Turn a copy into a half-hour charge of its own, that begins so long after the first ended.

    `place`: `near` or `far`, where it is at another EVSE.
    """

    def change(bill: Bill, context: Context) -> None:
        others = {"near": near, "far": far}
        bill.evse = (place and others[place](bill, context)) or bill.evse
        phases, zone = phases_of("AC", 1800, 2400), bill.evse.site.zone
        bill.charge = Charge(bill.end + after_s, 0, phases, 0, (bill.tariffs[0],), zone)
        bill.rebuild()
        bill.last_updated = max(bill.end, bill.last_updated) + 600
        further(letter, 0, own_session=True)(bill, context)

    return change


def bill_other_token(bill: Bill, context: Context) -> None:
    """Bill another of our tokens than the one that the charge was made with."""
    bill.token = token(context.spare_pool + key_of(0, bill.cdr_id) % 1_000_000 // 5 * 5)


def near(bill: Bill, context: Context) -> Evse | None:
    """Find an idle EVSE next door."""
    return _drawn(bill, [e for e in context.idle if distance_m(e, bill.evse) < 30_000])


def far(bill: Bill, context: Context) -> Evse | None:
    """Find an idle EVSE across the country."""
    return _drawn(bill, [e for e in context.idle if distance_m(e, bill.evse) > 180_000])


def _drawn(bill: Bill, found: list[Evse]) -> Evse | None:
    return found[key_of(0, "turn", bill.cdr_id) % len(found)] if found else None


def exceed_power(bill: Bill, context: Context) -> None:
    """Draw twice what the connector can give in the time."""
    kind, charging = bill.evse.site.kind, bill.charge.charging_s
    phases = phases_of(kind, charging, bill.plug.watt * charging // 3600 * 2)
    let_happen(phases=phases)(bill, context)


def draw_truckload(bill: Bill, context: Context) -> None:
    """Draw more than any car's battery holds, over a time in which it could flow."""
    wh = 190_000
    phases = phases_of("DC", wh * 3600 // (bill.plug.watt * 8 // 10), wh)
    let_happen(phases=phases)(bill, context)


def name_unknown_evse(bill: Bill, context: Context) -> None:
    """Name an EVSE that nobody published."""
    bill.evse_uid = f"{bill.party_id}-999999"


def use_unknown_token(bill: Bill, context: Context) -> None:
    """Charge with a token that we never issued."""
    drawn = key_of(0, "unknown", bill.cdr_id) % 0xFFFFFFFF
    bill.token = Token(uid=f"0BAD{drawn:010X}", contract_id=f"NL-EMS-U{drawn % 10_000_000:07d}-Z")


def use_blocked_token(bill: Bill, context: Context) -> None:
    """Charge with a token that was no longer valid."""
    bill.token = retired(key_of(0, "retired", bill.cdr_id) % RETIRED)


def charge_at_home(bill: Bill, context: Context) -> None:
    """Charge at a driver's home."""
    bill.home, bill.location_id = True, f"HOME-{bill.cdr_id}"
    bill.evse_uid = f"{bill.location_id}-1"


def charge_at_broken_evse(bill: Bill, context: Context) -> None:
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


def bill_by(tariff: Tariff | None = None, **practice: Any) -> Change:
    """Claim the price of another practice or tariff, all else staying as it is stated."""

    def change(bill: Bill, context: Context) -> None:
        periods = periods_of(replace(bill.charge, tariffs=(tariff or bill.tariffs[0],)))
        bill.claim(price_of(periods, bill.evse, BillingPractice(**practice)))

    return change


def bill_by_second_tariff(bill: Bill, context: Context) -> None:
    """Claim the price of the tariff that stands on the connector beside the one in force."""
    bill_by(context.catalogue.second.at(bill.start))(bill, context)


def bill_by_old_version(bill: Bill, context: Context) -> None:
    """Bill by the version that the one in force replaced."""
    let_happen(tariffs=(bill.evse.line.before(bill.start),))(bill, context)


def bill_by_expired_tariff(bill: Bill, context: Context) -> None:
    """Bill by a tariff of its own that had ended by then."""
    let_happen(tariffs=(replace(bill.tariffs[0], id="OWN", end=bill.start - DAY_S),))(bill, context)


def bill_repriced(**prices: Any) -> Change:
    """Bill by an unpublished tariff whose components state other things than the one in force."""

    def change(bill: Bill, context: Context) -> None:
        changed = bill.tariffs[0].with_components(lambda component: replace(component, **prices))
        let_happen(tariffs=(replace(changed, id="OWN"),))(bill, context)

    return change


def quadruple_price(bill: Bill, context: Context) -> None:
    """Bill by an unpublished tariff of four times the price."""
    bill_repriced(price=bill.tariffs[0].rates["ENERGY"].price * 4)(bill, context)


def depend_on_current(bill: Bill, context: Context) -> None:
    """Bill by a tariff that depends on a current which the CDR does not state."""
    element = bill.tariffs[0].elements[0]
    weak = Element(element.components, Restrictions(max_current=64))
    let_happen(tariffs=(replace(bill.tariffs[0], id="OWN", elements=(weak, element)),))(
        bill, context
    )


def name_unpublished_tariff(bill: Bill, context: Context) -> None:
    """Embed no tariff, and name one in every period that was never published."""
    bill.periods = [replace(p, tariff=replace(p.tariff, id="GONE")) for p in bill.periods]
    bill.tariffs = ()


def leave_tariff_open(bill: Bill, context: Context) -> None:
    """Embed a second tariff, and name neither in the periods; the first is billed."""
    second = context.catalogue.named("AC-START" if bill.evse.site.kind == "AC" else "DC-SESSION")
    bill.names_tariffs = False
    bill.tariffs = (*bill.tariffs, second.at(bill.start))


def park_between(bill: Bill, context: Context) -> None:
    """State the time of parking before the last period of charging."""
    *before, last, parked = bill.periods
    parked = replace(parked, start=last.start)
    bill.periods = [*before, parked, replace(last, start=last.start + parked.seconds)]


def leave_out_parking(bill: Bill, context: Context) -> None:
    """Leave the time of parking out of the periods."""
    bill.periods = [period for period in bill.periods if period.kind != "PARKING"]


def change_over(bill: Bill, context: Context) -> None:
    """Bill the first phase by one tariff and the rest by another."""
    green = context.catalogue.named("SHOW-GREEN").at(bill.start)
    bill.charge.tariffs = (bill.tariffs[0], green)
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
    """Claim more in one part, and so in total, with its tax."""
    return lambda bill, context: overbill(bill, part, cents)


def add_local_vat(bill: Bill, context: Context) -> None:
    """Add the tax of the place, which the recipient owes."""
    bill.gross = bill.net + tax_of(bill.net, bill.evse.site.party.country.vat or 0)


def include_tax_in_net(bill: Bill, context: Context) -> None:
    """State what is due after taxes as if it were before them."""
    bill.net = bill.gross or bill.net
    bill.parts = {part: (gross or net, gross) for part, (net, gross) in bill.parts.items()}


def state_odd_parts(bill: Bill, context: Context) -> None:
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


def credit(short: int) -> Change:
    """Turn a copy into the credit of its original, of so many cents less."""

    def change(bill: Bill, context: Context) -> None:
        bill.credit_of, bill.remark = bill.cdr_id, f"Credit of {bill.cdr_id}"
        bill.net = short - bill.net
        bill.gross = None if bill.gross is None else short - bill.gross
        further("C", 6)(bill, context)

    return change


def credit_again(bill: Bill, context: Context) -> None:
    """Tell a credit from an earlier one of the same CDR."""
    bill.cdr_id += "2"
    bill.last_updated += 2 * HOUR_S


def name_lost_original(bill: Bill, context: Context) -> None:
    """Let a credit name a CDR and a session that never came."""
    bill.credit_of = f"{bill.party_id}-NEVER-CAME-{bill.cdr_id[-10:-2]}"
    bill.session_id = None
