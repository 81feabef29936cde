"""The changes that billing errors make to a right bill, and the bills that are suited to each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pipelines.sandbox.charges import Bill, Charge, periods_of, phases_of, price_of
from pipelines.sandbox.numbers import key_of, tax_of
from pipelines.sandbox.parties import RETIRED, Partner, TariffCatalogue, Token, retired, token
from pipelines.sandbox.places import Evse, spare_status
from pipelines.sandbox.pricing import RIGHT, BillingPractice, Part, Period
from pipelines.sandbox.tariffs import Element, Restrictions, Tariff

HOUR_S = 3600
METRES_OF_A_DEGREE = 111_000


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
Fits = Callable[[Bill, Context], object]  # fits where it returns something
Place = Callable[[Bill, Context], Evse | None]


def keep(bill: Bill, context: Context) -> None:
    """Change nothing."""


def _values(bill: Bill, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the values of fields: as stated, or as a function makes them of the bill."""
    return {name: of(bill) if callable(of) else of for name, of in fields.items()}


def state(**fields: Any) -> Change:
    """State other fields on the CDR than the charge gives."""

    def change(bill: Bill, context: Context) -> None:
        for name, value in _values(bill, fields).items():
            setattr(bill, name, value)

    return change


def add(**more: int) -> Change:
    """State so much more on the CDR than the charge gives."""

    def change(bill: Bill, context: Context) -> None:
        for name, value in more.items():
            setattr(bill, name, getattr(bill, name) + value)

    return change


def let_happen(*, published_after_s: int | None = None, **facts: Any) -> Change:
    """Let other things happen, and bill them rightly."""

    def change(bill: Bill, context: Context) -> None:
        for name, value in _values(bill, facts).items():
            setattr(bill.charge, name, value)
        bill.rebuild()
        if published_after_s is not None:
            bill.last_updated = bill.end + published_after_s

    return change


def first_period(**fields: Callable[[Period], int]) -> Change:
    """State the first period otherwise."""

    def change(bill: Bill, context: Context) -> None:
        first = bill.periods[0]
        changed: dict[str, Any] = {name: of(first) for name, of in fields.items()}
        bill.periods[0] = replace(first, **changed)

    return change


def in_turn(*changes: Change) -> Change:
    """Make one change after the other."""

    def change(bill: Bill, context: Context) -> None:
        for one in changes:
            one(bill, context)

    return change


# Identity: further CDRs of a charge.


def further(letter: str, hours: int, *changes: Change, own_session: bool = False) -> Change:
    """Make a further CDR of the charge, so many hours later, and change it otherwise first."""

    def rename(bill: Bill, context: Context) -> None:
        bill.cdr_id = f"{bill.cdr_id}-{letter}"
        if own_session:
            bill.session_id = f"{bill.session_id}-{letter}"

    return in_turn(*changes, rename, add(last_updated=hours * HOUR_S))


def half_hour(letter: str, after_s: int, place: Place | None = None) -> Change:
    """Turn a copy into a half-hour charge of its own, that begins so long after the first ended.

    `place`: the EVSE, where it is another one.
    """

    def change(bill: Bill, context: Context) -> None:
        bill.evse = (place and place(bill, context)) or bill.evse
        phases, zone = phases_of("AC", 1800, 2400), bill.evse.site.zone
        bill.charge = Charge(bill.end + after_s, 0, phases, 0, (bill.tariffs[0],), zone)
        bill.rebuild()
        bill.last_updated = max(bill.end, bill.last_updated) + 600

    return further(letter, 0, change, own_session=True)


def bill_other_token(bill: Bill, context: Context) -> None:
    """Bill another of our tokens than the one that the charge was made with."""
    bill.token = token(context.spare_pool + key_of(0, bill.cdr_id) % 1_000_000 // 5 * 5)


def idle_evse(is_there: Callable[[int], bool]) -> Place:
    """Find an idle EVSE at such a distance in metres."""

    def find(bill: Bill, context: Context) -> Evse | None:
        found = [one for one in context.idle if is_there(_distance_m(one, bill.evse))]
        return found[key_of(0, "turn", bill.cdr_id) % len(found)] if found else None

    return find


near = idle_evse(lambda metres: metres < 30_000)
far = idle_evse(lambda metres: metres > 180_000)


def _distance_m(one: Evse, other: Evse) -> int:
    """Return the distance roughly, and rather too little: a degree of longitude counts half."""
    north = abs(one.site.latitude - other.site.latitude) * METRES_OF_A_DEGREE // 1_000_000
    east = abs(one.site.longitude - other.site.longitude) * METRES_OF_A_DEGREE // 2_000_000
    return max(north, east)


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
    return Token(uid=f"0BAD{drawn:010X}", contract_id=f"NL-EMS-U{drawn % 10_000_000:07d}-Z")


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


def bill_by(
    practice: BillingPractice = RIGHT, tariff: Callable[[Bill, Context], Tariff] | None = None
) -> Change:
    """Claim the price of another practice or tariff, all else staying as it is stated."""

    def change(bill: Bill, context: Context) -> None:
        one = tariff(bill, context) if tariff else bill.tariffs[0]
        periods = periods_of(replace(bill.charge, tariffs=(one,)))
        bill.claim(price_of(periods, bill.evse, practice))

    return change


def embed(tariff: Callable[[Bill], Tariff | None]) -> Change:
    """Bill by another tariff than the one in force, and embed it."""
    return let_happen(tariffs=lambda bill: (tariff(bill),))


def repriced(bill: Bill, **changes: int) -> Tariff:
    """Return an unpublished tariff whose components state other things than the one in force."""
    changed = bill.tariffs[0].with_components(lambda component: replace(component, **changes))  # type: ignore[arg-type]  # Component's own names
    return replace(changed, id="OWN")


def by_current(bill: Bill) -> Tariff:
    """Return a tariff that depends on a current which the CDR does not state."""
    element = bill.tariffs[0].elements[0]
    weak = Element(element.components, Restrictions(max_current=64))
    return replace(bill.tariffs[0], id="OWN", elements=(weak, element))


def leave_tariff_open(bill: Bill, context: Context) -> None:
    """Embed a second tariff, and name neither in the periods; the first is billed."""
    second = context.catalogue.named("AC-START" if bill.evse.site.kind == "AC" else "DC-SESSION")
    bill.names_tariffs = False
    bill.tariffs = (*bill.tariffs, second.at(bill.start))


def parked_between(bill: Bill) -> list[Period]:
    """Return the periods with the time of parking before the last one of charging."""
    *before, last, parked = bill.periods
    parked = replace(parked, start=last.start)
    return [*before, parked, replace(last, start=last.start + parked.seconds)]


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


def with_local_vat(bill: Bill) -> int:
    """Return the total with the tax of the place, which the recipient owes."""
    return bill.net + tax_of(bill.net, bill.evse.site.party.country.vat or 0)


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
    negative = state(
        credit_of=lambda bill: bill.cdr_id,
        remark=lambda bill: f"Credit of {bill.cdr_id}",
        net=lambda bill: short - bill.net,
        gross=lambda bill: None if bill.gross is None else short - bill.gross,
    )
    return further("C", 6, negative)
