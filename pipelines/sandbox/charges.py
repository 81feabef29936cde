"""A charge: the facts, its charging periods, and the bill that a CPO makes of it."""

from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise

from pipelines.sandbox.numbers import clock_moments
from pipelines.sandbox.parties import Token
from pipelines.sandbox.places import Evse, Plug
from pipelines.sandbox.pricing import RIGHT, Amounts, BillingPractice, Part, Period, price
from pipelines.sandbox.tariffs import Tariff


@dataclass(slots=True)
class Charge:
    """The physical facts of a charge."""

    start: int  # when charging began, epoch seconds
    reserved_s: int  # how long the EVSE was reserved before
    phases: tuple[tuple[int, int], ...]  # seconds and Wh of each phase of constant power
    idle_s: int  # how long the car stayed after charging
    # the tariff, and for a charge that changed over the one after its first phase
    tariffs: tuple[Tariff, ...]
    zone: str  # IANA zone of the place
    uncut: bool = False  # leave the periods whole where the price changes (a fault)

    @property
    def charging_s(self) -> int:
        """Seconds in which energy flowed."""
        return sum(seconds for seconds, _ in self.phases)

    @property
    def end(self) -> int:
        """The moment when the car left."""
        return self.start + self.charging_s + self.idle_s

    @property
    def wh(self) -> int:
        """Energy of the whole charge."""
        return sum(wh for _, wh in self.phases)


def periods_of(charge: Charge) -> list[Period]:
    """Return the charging periods of a charge, in order, without gaps."""
    tariff = charge.tariffs[0]
    periods: list[Period] = []
    if charge.reserved_s:
        begin = charge.start - charge.reserved_s
        periods.append(Period(begin, charge.reserved_s, "RESERVATION", 0, 0, tariff))
    moment, drawn = charge.start, 0
    for seconds, wh in charge.phases:
        power = wh * 3600 // seconds
        whole = Period(moment, seconds, "CHARGING", wh, power, tariff)
        periods.extend(_cut(whole, charge, drawn))
        moment, drawn, tariff = moment + seconds, drawn + wh, charge.tariffs[-1]
    if charge.idle_s:
        whole = Period(moment, charge.idle_s, "PARKING", 0, 0, tariff)
        periods.extend(_cut(whole, charge, drawn))
    return periods


def _cut(whole: Period, charge: Charge, drawn: int) -> list[Period]:
    """Cut a period wherever its price may change; `drawn`: energy of the charge before it."""
    tariff, start, end = whole.tariff, whole.start, whole.start + whole.seconds
    if tariff.flat or charge.uncut:
        return [whole]
    marks = {charge.start + duration for duration in tariff.cuts["duration"]}
    if tariff.clock_cuts:
        marks.update(clock_moments(charge.zone, start, end, tariff.clock_cuts))
    reached: dict[int, int] = {}
    for cut in tariff.cuts["wh"]:
        if drawn < cut < drawn + whole.wh:
            # The first whole second by which so much was drawn; it is drawn exactly then.
            reached[min(start - (drawn - cut) * whole.seconds // whole.wh, end - 1)] = cut

    inner = sorted(moment for moment in marks | reached.keys() if start < moment < end)
    if not inner:
        return [whole]

    def drawn_by(moment: int) -> int:
        evenly = drawn + whole.wh * (moment - start) // whole.seconds
        return reached.get(moment, evenly) if moment > start else drawn

    return [
        Period(low, high - low, whole.kind, drawn_by(high) - drawn_by(low), whole.power, tariff)
        for low, high in pairwise((start, *inner, end))
    ]


AC_PHASES = ((45, 47), (35, 36), (15, 14))
DC_PHASES = ((20, 28), (25, 28), (30, 27))


@dataclass(slots=True)
class Bill:
    """The statement of a CPO about one charge; faults change it after it was priced.

    Money is in cents, energy in Wh, time in seconds. `charge` is what really happened; the other
    fields are what is claimed. `kwh_scale` multiplies every stated energy.
    """

    cdr_id: str
    session_id: str | None
    charge: Charge
    evse: Evse
    token: Token
    last_updated: int
    country_code: str = field(init=False)
    party_id: str = field(init=False)
    currency: str = field(init=False)
    start: int = field(init=False)
    end: int = field(init=False)
    periods: list[Period] = field(init=False)
    tariffs: tuple[Tariff, ...] = field(init=False)
    amounts: Amounts = field(init=False)
    parts: dict[Part, tuple[int, int | None]] = field(init=False)
    wh: int = field(init=False)
    total_s: int = field(init=False)
    parking_s: int = field(init=False)
    net: int = field(init=False)
    gross: int | None = field(init=False)
    credit_of: str | None = None
    names_tariffs: bool = True  # whether its periods do
    home: bool = False
    location_id: str | None = None
    evse_uid: str | None = None
    signed_wh: int | None = None
    kwh_scale: int = 1
    session_status: str = "COMPLETED"
    session_wh: int | None = None
    session_net: int | None = None
    remark: str | None = None

    def __post_init__(self) -> None:
        self.country_code, self.party_id = self.evse.site.party.code
        self.currency = self.charge.tariffs[0].currency
        self.rebuild()

    @property
    def plug(self) -> Plug:
        """The connector used."""
        return self.evse.plugs[0]

    def claim(self, amounts: Amounts) -> None:
        """Put these amounts on the CDR; its session states the same unless told otherwise."""
        self.amounts = amounts
        self.net, self.gross, self.parts = amounts.net, amounts.gross, dict(amounts.parts)

    def rebuild(self) -> None:
        """Derive everything from `charge` again, and bill it rightly."""
        charge = self.charge
        self.periods = periods_of(charge)
        self.tariffs = tuple(dict.fromkeys(charge.tariffs))
        self.start, self.end = charge.start - charge.reserved_s, charge.end
        self.wh = charge.wh
        self.total_s = self.end - self.start
        self.parking_s = charge.idle_s
        self.claim(price_of(self.periods, self.evse))


def price_of(periods: list[Period], evse: Evse, practice: BillingPractice = RIGHT) -> Amounts:
    """Return the price at a place, in cents."""
    return price(periods, evse.site.zone, sum(evse.site.taxes.values()), practice)


def phases_of(kind: str, charge_s: int, wh: int) -> tuple[tuple[int, int], ...]:
    """Split a charge into four phases: power falls as the battery fills."""
    shares = AC_PHASES if kind == "AC" else DC_PHASES
    phases = [(charge_s * of_time // 100, wh * of_energy // 100) for of_time, of_energy in shares]
    used_s, used_wh = (sum(column) for column in zip(*phases, strict=True))
    return (*phases, (charge_s - used_s, wh - used_wh))


def copy_bill(bill: Bill) -> Bill:
    """Return a copy that can be changed without changing the bill."""
    made = copy(bill)
    made.charge, made.periods, made.parts = copy(bill.charge), list(bill.periods), dict(bill.parts)
    return made
