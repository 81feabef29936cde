"""Pushes folded into whole objects: PATCH at every level, order, repeats, exact numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from models.ocpi.push_merging import (
    Key,
    Members,
    PushMerger,
    PushRefused,
    brought_parts,
    needed_parts,
)
from models.ocpi.pushes import Push, read_pushes, read_whole_lines, write_push

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
CONNECTOR = {"id": "1", "standard": "IEC_62196_T2", "last_updated": "2026-11-01T00:00:00Z"}
EVSE = {
    "uid": "E1", "status": "AVAILABLE", "connectors": [CONNECTOR],
    "last_updated": "2026-11-01T00:00:00Z",
}  # fmt: skip
LOCATION = {"id": "L1", "city": "Delft", "evses": [EVSE], "last_updated": "2026-11-01T00:00:00Z"}


def push(method: str, module: str, path: str, body: Any, version: str = "2.2.1") -> Push:
    text = body if isinstance(body, str) else json.dumps(body)
    return Push(
        push_id="1", received_at=AT, partner="voltix", module=module, version=version,
        method=method, path=tuple(path.split("/")), body=text,
    )  # fmt: skip


def nothing(_: Key) -> Members | None:
    return None


def merged(merger: PushMerger, one: Push) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(merger.merge(one))
    return whole


def test_a_patch_keeps_what_it_does_not_name_at_every_level() -> None:
    merger = PushMerger(nothing)
    merger.merge(push("PUT", "locations", "NL/VOL/L1", LOCATION))
    later = {"last_updated": "2026-11-01T01:00:00Z"}
    whole = merged(
        merger, push("PATCH", "locations", "NL/VOL/l1/e1/1", {"format": "CABLE"} | later)
    )
    (evse,) = whole["evses"]
    (connector,) = evse["connectors"]
    assert (connector["format"], connector["standard"]) == ("CABLE", "IEC_62196_T2")
    assert whole["city"] == "Delft"
    assert {whole["last_updated"], evse["last_updated"]} == {later["last_updated"]}
    assert evse["status"] == "AVAILABLE"

    whole = merged(merger, push("PATCH", "locations", "NL/VOL/L1", {"city": "Gouda"} | later))
    assert (whole["city"], "evses" in whole) == ("Gouda", False)


def test_what_came_late_changes_nothing_that_later_patches_build_on() -> None:
    merger = PushMerger(nothing)
    merger.merge(push("PUT", "locations", "NL/VOL/L1", LOCATION))
    for clock, status in (("03", "CHARGING"), ("02", "BLOCKED")):
        change = {"status": status, "last_updated": f"2026-11-01T{clock}:00:00Z"}
        (evse,) = merged(merger, push("PATCH", "locations", "NL/VOL/L1/E1", change))["evses"]
        assert evse["status"] == status  # each is told, with its own stamp
    change = {"floor_level": "1", "last_updated": "2026-11-01T04:00:00Z"}
    (evse,) = merged(merger, push("PATCH", "locations", "NL/VOL/L1/E1", change))["evses"]
    assert (evse["status"], evse["floor_level"]) == ("CHARGING", "1")


def test_numbers_stay_as_they_were_written() -> None:
    merger = PushMerger(nothing)
    merger.merge(push("PUT", "sessions", "NL/VOL/S", '{"id": "S", "kwh": 1.50, "cost": 0.10}'))
    whole = merger.merge(
        push("PATCH", "sessions", "NL/VOL/S", '{"kwh": 2.500, "last_updated": "2026-11-01"}')
    )
    assert b'"kwh":2.500' in whole
    assert b'"cost":0.10' in whole


def test_charging_periods_are_added_once() -> None:
    merger = PushMerger(nothing)
    first, second = {"start_date_time": "a", "x": 1}, {"start_date_time": "b", "x": 2}
    merger.merge(push("PUT", "sessions", "NL/VOL/S", {"id": "S", "charging_periods": [first]}))
    for periods in ([second], [second], [], [{"x": 2, "start_date_time": "b"}]):
        change = {"charging_periods": periods, "last_updated": "2026-11-01T00:00:00Z"}
        whole = merged(merger, push("PATCH", "sessions", "NL/VOL/S", change))
        assert whole["charging_periods"] == [first, second]
    whole = merged(merger, push("PUT", "sessions", "NL/VOL/S", {"id": "S", "charging_periods": []}))
    assert whole["charging_periods"] == []


def test_a_211_patch_needs_no_time_and_gets_its_owner_from_the_url() -> None:
    merger = PushMerger(nothing)
    merger.merge(push("PUT", "locations", "nl/vol/L1", LOCATION, "2.1.1"))
    whole = merged(
        merger, push("PATCH", "locations", "NL/VOL/L1/E1", {"status": "CHARGING"}, "2.1.1")
    )
    assert (whole["country_code"], whole["party_id"]) == ("NL", "VOL")
    changed_at = "2026-11-01T12:00:00.000000Z"
    assert whole["evses"][0]["last_updated"] == whole["last_updated"] == changed_at


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (push("PATCH", "sessions", "NL/VOL/S", {"kwh": 1}), "the session it belongs to"),
        (push("PATCH", "locations", "NL/VOL/L1/E1", {"status": "X"}), "the location it belongs"),
        (push("PUT", "locations", "NL/VOL/L1/E1", EVSE), "the location it belongs to"),
        (push("PUT", "tariffs", "NL/VOL/T", "[]"), "the body is no JSON object"),
    ],
)
def test_what_builds_on_nothing_is_refused(one: Push, says: str) -> None:
    with pytest.raises(PushRefused, match=says):
        PushMerger(nothing).merge(one)


def test_the_parts_that_merging_needs_and_brings() -> None:
    needs = [push("PATCH", "locations", "NL/VOL/L1/E1/1", {}), push("PUT", "cdrs", "NL/VOL/C", {})]
    assert [list(needed_parts(one)) for one in needs] == [
        [("nl", "vol", "l1", "e1", "1"), ("nl", "vol", "l1"), ("nl", "vol", "l1", "e1")],
        [],
    ]
    assert [len(key) for key in brought_parts(push("PUT", "locations", "NL/VOL/L1", LOCATION))] == [
        3, 4, 5,
    ]  # fmt: skip


def test_a_landed_push_is_read_as_it_was_written() -> None:
    body = '{\n  "id": "T1",\r\n  "price": 0.10, "name": "\\u00e9 \u2028"\n}'
    one = push("PUT", "tariffs", "NL/VOL/T1", body)
    line = write_push(one)
    assert read_pushes(line + line) == [one, one]
    assert list(read_whole_lines([line, line[:-1]])) == [one]  # a torn line was never answered
    with pytest.raises(msgspec.MsgspecError):
        read_pushes(b'{"data": []}')
