"""Writes tariffs in each version of OCPI."""

from __future__ import annotations

import json
from functools import lru_cache

from pipelines.sandbox.clock import iso
from pipelines.sandbox.numbers import kwh, money, price, rate
from pipelines.sandbox.shapes import WEEKDAYS, Component, Limit, Restrictions, Tariff


@lru_cache(maxsize=20_000)
def tariff_json(tariff: Tariff, version: str) -> str:
    """A tariff as its party publishes and embeds it (OCPI mod_tariffs, Tariff object)."""
    old = version == "2.1.1"
    members: list[str] = []
    if not old:
        members += [
            f'"country_code":"{tariff.country_code}"',
            f'"party_id":"{tariff.party_id}"',
        ]
    members += [f'"id":"{tariff.id}"', f'"currency":"{tariff.currency}"']
    if not old and tariff.kind != "REGULAR":
        members.append(f'"type":"{tariff.kind}"')
    if tariff.text:
        members.append(f'"tariff_alt_text":[{{"language":"en","text":{json.dumps(tariff.text)}}}]')
    for name, limit in (("min_price", tariff.min_price), ("max_price", tariff.max_price)):
        if limit is not None:
            members.append(f'"{name}":{_limit(limit, version)}')
    members.append(f'"elements":[{",".join(_elements(tariff, old=old))}]')
    if version == "2.3.0":
        members.append(f'"tax_included":"{tariff.tax_included}"')
    for name, moment in (("start_date_time", tariff.start), ("end_date_time", tariff.end)):
        if moment is not None:
            members.append(f'"{name}":"{iso(moment)}"')
    members.append(f'"last_updated":"{iso(tariff.last_updated)}"')
    return "{" + ",".join(members) + "}"


def _limit(limit: Limit, version: str) -> str:
    net, gross = ("before_taxes", "after_taxes") if version == "2.3.0" else ("excl_vat", "incl_vat")
    after = "" if limit.gross is None else f',"{gross}":{money(limit.gross)}'
    return f'{{"{net}":{money(limit.net)}{after}}}'


def _elements(tariff: Tariff, *, old: bool) -> list[str]:
    written = []
    for element in tariff.elements:
        components = ",".join(_component(component, old=old) for component in element.components)
        restrictions = _restrictions(element.restrictions)
        tail = f',"restrictions":{{{restrictions}}}' if restrictions else ""
        written.append(f'{{"price_components":[{components}]{tail}}}')
    return written


def _component(component: Component, *, old: bool) -> str:
    stated = price(component.price)
    if old:  # 2.1.1 writes prices as strings in its own examples, and so do its platforms
        stated = f'"{stated}"'
    vat = "" if old or component.vat is None else f',"vat":{rate(component.vat)}'
    return f'{{"type":"{component.dimension}","price":{stated}{vat},"step_size":{component.step}}}'


def _restrictions(limits: Restrictions) -> str:
    stated: dict[str, str | None] = {
        "start_time": _clock(limits.start_time),
        "end_time": _clock(limits.end_time),
        "start_date": _text(limits.start_date),
        "end_date": _text(limits.end_date),
        "min_kwh": _thousandth(limits.min_wh),
        "max_kwh": _thousandth(limits.max_wh),
        "min_current": _number(limits.min_current),
        "max_current": _number(limits.max_current),
        "min_power": _thousandth(limits.min_power),
        "max_power": _thousandth(limits.max_power),
        "min_duration": _number(limits.min_duration),
        "max_duration": _number(limits.max_duration),
        "day_of_week": _days(limits.weekdays),
        "reservation": _text(limits.reservation),
    }
    return ",".join(f'"{name}":{value}' for name, value in stated.items() if value is not None)


def _clock(minute: int | None) -> str | None:
    return None if minute is None else f'"{minute // 60:02d}:{minute % 60:02d}"'


def _text(value: str | None) -> str | None:
    return None if value is None else f'"{value}"'


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)


def _thousandth(value: int | None) -> str | None:
    return None if value is None else kwh(value)


def _days(weekdays: tuple[int, ...]) -> str | None:
    return json.dumps([WEEKDAYS[day] for day in weekdays]) if weekdays else None
