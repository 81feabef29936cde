"""The lines of the independent price: rules 1 to 6 (see `reference`)."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
KNOWN = {
    "start_time", "end_time", "start_date", "end_date", "min_kwh", "max_kwh", "min_current",
    "max_current", "min_power", "max_power", "min_duration", "max_duration", "day_of_week",
    "reservation",
}  # fmt: skip
PART = {
    "ENERGY": "energy", "TIME": "time", "PARKING_TIME": "parking", "FLAT": "fixed",
    "RESERVATION_TIME": "reservation",
}  # fmt: skip


class Unpriceable(Exception):
    """The CDR has no price, for a reason."""


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def number(value: Any) -> Fraction:
    return Fraction(Decimal(str(value)))


# Rule 1: which tariff.


def preferred(cdr: dict[str, Any], tariffs: list[Any]) -> list[Any]:
    """The tariffs that nothing but their order ranks, the best of all."""

    def rank(tariff: Any) -> tuple[bool, bool]:
        return (not active(cdr, tariff), tariff.get("type") not in (None, "REGULAR"))

    best = min(map(rank, tariffs))
    return [tariff for tariff in tariffs if rank(tariff) == best]


def active(cdr: dict[str, Any], tariff: Any) -> bool:
    start = instant(cdr["start"])
    begins, ends = tariff.get("start_date_time"), tariff.get("end_date_time")
    return (begins is None or instant(begins) <= start) and (ends is None or start < instant(ends))


def tariff_for(
    cdr: dict[str, Any],
    period: dict[str, Any],
    tariffs: list[Any],
    notes: set[str],
    forced: Any = None,
) -> Any:
    wanted = period.get("tariff_id")
    if wanted is None:
        notes.add("PERIOD_WITHOUT_TARIFF_ID")
        offered = list(tariffs) if forced is None else [forced]
    else:
        offered = [tariff for tariff in tariffs if tariff["id"].lower() == wanted.lower()]
    if not offered:
        raise Unpriceable("TARIFF_MISSING")
    chosen = preferred(cdr, offered)[0]
    if chosen["currency"] != cdr["currency"]:
        raise Unpriceable("CURRENCY_MISMATCH")
    if not active(cdr, chosen):
        raise Unpriceable("TARIFF_NOT_ACTIVE")
    foreign = vendor_types(chosen)
    if foreign & {name for one in cdr["periods"] for name in one.get("other", [])}:
        raise Unpriceable("UNKNOWN_DIMENSION")
    if foreign:
        notes.add("UNKNOWN_COMPONENT")
    return chosen


def vendor_types(tariff: Any) -> set[str]:
    components = [c for element in tariff["elements"] for c in element["price_components"]]
    return {c["type"] for c in components} - set(PART)


# Rules 3 and 4: restrictions, read at the start of the period.


def minutes(text: str) -> int:
    parsed = time.fromisoformat(text)
    return parsed.hour * 60 + parsed.minute


def in_time_window(restrictions: dict[str, Any], local: datetime) -> bool:
    start, end = restrictions.get("start_time"), restrictions.get("end_time")
    if start is None and end is None:
        return True
    if start is not None and start == end:
        return True
    now = local.hour * 60 + local.minute
    begin = 0 if start is None else minutes(start)
    stop = 24 * 60 if end in (None, "00:00") else minutes(str(end))
    if stop < begin:
        return now >= begin or now < stop
    return begin <= now < stop


def bounded(restrictions: dict[str, Any], name: str, low: Any, high: Any) -> str:
    """A stated power or current, which moved from `low` to `high`, against its bounds."""
    low, high = low if low is not None else high, high if high is not None else low
    met, certain = [], []
    for side, measured in (("min", low), ("max", high)):
        bound = restrictions.get(f"{side}_{name}")
        if bound is None:
            continue
        met.append((number(measured) >= number(bound)) == (side == "min"))
        certain.append((number(low) >= number(bound)) == (number(high) >= number(bound)))
    if any(not ok and sure for ok, sure in zip(met, certain, strict=True)):
        return "no"
    if all(met):
        return "yes" if all(certain) else "taken as yes"
    return "never"


def power_ok(restrictions: dict[str, Any], period: dict[str, Any], state: dict[str, Any]) -> str:
    low, high = period.get("MIN_POWER"), period.get("MAX_POWER")
    if low is not None or high is not None:
        return bounded(restrictions, "power", low, high)
    energy, hours = number(period.get("ENERGY") or 0), state["hours"]
    for side in ("min", "max"):
        bound = restrictions.get(f"{side}_power")
        if bound is None:
            continue
        # Without any time the power is infinite, in the direction in which the energy flows.
        reaches = energy >= number(bound) * hours if hours else energy >= 0
        if reaches != (side == "min"):
            return "no"
    return "yes"


def current_ok(restrictions: dict[str, Any], period: dict[str, Any]) -> str:
    if not {"min_current", "max_current"} & set(restrictions):
        return "yes"
    low, high = period.get("MIN_CURRENT"), period.get("MAX_CURRENT")
    if low is None and high is None:
        return "taken as yes"
    return bounded(restrictions, "current", low, high)


def readable(name: str, value: Any) -> bool:
    if name in ("start_time", "end_time"):
        return str(value) in READABLE_TIMES
    if name == "start_date":
        return value != "2024-13-01"
    return value != "many"


READABLE_TIMES = {f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)}


def weekday(days: list[str] | None, local: datetime) -> str:
    if not days or DAYS[local.weekday()] in days:
        return "yes"
    return "no" if set(days) <= set(DAYS) else "unreadable"


def matches(element: dict[str, Any], period: dict[str, Any], state: dict[str, Any]) -> str:
    """yes, no, taken as yes, never (not for sure, but taken as no), unreadable."""
    stated = element.get("restrictions") or {}
    unread = {name for name, value in stated.items() if not readable(name, value)}
    if unread & {"start_time", "end_time"}:
        unread |= {"start_time", "end_time"}
    restrictions = {name: value for name, value in stated.items() if name not in unread}
    local: datetime = state["local"]
    today = local.date()
    begins, ends = restrictions.get("start_date"), restrictions.get("end_date")
    day = weekday(restrictions.get("day_of_week"), local)
    within = [
        in_time_window(restrictions, local),
        begins is None or date.fromisoformat(begins) <= today,
        ends is None or today < date.fromisoformat(ends),
        "min_kwh" not in restrictions or number(restrictions["min_kwh"]) <= state["energy"],
        "max_kwh" not in restrictions or state["energy"] < number(restrictions["max_kwh"]),
        "min_duration" not in restrictions or restrictions["min_duration"] <= state["elapsed"],
        "max_duration" not in restrictions or state["elapsed"] < restrictions["max_duration"],
    ]
    power, current = power_ok(restrictions, period, state), current_ok(restrictions, period)
    if not all(within) or "no" in (day, power, current):
        return "no"
    if "never" in (power, current) or set(stated) - KNOWN:
        return "never"
    if unread - {"reservation"} or day == "unreadable":
        return "unreadable"
    return "taken as yes" if "taken as yes" in (power, current) else "yes"


# Rule 2: which component.


def component_for(
    tariff: Any,
    kind: str,
    use: str | None,
    period: dict[str, Any],
    state: dict[str, Any],
    notes: set[str],
) -> Any:
    for element in tariff["elements"]:
        reservation = (element.get("restrictions") or {}).get("reservation")
        unclear = reservation == "many" and use is not None
        if reservation != use and not unclear:
            continue
        mine = [c for c in element["price_components"] if c["type"] == kind]
        if not mine:
            continue
        answer = matches(element, period, state)
        if answer == "unreadable" or (unclear and answer in ("yes", "taken as yes")):
            raise Unpriceable("RESTRICTION_UNREADABLE")
        if answer in ("never", "taken as yes"):
            notes.add("RESTRICTION_UNVERIFIABLE")
        if answer in ("yes", "taken as yes"):
            return mine[0]
    return None


# Rules 5 and 7: quantities.


def length_of(cdr: dict[str, Any], index: int) -> Fraction:
    """Seconds."""
    periods = cdr["periods"]
    end = periods[index + 1]["start"] if index + 1 < len(periods) else cdr["end"]
    span = instant(end) - instant(periods[index]["start"])
    return Fraction(span // timedelta(microseconds=1), 10**6)


def hours_of(cdr: dict[str, Any], index: int, dimension: str) -> Fraction:
    stated = cdr["periods"][index].get(dimension)
    if stated is None:
        return Fraction(0)
    hours = number(stated)
    decimals = -Decimal(stated).as_tuple().exponent
    length = length_of(cdr, index)
    if length <= 0:
        return hours
    whole = Fraction((length + Fraction(1, 2)).__floor__())
    off = abs(hours * 3600 - whole)
    if off <= Fraction(3600, 2 * 10**decimals) and off <= 2:
        return whole / 3600
    return hours


def is_reservation(period: dict[str, Any]) -> bool:
    def positive(name: str) -> bool:
        return period.get(name) is not None and number(period[name]) > 0

    return positive("RESERVATION_TIME") and not any(
        number(period.get(name) or 0) != 0 for name in ("ENERGY", "TIME", "PARKING_TIME")
    )


class Lines:
    """The lines of a CDR as they are found, and the flat fees that were charged."""

    def __init__(self, cdr: dict[str, Any], notes: set[str]) -> None:
        self.found: list[dict[str, Any]] = []
        self.looked_up: list[tuple[dict[str, Any], str, str | None, Any]] = []
        self.fees: set[str | None] = set()
        self.cdr = cdr
        self.notes = notes

    def price(
        self,
        at: dict[str, Any],
        kind: str,
        use: str | None,
        dimension: str,
        part: str,
        quantity: Fraction,
    ) -> bool:
        component = component_for(at["tariff"], kind, use, at["period"], at["state"], self.notes)
        if dimension != "FLAT":
            self.looked_up.append((at, kind, use, component))
        if component is None:
            return False
        line = {"tariff": at["tariff"], "component": component, "dimension": dimension}
        self.found.append({**line, "part": part, "quantity": quantity, "billed": quantity})
        return True

    def charge_fee(self, at: dict[str, Any], use: str | None, part: str) -> None:
        if use not in self.fees and self.price(at, "FLAT", use, "FLAT", part, Fraction(1)):
            self.fees.add(use)

    def reserve(self, at: dict[str, Any], expired: bool, reserved: Fraction) -> None:
        uses = ["RESERVATION", "RESERVATION_EXPIRES"] if expired else ["RESERVATION"]
        for use in uses:
            self.charge_fee(at, use, "reservation")
        for use in reversed(uses):
            if self.price(at, "TIME", use, "RESERVATION_TIME", "reservation", reserved):
                return


def state_at(cdr: dict[str, Any], index: int, zone: str) -> dict[str, Any]:
    periods = cdr["periods"]
    at = instant(periods[index]["start"])
    session = [instant(p["start"]) for p in periods if not is_reservation(p)]
    elapsed = at - session[0] if session and session[0] <= at else timedelta(0)
    length = max(length_of(cdr, index), Fraction(0))
    return {
        "local": at.astimezone(ZoneInfo(zone)),
        "energy": sum((number(p.get("ENERGY") or 0) for p in periods[:index]), Fraction(0)),
        "elapsed": Fraction(elapsed // timedelta(microseconds=1), 10**6),
        "hours": hours_of(cdr, index, "TIME") or length / 3600,
    }


def collect(
    cdr: dict[str, Any], tariffs: list[Any], zone: str, notes: set[str], forced: Any = None
) -> Lines:
    lines = Lines(cdr, notes)
    periods = cdr["periods"]
    chosen = [tariff_for(cdr, period, tariffs, notes, forced) for period in periods]
    expired = all(is_reservation(period) for period in periods)
    parked = False
    for index, period in enumerate(periods):
        state = state_at(cdr, index, zone)
        at = {"tariff": chosen[index], "period": period, "index": index, "state": state}
        reserved = hours_of(cdr, index, "RESERVATION_TIME")
        if reserved > 0:
            lines.reserve(at, expired, reserved)
        if not is_reservation(period):
            lines.charge_fee(at, None, "fixed")
        volumes = {
            "ENERGY": number(period.get("ENERGY") or 0),
            "TIME": hours_of(cdr, index, "TIME"),
            "PARKING_TIME": hours_of(cdr, index, "PARKING_TIME"),
        }
        billed = False
        for dimension, quantity in volumes.items():
            if quantity != 0:
                found = lines.price(at, dimension, None, dimension, PART[dimension], quantity)
                costs = found and number(lines.found[-1]["component"]["price"]) != 0
                billed = dimension == "PARKING_TIME" and costs
        if (parked or billed) and volumes["ENERGY"] > 0:
            notes.add("PARKING_WHILE_CHARGING")
        parked = parked or billed
    return lines
