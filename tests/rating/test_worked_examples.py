"""The worked examples of the OCPI text: see worked_examples/README.md for how they are written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from rating_support import price_wire

FOLDER = Path(__file__).with_name("worked_examples")
PARTS = ("energy", "time", "parking", "fixed", "reservation")
SPANS = {"charging": "TIME", "parking": "PARKING_TIME", "reserved": "RESERVATION_TIME"}
BILLED = {"energy": "billed_energy_kwh"} | {
    part: f"billed_{part}_h" for part in ("time", "parking", "reservation")
}


def examples() -> list[Any]:
    """Every session of every example, once for each version whose text has it."""
    return [
        pytest.param(example, session, version, id=f"{example['name']} {number} {version}")
        for path in sorted(FOLDER.glob("*.yaml"))
        for example in load(path)
        for number, session in enumerate(example["sessions"], 1)
        for version in example["versions"]
    ]


def load(path: Path) -> list[Any]:
    """The examples of a file, every number as the text that it is written as."""
    loaded = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    assert isinstance(loaded, list)
    return loaded


def amounts(stated: str) -> dict[str, Decimal | None]:
    excl, incl = stated.split(" / ")
    return {
        side: None if text == "?" else Decimal(text)
        for side, text in (("excl", excl), ("incl", incl))
    }


def price_component(stated: str) -> dict[str, Any]:
    dimension, price, *rest = stated.split()
    further = dict(zip(rest[::2], rest[1::2], strict=True))
    component: dict[str, Any] = {
        "type": dimension,
        "price": price.strip('"') if price.startswith('"') else float(price),
        "step_size": int(further.get("step", 1)),
    }
    return component | ({"vat": float(further["vat"])} if "vat" in further else {})


def restriction(value: Any) -> Any:
    """Numbers as numbers; times of day and names as they are."""
    return float(value) if isinstance(value, str) and value.isdecimal() else value


def limit(stated: str, version: str) -> dict[str, float]:
    names = ("before_taxes", "after_taxes") if version == "2.3.0" else ("excl_vat", "incl_vat")
    return {
        name: float(amount)
        for name, amount in zip(names, amounts(stated).values(), strict=True)
        if amount is not None
    }


def wire_tariff(stated: dict[str, Any], version: str) -> dict[str, Any]:
    elements = [
        {
            "price_components": [price_component(price) for price in element["prices"]],
            **(
                {"restrictions": {key: restriction(v) for key, v in element["when"].items()}}
                if "when" in element
                else {}
            ),
        }
        for element in stated["elements"]
    ]
    limits = {
        key: limit(stated[key], version) for key in ("min_price", "max_price") if key in stated
    }
    identity = {} if version == "2.1.1" else {"country_code": "DE", "party_id": "ALL"}
    return {
        **identity,
        "id": "T1",
        "currency": "EUR",
        **({"tax_included": "NO"} if version == "2.3.0" else {}),
        **{key: text for key, text in stated.items() if key != "elements"},
        **limits,
        "elements": elements,
        "last_updated": "2015-02-02T14:15:01Z",
    }


def wire_periods(stated: list[dict[str, str]], start: datetime) -> tuple[list[Any], datetime]:
    """The charging periods, and when the last of them ends."""
    periods = []
    at = start
    for period in stated:
        minutes = sum((Decimal(period[span]) for span in SPANS if span in period), Decimal(0))
        volumes = {
            SPANS.get(name, name): Decimal(text) / 60 if name in SPANS else Decimal(text)
            for name, text in period.items()
        }
        dimensions = [{"type": name, "volume": round(float(v), 10)} for name, v in volumes.items()]
        periods.append({"start_date_time": wire_time(at), "dimensions": dimensions})
        at += timedelta(seconds=int(minutes * 60))
    return periods, at


def wire_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wire_cdr(example: dict[str, Any], session: dict[str, Any], version: str) -> dict[str, Any]:
    zone = ZoneInfo(example.get("zone", "Europe/Berlin"))
    start = datetime.fromisoformat(session.get("start", "2019-05-14 10:00")).replace(tzinfo=zone)
    periods, end = wire_periods(session["periods"], start)
    if "end" in session:
        end = datetime.fromisoformat(session["end"]).replace(tzinfo=zone)
    tariff = wire_tariff(example["tariff"], version)
    claimed = amounts(session["total"])["excl"] or Decimal(0)
    cost: Any = {"before_taxes" if version == "2.3.0" else "excl_vat": float(claimed)}
    old = version == "2.1.1"
    return {
        **({} if old else {"country_code": "DE", "party_id": "ALL"}),
        "id": "C1",
        "start_date_time": wire_time(start),
        "stop_date_time" if old else "end_date_time": wire_time(end),
        "currency": tariff["currency"],
        "tariffs": [tariff],
        "charging_periods": periods,
        "total_cost": float(claimed) if old else cost,
        "total_energy": sum(float(period.get("ENERGY", 0)) for period in session["periods"]),
        "total_time": (end - start) / timedelta(hours=1),
        "last_updated": wire_time(end),
    }


def as_printed(found: Decimal | None, printed: Decimal | None) -> Decimal | None:
    return found if found is None or printed is None else found.quantize(printed, ROUND_HALF_UP)


@pytest.mark.parametrize(("example", "session", "version"), examples())
def test_an_example_of_the_text_has_its_amounts(
    example: dict[str, Any], session: dict[str, Any], version: str
) -> None:
    cdr = wire_cdr(example, session, version)
    total = price_wire(cdr, version=version, time_zone=example.get("zone", "Europe/Berlin")).total
    expected: dict[str, Decimal | None] = {}
    found: dict[str, Decimal | None] = {}
    for side, printed in amounts(session["total"]).items():
        expected[f"total {side}"] = printed
        found[f"total {side}"] = as_printed(total[f"unrounded_{side}_vat"], printed)
    for part in PARTS:
        for side, printed in amounts(session.get(part, "0 / 0")).items():
            expected[f"{part} {side}"] = printed
            found[f"{part} {side}"] = as_printed(total[f"{part}_cost_{side}_vat"], printed)
    for name, text in session.get("billed", {}).items():
        factor = 1 if name == "energy" else 60
        expected[f"billed {name}"] = Decimal(text)
        found[f"billed {name}"] = as_printed(total[BILLED[name]] * factor, Decimal(text))
    assert total["state"] == "priced", json.dumps(cdr)
    assert found == expected
