"""Price changes inside of charging periods, in the independent price (see `reference`): rule 3."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from reference_lines import Lines, Unpriceable, component_for, instant, number, state_at

LEAST = Fraction(1, 3_600_000_000_000)
"""The smallest part of a kWh that is told from nothing."""


def note_price_changes(lines: Lines, zone: str) -> None:
    """Add the note where a priced dimension would cost something else later in its period."""
    for at, kind, use, component in lines.looked_up:
        args = (at["tariff"], kind, use, at["period"])
        states = later_states(lines.cdr, at["index"], zone, at["tariff"], at["state"])
        if not all(same_price(at["tariff"], component, look_up(args, one)) for one in states):
            lines.notes.add("PERIOD_SPANS_PRICE_CHANGE")


def later_states(
    cdr: dict[str, Any], index: int, zone: str, tariff: Any, state: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """The states in a period after its start at which another price may begin.

    Time moves on with the energy as at the start, energy with the time as at the start, and at the
    end both have moved.
    """
    later = list(instants_of(cdr, index, zone, tariff))
    more = number(cdr["periods"][index].get("ENERGY") or 0)
    yield from (moved(state, after) for after in later)
    yield from ({**state, "energy": kwh} for kwh in thresholds(tariff, state, more))
    if more:
        end = moved(state, max(later, default=timedelta(0)))
        yield {**end, "energy": state["energy"] + more - (LEAST if more > 0 else -LEAST)}


def thresholds(tariff: Any, state: dict[str, Any], more: Fraction) -> Iterator[Fraction]:
    """The energies at which a restriction begins or ends while a period adds `more`."""
    before, after = sorted((state["energy"], state["energy"] + more))
    for element in tariff["elements"]:
        for name, value in (element.get("restrictions") or {}).items():
            if name in ("min_kwh", "max_kwh") and value != "many":
                bound = number(value)
                if more > 0 and before < bound < after:
                    yield bound
                if more < 0 and before < bound <= after:
                    yield bound - LEAST


def look_up(args: tuple[Any, ...], state: dict[str, Any]) -> Any:
    try:
        return component_for(*args, state, set())
    except Unpriceable:
        return None


def same_price(tariff: Any, one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    same_rate = tariff.get("tax_included") == "N/A" or one.get("vat") == other.get("vat")
    return bool(one["price"] == other["price"] and same_rate)


def moved(state: dict[str, Any], after: timedelta) -> dict[str, Any]:
    later = state["local"].astimezone(UTC) + after
    seconds = Fraction(after // timedelta(microseconds=1), 10**6)
    return {
        **state,
        "local": later.astimezone(state["local"].tzinfo),
        "elapsed": state["elapsed"] + seconds,
    }


def instants_of(cdr: dict[str, Any], index: int, zone: str, tariff: Any) -> Iterator[timedelta]:
    """Times into a period at which a time of day, a day or a duration of the tariff begins."""
    start = instant(cdr["periods"][index]["start"])
    following = cdr["periods"][index + 1 :]
    end = instant(following[0]["start"] if following else cdr["end"])
    if end <= start:
        return
    instants = {end - timedelta(microseconds=1)}
    at = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0)
    while at < end:
        local, before = (
            i.astimezone(ZoneInfo(zone)).utcoffset() for i in (at, at - timedelta(minutes=15))
        )
        if local != before:
            instants.add(at)
        at += timedelta(minutes=15)
    stated = [element.get("restrictions") or {} for element in tariff["elements"]]
    times = {r[name] for r in stated for name in ("start_time", "end_time") if name in r}
    first = start.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    for day in range((end - start).days + 4):
        for text in {*times, "00:00"} - {"25:61"}:
            for fold in (0, 1):
                naive = datetime.combine(first + timedelta(days=day), time.fromisoformat(text))
                instants.add(naive.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC))
    elapsed = state_at(cdr, index, zone)["elapsed"]
    for r in stated:
        for name in ("min_duration", "max_duration"):
            if name in r:
                instants.add(start + timedelta(seconds=float(r[name] - elapsed)))
    yield from (at - start for at in sorted(instants) if start < at < end)
