"""Quantities that only the totals of a CDR state, in the independent price (see `reference`)."""

from fractions import Fraction
from typing import Any

from reference_changes import later_states, look_up, same_price
from reference_lines import (
    PART,
    Lines,
    Unpriceable,
    component_for,
    is_reservation,
    number,
    state_at,
)

MINUTE = Fraction(1, 60)


def unstated(cdr: dict[str, Any]) -> dict[str, Fraction | None]:
    """Dimension \u2192 the quantity that no period states; None: nobody knows how much."""
    periods = cdr["periods"]

    def stated(name: str) -> bool:
        return any(name in period for period in periods)

    totals = {name: number(cdr.get(name) or 0) for name in ("ENERGY", "TIME", "PARKING_TIME")}
    found: dict[str, Fraction | None] = {
        name: totals[name]
        for name in ("ENERGY", "PARKING_TIME")
        if totals[name] > 0 and not stated(name)
    }
    if totals["TIME"] > 0 and not stated("TIME"):
        if any(number(period.get("RESERVATION_TIME") or 0) > 0 for period in periods):
            if not all(is_reservation(p) or empty(p) for p in periods):
                found["TIME"] = None
        elif cdr.get("PARKING_TIME") is not None or stated("PARKING_TIME"):
            parked = (
                totals["PARKING_TIME"]
                if cdr.get("PARKING_TIME") is not None
                else sum((number(p.get("PARKING_TIME") or 0) for p in periods), Fraction(0))
            )
            if totals["TIME"] - parked > MINUTE:
                found["TIME"] = totals["TIME"] - parked
        else:
            found["TIME"] = None
    return {name: found[name] for name in ("ENERGY", "TIME", "PARKING_TIME") if name in found}


def empty(period: dict[str, Any]) -> bool:
    return not any(number(period.get(name) or 0) for name in ("ENERGY", "PARKING_TIME"))


def add_unstated(lines: Lines, chosen: list[Any], zone: str) -> None:
    cdr = lines.cdr
    missing = unstated(cdr)
    if "ENERGY" in missing and any(by_energy(t, missing["ENERGY"]) for t in chosen):
        raise Unpriceable("PERIODS_INCOMPLETE")
    for dimension, quantity in missing.items():
        charged = [i for i, period in enumerate(cdr["periods"]) if not is_reservation(period)]
        if not charged:
            if priced_kinds(chosen[0], dimension):
                raise Unpriceable("PERIODS_INCOMPLETE")
            continue
        component = session_component(lines, chosen, zone, dimension, charged)
        if component is None or (quantity is None and number(component["price"]) == 0):
            continue
        if quantity is None:
            raise Unpriceable("PERIODS_INCOMPLETE")
        lines.notes.add("QUANTITY_FROM_TOTAL")
        line = {"tariff": chosen[charged[-1]], "component": component, "dimension": dimension}
        lines.found.append(
            {**line, "part": PART[dimension], "quantity": quantity, "billed": quantity}
        )


def by_energy(tariff: Any, total: Fraction | None) -> bool:
    bounds = [
        number(value)
        for element in tariff["elements"]
        for name, value in (element.get("restrictions") or {}).items()
        if name in ("min_kwh", "max_kwh") and value != "many"
    ]
    return any(0 < bound <= (total or 0) for bound in bounds)


def priced_kinds(tariff: Any, dimension: str) -> bool:
    return any(
        component["type"] == dimension
        for element in tariff["elements"]
        if (element.get("restrictions") or {}).get("reservation") is None
        for component in element["price_components"]
    )


def session_component(
    lines: Lines, chosen: list[Any], zone: str, dimension: str, charged: list[int]
) -> Any:
    """The one component of the whole session; None: nothing prices the dimension."""
    before: Any = "nothing"
    for index in charged:
        tariff, period = chosen[index], lines.cdr["periods"][index]
        if not priced_kinds(tariff, dimension):
            component = None
        else:
            if dimension == "ENERGY" and by_unknown_power(tariff, period):
                raise Unpriceable("PERIODS_INCOMPLETE")
            state = state_at(lines.cdr, index, zone)
            args = (tariff, dimension, None, period)
            component = component_for(*args, state, lines.notes)
            for later in later_states(lines.cdr, index, zone, tariff, state):
                if not same_price(tariff, component, look_up(args, later)):
                    raise Unpriceable("PERIODS_INCOMPLETE")
        if before != "nothing":
            free = component is None and before[1] is None
            if not free and not (before[0] is tariff and same_price(tariff, before[1], component)):
                raise Unpriceable("PERIODS_INCOMPLETE")
        before = (tariff, component)
    return before[1]


def by_unknown_power(tariff: Any, period: dict[str, Any]) -> bool:
    if period.get("MIN_POWER") is not None or period.get("MAX_POWER") is not None:
        return False
    return any(
        any(
            name in ("min_power", "max_power") and value != "many"
            for name, value in (element.get("restrictions") or {}).items()
        )
        and any(c["type"] == "ENERGY" for c in element["price_components"])
        for element in tariff["elements"]
    )
