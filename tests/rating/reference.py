"""An independent price: written from the OCPI text and the house's rules, slow and obvious.

It shares no code with the engine: plain dictionaries in, `Fraction` throughout, `zoneinfo` for
local time. Where engine and reference differ, one of them is wrong about a rule.
"""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction
from typing import Any

from reference_changes import note_price_changes
from reference_lines import (
    Unpriceable,
    collect,
    instant,
    number,
    preferred,
    tariff_for,
)
from reference_unstated import add_unstated

MODES = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
}


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


# Rule 7: steps.


def round_steps(lines: list[dict[str, Any]]) -> None:
    parked = any(line["dimension"] == "PARKING_TIME" for line in lines)
    for dimension in ("ENERGY", "PARKING_TIME" if parked else "TIME", "RESERVATION_TIME"):
        mine = [line for line in lines if line["dimension"] == dimension]
        if not mine:
            continue
        used = [line for line in mine if line["quantity"] > 0]
        total = sum((line["quantity"] for line in mine), Fraction(0))
        if total <= 0:
            continue
        last = used[-1]
        step = last["component"].get("step_size") or 0
        if not step:
            continue
        size = Fraction(step, 1000) if dimension == "ENERGY" else Fraction(step, 3600)
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


def one_sided(tariff: Any, net: Side, gross: Side) -> bool:
    """Whether a limit states only the side of the total that is unknown."""
    return any(
        len(side) == 1 and (net if "before_taxes" in side else gross) is None
        for name in ("min_price", "max_price")
        for side in [tariff.get(name) or {}]
    )


# Rule 10: rounding.


def in_order(cdr: dict[str, Any], notes: set[str]) -> dict[str, Any]:
    """The CDR with its periods in the order of time (OCPI fixes none)."""
    if any(period.get("other") for period in cdr["periods"]):
        notes.add("UNKNOWN_DIMENSION")
    return {**cdr, "periods": sorted(cdr["periods"], key=lambda period: instant(period["start"]))}


def price(
    cdr: dict[str, Any],
    tariffs: list[Any],
    zone: str,
    *,
    mode: str = "half_up",
    stage: str = "total",
    reverse_charge: bool = False,
    unit: str = "0.01",
    forced: Any = None,
) -> dict[str, Any]:
    """The price of a CDR: totals as fractions, billed quantities, notes; or a reason.

    `forced` is the tariff of the periods that name none.
    """
    notes: set[str] = set()
    cdr = in_order(cdr, notes)
    try:
        used = [tariff_for(cdr, p, tariffs, set(), forced) for p in cdr["periods"]]
        collected = collect(cdr, tariffs, zone, notes, forced)
        add_unstated(collected, used, zone)
        note_price_changes(collected, zone)
    except Unpriceable as refusal:
        return {"reason": str(refusal)}
    lines = collected.found
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
        if one_sided(tariff, net, gross):
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


# Rule 1, again: several tariffs, and nothing but their order to choose by.


def prices_by_each(
    cdr: dict[str, Any], tariffs: list[Any], zone: str, **terms: Any
) -> list[dict[str, Any]]:
    """The price by each tariff that may be meant, then by the first that prices each dimension."""
    if all("tariff_id" in period for period in cdr["periods"]):
        return [price(cdr, tariffs, zone, **terms)]
    meant = preferred(cdr, tariffs)
    if len(meant) == 1:
        return [price(cdr, tariffs, zone, **terms)]
    together = merged(meant)
    wanted = [*meant, together] if together else meant
    return [price(cdr, tariffs, zone, forced=tariff, **terms) for tariff in wanted]


def merged(tariffs: list[Any]) -> Any:
    """One tariff of the first that prices each dimension; None: the first alone, or no way."""
    common = {(t["currency"], t.get("tax_included") or "NO") for t in tariffs}
    if len(common) > 1 or any("min_price" in t or "max_price" in t for t in tariffs):
        return None
    owner: dict[tuple[str, Any], int] = {}
    for place, tariff in enumerate(tariffs):
        for kind in kinds(tariff):
            owner.setdefault(kind, place)
    if set(owner.values()) <= {0}:
        return None
    elements = [
        {**element, "price_components": mine}
        for place, tariff in enumerate(tariffs)
        for element in tariff["elements"]
        for mine in [[c for c in element["price_components"] if belongs(c, element, place, owner)]]
    ]
    return {**tariffs[0], "elements": elements}


def uses(element: Any) -> list[Any]:
    use = (element.get("restrictions") or {}).get("reservation")
    return ["RESERVATION", "RESERVATION_EXPIRES"] if use == "many" else [use]


def kinds(tariff: Any) -> list[tuple[str, Any]]:
    return [
        (component["type"], use)
        for element in tariff["elements"]
        for component in element["price_components"]
        if component["type"] in ("ENERGY", "TIME", "PARKING_TIME", "FLAT")
        for use in uses(element)
    ]


def belongs(component: Any, element: Any, place: int, owner: dict[tuple[str, Any], int]) -> bool:
    own = uses(element)
    return len(own) > 1 or owner.get((component["type"], own[0]), place) == place


def price_by_claim(offered: list[dict[str, Any]], claim: Fraction | None) -> dict[str, Any]:
    totals = {(one["reason"], one.get("excl"), one.get("incl")) for one in offered}
    if len(totals) == 1:
        return offered[0]
    priced = [one for one in offered if one["reason"] is None]
    side = "excl" if all(one["excl"] is not None for one in priced) else "incl"
    chosen = pick(offered, [one for one in priced if one[side] is not None], side, claim)
    return {**chosen, "notes": chosen.get("notes", set()) | {"TARIFF_AMBIGUOUS"}}


def pick(
    offered: list[dict[str, Any]], known: list[dict[str, Any]], side: str, claim: Fraction | None
) -> dict[str, Any]:
    if claim is None or not known:
        return offered[0]
    for one in known:
        if one[side] == claim:
            return one
    if known[0] is not offered[0]:
        return offered[0]
    for one in known:
        if one[side] > claim:
            return one
    return max(known, key=lambda one: one[side])
