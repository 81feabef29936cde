"""An independent price: written from the OCPI text and the house's rules, slow and obvious.

It shares no code with the engine: plain dictionaries in, `Fraction` throughout, `zoneinfo` for
local time. Where engine and reference differ, one of them is wrong about a rule.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
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
MODES = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
}


class Unpriceable(Exception):
    """The CDR has no price, for a reason."""


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def number(value: Any) -> Fraction:
    return Fraction(Decimal(str(value)))


def round_to(value: Fraction, unit: Fraction, mode: str) -> Fraction:
    """Rounds through Decimal's own rounding of the exact quotient's neighbourhood."""
    quotient = value / unit
    whole = quotient.numerator // quotient.denominator
    rest = quotient - whole
    # Any decimal between the same neighbours and on the same side of the half rounds alike.
    stand_in = {0: "0", 1: "0.25", 2: "0.5", 3: "0.75"}[
        0 if rest == 0 else 1 if rest < Fraction(1, 2) else 2 if rest == Fraction(1, 2) else 3
    ]
    rounded = (Decimal(whole) + Decimal(stand_in)).quantize(Decimal(1), rounding=MODES[mode])
    return Fraction(rounded) * unit


# Rule 1: which tariff.


def tariff_for(
    cdr: dict[str, Any], period: dict[str, Any], tariffs: list[Any], notes: set[str]
) -> Any:
    wanted = period.get("tariff_id")
    if wanted is None:
        notes.add("PERIOD_WITHOUT_TARIFF_ID")
        offered = list(tariffs)
    else:
        offered = [tariff for tariff in tariffs if tariff["id"].lower() == wanted.lower()]
    if not offered:
        raise Unpriceable("TARIFF_MISSING")
    start = moment(cdr["start"])

    def active(tariff: Any) -> bool:
        begins, ends = tariff.get("start_date_time"), tariff.get("end_date_time")
        return (begins is None or moment(begins) <= start) and (
            ends is None or start < moment(ends)
        )

    def preference(tariff: Any) -> tuple[bool, bool]:
        return (not active(tariff), tariff.get("type") not in (None, "REGULAR"))

    chosen = sorted(offered, key=preference)[0]
    if chosen["currency"] != cdr["currency"]:
        raise Unpriceable("CURRENCY_MISMATCH")
    if not active(chosen):
        raise Unpriceable("TARIFF_NOT_ACTIVE")
    return chosen


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


def power(period: dict[str, Any], state: dict[str, Any], side: str) -> tuple[str, Fraction]:
    low, high = period.get("MIN_POWER"), period.get("MAX_POWER")
    if low is None and high is None:
        energy = number(period.get("ENERGY") or 0)
        hours = state["hours"]
        return ("mean", energy / hours) if hours else ("infinite", energy)
    stated = {"min": low if low is not None else high, "max": high if high is not None else low}
    return "stated", number(stated[side])


def power_ok(restrictions: dict[str, Any], period: dict[str, Any], state: dict[str, Any]) -> bool:
    for side in ("min", "max"):
        bound = restrictions.get(f"{side}_power")
        if bound is None:
            continue
        kind, value = power(period, state, side)
        reaches = kind == "infinite" or value >= number(bound)
        if reaches != (side == "min"):
            return False
    return True


def current_ok(restrictions: dict[str, Any], period: dict[str, Any]) -> str:
    bounds = {side: restrictions.get(f"{side}_current") for side in ("min", "max")}
    if bounds == {"min": None, "max": None}:
        return "yes"
    low, high = period.get("MIN_CURRENT"), period.get("MAX_CURRENT")
    if low is None and high is None:
        return "taken as yes"
    low, high = low if low is not None else high, high if high is not None else low
    if bounds["min"] is not None and number(low) < number(bounds["min"]):
        return "no"
    if bounds["max"] is not None and number(high) >= number(bounds["max"]):
        return "no"
    return "yes"


def matches(element: dict[str, Any], period: dict[str, Any], state: dict[str, Any]) -> str:
    """yes, no, taken as yes (unverifiable), never (unknown restriction, otherwise matching)."""
    restrictions = element.get("restrictions") or {}
    local: datetime = state["local"]
    today = local.date()
    begins, ends = restrictions.get("start_date"), restrictions.get("end_date")
    days = restrictions.get("day_of_week")
    within = [
        in_time_window(restrictions, local),
        begins is None or date.fromisoformat(begins) <= today,
        ends is None or today < date.fromisoformat(ends),
        not days or DAYS[local.weekday()] in days,
        "min_kwh" not in restrictions or number(restrictions["min_kwh"]) <= state["energy"],
        "max_kwh" not in restrictions or state["energy"] < number(restrictions["max_kwh"]),
        "min_duration" not in restrictions or restrictions["min_duration"] <= state["elapsed"],
        "max_duration" not in restrictions or state["elapsed"] < restrictions["max_duration"],
        power_ok(restrictions, period, state),
    ]
    current = current_ok(restrictions, period)
    if not all(within) or current == "no":
        return "no"
    return "never" if set(restrictions) - KNOWN else current


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
        if (element.get("restrictions") or {}).get("reservation") != use:
            continue
        mine = [c for c in element["price_components"] if c["type"] == kind]
        if not mine:
            continue
        answer = matches(element, period, state)
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
    span = moment(end) - moment(periods[index]["start"])
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
        positive(name) for name in ("ENERGY", "TIME", "PARKING_TIME")
    )


class Lines:
    """The lines of a CDR as they are found, and the flat fees that were charged."""

    def __init__(self, cdr: dict[str, Any], notes: set[str]) -> None:
        self.found: list[dict[str, Any]] = []
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
    at = moment(periods[index]["start"])
    session = [moment(p["start"]) for p in periods if not is_reservation(p)]
    elapsed = at - session[0] if session and session[0] <= at else timedelta(0)
    length = max(length_of(cdr, index), Fraction(0))
    return {
        "local": at.astimezone(ZoneInfo(zone)),
        "energy": sum((number(p.get("ENERGY") or 0) for p in periods[:index]), Fraction(0)),
        "elapsed": Fraction(elapsed // timedelta(microseconds=1), 10**6),
        "hours": hours_of(cdr, index, "TIME") or length / 3600,
    }


def collect(
    cdr: dict[str, Any], tariffs: list[Any], zone: str, notes: set[str]
) -> list[dict[str, Any]]:
    lines = Lines(cdr, notes)
    periods = cdr["periods"]
    chosen = [tariff_for(cdr, period, tariffs, notes) for period in periods]
    expired = all(is_reservation(period) for period in periods)
    for index, period in enumerate(periods):
        at = {"tariff": chosen[index], "period": period, "state": state_at(cdr, index, zone)}
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
        for dimension, quantity in volumes.items():
            if quantity > 0:
                lines.price(at, dimension, None, dimension, PART[dimension], quantity)
    return lines.found


def round_steps(lines: list[dict[str, Any]]) -> None:
    parked = any(line["dimension"] == "PARKING_TIME" for line in lines)
    for dimension in ("ENERGY", "PARKING_TIME" if parked else "TIME", "RESERVATION_TIME"):
        mine = [line for line in lines if line["dimension"] == dimension]
        if not mine:
            continue
        last = mine[-1]
        step = last["component"].get("step_size") or 0
        if not step:
            continue
        size = Fraction(step, 1000) if dimension == "ENERGY" else Fraction(step, 3600)
        total = sum((line["quantity"] for line in mine), Fraction(0))
        steps = total / size
        whole = Fraction(steps.__floor__())
        noise = Fraction(0) if dimension == "ENERGY" else Fraction(1, 2) / 3600
        wanted = whole * size if total - whole * size <= noise else (whole + 1) * size
        last["billed"] += wanted - total


# Rule 8: taxes.

Side = Fraction | None


def sides(line: dict[str, Any], reverse_charge: bool) -> tuple[Side, Side]:
    amount = line["billed"] * number(line["component"]["price"])
    vat = line["component"].get("vat")
    included = line["tariff"].get("tax_included")
    net: Side = amount
    gross: Side = amount
    if amount != 0 and included == "YES":
        net = None if vat is None else amount / (1 + number(vat) / 100)
    elif amount != 0 and included != "N/A":
        gross = None if vat is None else amount * (1 + number(vat) / 100)
    return net, net if reverse_charge else gross


def add_sides(values: list[Side]) -> Side:
    return (
        None
        if None in values
        else sum((value for value in values if value is not None), Fraction(0))
    )


# Rule 9: limits.


def limit(net: Side, gross: Side, stated: Any, kind: str) -> tuple[Side, Side]:
    if stated is None:
        return net, gross
    before, after = stated.get("before_taxes"), stated.get("after_taxes")
    better = max if kind == "min" else min
    if before is not None and after is not None:
        if net is not None:
            net = better(net, number(before))
        if gross is not None:
            gross = better(gross, number(after))
        return net, gross
    if before is not None:
        return _one_side(net, gross, number(before), better)
    if after is not None:
        return tuple(reversed(_one_side(gross, net, number(after), better)))  # type: ignore[return-value]
    return net, gross


def _one_side(mine: Side, other: Side, bound: Fraction, better: Any) -> tuple[Side, Side]:
    if mine is None:
        return None, None
    moved = better(mine, bound)
    if moved == mine:
        return mine, other
    if other is None or mine <= 0:
        return moved, None
    return moved, other * moved / mine


# Rule 10: rounding.


def price(
    cdr: dict[str, Any],
    tariffs: list[Any],
    zone: str,
    *,
    mode: str = "half_up",
    stage: str = "total",
    reverse_charge: bool = False,
    unit: str = "0.01",
) -> dict[str, Any]:
    """The price of a CDR: totals as fractions, billed quantities, notes; or a reason."""
    notes: set[str] = set()
    try:
        lines = collect(cdr, tariffs, zone, notes)
        used = [tariff_for(cdr, period, tariffs, set()) for period in cdr["periods"]]
    except Unpriceable as refusal:
        return {"reason": str(refusal)}
    round_steps(lines)
    cent = number(unit)

    def rounded(value: Side) -> Side:
        return None if value is None else round_to(value, cent, mode)

    priced = []
    for line in lines:
        net, gross = sides(line, reverse_charge)
        if stage == "line":
            net, gross = rounded(net), rounded(gross)
        priced.append((line, net, gross))
    distinct = [tariff for i, tariff in enumerate(used) if all(tariff is not t for t in used[:i])]
    nets: list[Side] = []
    grosses: list[Side] = []
    for tariff in distinct:
        mine = [(line, net, gross) for line, net, gross in priced if line["tariff"] is tariff]
        if stage == "dimension":
            parts = ["energy", "time", "parking", "fixed", "reservation"]
            net = add_sides(
                [rounded(add_sides([n for li, n, _ in mine if li["part"] == p])) for p in parts]
            )
            gross = add_sides(
                [rounded(add_sides([g for li, _, g in mine if li["part"] == p])) for p in parts]
            )
        else:
            net = add_sides([n for _, n, _ in mine])
            gross = add_sides([g for _, _, g in mine])
        lone = [
            side
            for name in ("min_price", "max_price")
            for side in [tariff.get(name) or {}]
            if len(side) == 1 and (net if "before_taxes" in side else gross) is None
        ]
        if lone:
            notes.add("LIMIT_UNVERIFIABLE")
            net = gross = None
        else:
            net, gross = limit(net, gross, tariff.get("max_price"), "max")
            net, gross = limit(net, gross, tariff.get("min_price"), "min")
        nets.append(net)
        grosses.append(net if reverse_charge else gross)
    billed: dict[str, Fraction] = {}
    for line in lines:
        if line["dimension"] != "FLAT":
            billed[line["part"]] = billed.get(line["part"], Fraction(0)) + line["billed"]
    return {
        "reason": None,
        "excl": rounded(add_sides(nets)),
        "incl": rounded(add_sides(grosses)),
        "exact_excl": add_sides(nets),
        "exact_incl": add_sides(grosses),
        "billed": billed,
        "notes": notes,
        "lines": len(lines),
    }
