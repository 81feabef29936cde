"""Each non-conformity shows, alone, over the app's own answers; bad scenarios get a clear word."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from pipelines.sandbox.http import Reply
from pipelines.sandbox.parties import PARTNERS
from pipelines.sandbox.scenario import (
    MALFORMATIONS,
    Options,
    ScenarioError,
    built_in,
    load,
    malformed,
    scenario_of,
)
from pipelines.sandbox.server import App
from pipelines.sandbox.world import World, world_of

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
TOKENS = {partner.name: partner.token for partner in PARTNERS}
CDRS = "/voltix/ocpi/2.2.1/cdrs"
SITES = "/voltix/ocpi/2.2.1/locations"


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(Options(now=NOW, cdrs=400, errors_permille=0))


def app_with(world: World, **stated: Any) -> App:
    app = App(world, scenario_of({"voltix": stated} if stated else {}), TOKENS)
    app.base = "http://127.0.0.1:1"
    return app


def get(app: App, path: str, **more: str) -> Reply:
    token = base64.b64encode(TOKENS["voltix"].encode()).decode()
    headers = {"authorization": f"Token {token}", **more}
    return app.answer(request("GET", path, headers))


def request(method: str, path: str, headers: dict[str, str] | None = None) -> Request:
    parts = urlsplit(path)
    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": parts.path, "headers": raw}
    return Request({**scope, "query_string": parts.query.encode()})


def ids(reply: Reply) -> list[str]:
    return [one["id"] for one in json.loads(bytes(reply.body))["data"]]


def test_a_clamped_limit_gives_smaller_pages(world: World) -> None:
    reply = get(app_with(world, cdrs={"clamp_limit": 20}), f"{CDRS}?limit=100")
    assert (len(ids(reply)), reply.headers["X-Limit"]) == (20, "20")
    assert "limit=20" in reply.headers["Link"]


@pytest.mark.parametrize(
    ("deviations", "header", "value"),
    [
        ({"no_total": True}, "X-Total-Count", None),
        ({"x_limit": "zero"}, "X-Limit", "0"),
        ({"x_limit": "none"}, "X-Limit", None),
        ({"link": "none"}, "Link", None),
        ({"link": "internal"}, "Link", "http://ocpi-node-3.internal:8080/voltix/ocpi/2.2.1/cdrs?"),
        ({"link": "relative"}, "Link", "</voltix/ocpi/2.2.1/cdrs?"),
        ({"link": "date_from_none"}, "Link", "date_from=None"),
        ({"link": "without_limit"}, "Link", "offset=50>"),
    ],
)
def test_paging_headers_can_be_wrong(
    world: World, deviations: dict[str, Any], header: str, value: str | None
) -> None:
    reply = get(app_with(world, cdrs=deviations), f"{CDRS}?limit=50")
    assert value is None if header not in reply.headers else str(value) in reply.headers[header]


def test_the_last_page_can_have_an_empty_link_or_loop(world: World) -> None:
    last = f"{CDRS}?offset=100&limit=500"
    assert get(app_with(world, cdrs={"empty_link": True}), last).headers["Link"] == ""
    assert "offset=100" in get(app_with(world, cdrs={"link": "loop"}), last).headers["Link"]
    assert "Link" not in get(app_with(world), last).headers


def test_offset_and_window_can_be_ignored(world: World) -> None:
    plain = app_with(world)
    first = ids(get(plain, f"{CDRS}?limit=5"))
    assert (
        ids(get(app_with(world, cdrs={"ignore_offset": True}), f"{CDRS}?limit=5&offset=5")) == first
    )
    late = f"{CDRS}?limit=5&date_from=2026-10-30T00:00:00Z"
    assert ids(get(plain, late)) != first
    assert ids(get(app_with(world, cdrs={"ignore_date_from": True}), late)) == first


def test_date_to_can_be_inclusive(world: World) -> None:
    plain = app_with(world)
    changed = json.loads(bytes(get(plain, f"{CDRS}?limit=5").body))["data"][4]["last_updated"]
    window = f"{CDRS}?date_to={changed}"
    assert len(ids(get(plain, window))) == 4
    assert len(ids(get(app_with(world, cdrs={"inclusive_date_to": True}), window))) == 5


def test_a_list_can_shrink_or_shift_while_it_is_paged(world: World) -> None:
    whole = ids(get(app_with(world), CDRS))
    shrinking, shifting = app_with(world, cdrs={"shrink": 2}), app_with(world, cdrs={"shift": 2})
    for app, total in ((shrinking, len(whole) - 2), (shifting, len(whole))):
        get(app, f"{CDRS}?limit=10")
        second = get(app, f"{CDRS}?limit=10&offset=10")
        assert ids(second) == whole[12:22]
        assert second.headers["X-Total-Count"] == str(total)


def test_windows_can_be_limited(world: World) -> None:
    app = app_with(world, cdrs={"window_days": 30})
    assert json.loads(bytes(get(app, CDRS).body))["status_code"] == 2001
    month = f"{CDRS}?date_from=2026-10-02T00:00:00Z&date_to=2026-10-31T00:00:00Z"
    assert ids(get(app, month))


@pytest.mark.parametrize(
    ("fault", "status", "inside"),
    [
        ("429", 429, b"slow"), ("429_date", 429, b"slow"), ("500", 500, b"oops"),
        ("503", 503, b"oops"), ("html", 200, b"<html>"), ("ocpi_2001", 200, b"2001"),
        ("ocpi_3000", 200, b"3000"), ("redirect", 302, b""),
    ],
)  # fmt: skip
def test_requests_fail_as_often_as_asked(
    world: World, fault: str, status: int, inside: bytes
) -> None:
    app = app_with(world, cdrs={"fault": fault, "fault_first": 1, "fault_every": 3})
    replies = [get(app, CDRS) for _ in range(4)]
    assert [inside in bytes(r.body) and r.status_code == status for r in replies] == (
        [True, False, True, False] if inside else [r.status_code == 302 for r in replies]
    )
    if status == 429:
        waits = replies[0].headers["Retry-After"]
        assert waits == "1" if fault == "429" else waits.endswith("GMT")


def test_connections_can_break_or_drip(world: World) -> None:
    for fault, expected in (("reset", (True, False)), ("drip", (False, True))):
        app = app_with(world, cdrs={"fault": fault, "fault_first": 1})
        endings = [
            (r.cut_after is not None, r.drip_s is not None)
            for r in (get(app, CDRS), get(app, CDRS))
        ]
        assert endings == [expected, (False, False)]


def test_bodies_can_be_broken(world: World) -> None:
    whole = bytes(get(app_with(world), CDRS).body)
    truncated = app_with(world, cdrs={"fault": "truncated", "fault_first": 1})
    assert whole.startswith(bytes(get(truncated, CDRS).body))
    odd = {"bom": True, "nan": True, "duplicate_keys": True}
    body = bytes(get(app_with(world, cdrs=odd), CDRS).body)
    assert body.startswith(b"\xef\xbb\xbf")
    assert body.endswith(b'"took":NaN}')
    assert body.count(b'"status_code":1000') == 2
    hidden = get(app_with(world, cdrs={"gzip_unsaid": True}), CDRS)
    assert gzip.decompress(bytes(hidden.body)) == whole
    assert "Content-Encoding" not in hidden.headers


def test_a_bomb_is_small_until_it_is_opened(world: World) -> None:
    reply = get(app_with(world, cdrs={"fault": "bomb", "fault_first": 1}), CDRS)
    assert reply.headers["Content-Encoding"] == "gzip"
    assert len(reply.body) < 2_000_000


@pytest.mark.parametrize(
    ("shape", "read"),
    [
        ("bare", lambda body: body),
        ("keyed", lambda body: body["locations"]),
        ("nested", lambda body: body["data"]["locations"]),
        ("items", lambda body: body["items"]),
    ],
)
def test_envelopes_have_many_shapes(world: World, shape: str, read: Any) -> None:
    reply = get(app_with(world, locations={"shape": shape}), SITES)
    assert len(read(json.loads(bytes(reply.body)))) == 120


def test_empty_and_single_answers_have_shapes_of_their_own(world: World) -> None:
    never = f"{CDRS}?date_to=2020-01-01T00:00:00Z"
    null, absent, single = (
        json.loads(bytes(get(app_with(world, cdrs={"shape": shape}), path).body))
        for shape, path in (("null", never), ("absent", never), ("object", f"{CDRS}?limit=1"))
    )
    assert null["data"] is None
    assert "data" not in absent
    assert single["data"]["id"]


def test_tokens_are_accepted_as_the_scenario_says(world: World) -> None:
    url = "/voltix/ocpi/versions"
    raw = {"authorization": f"Token {TOKENS['voltix']}"}
    assert get(app_with(world), url, **raw).status_code == 401
    assert get(app_with(world, auth={"token_encoding": "raw"}), url, **raw).status_code == 200
    assert get(app_with(world, auth={"token_encoding": "both"}), url).status_code == 200
    hidden = get(app_with(world, auth={"refused": "200"}), url, **raw)
    assert (hidden.status_code, json.loads(bytes(hidden.body))["status_code"]) == (200, 2001)


@pytest.mark.parametrize("name", sorted(MALFORMATIONS))
def test_every_malformation_changes_something(world: World, name: str) -> None:
    paths = (SITES, CDRS, "/voltix/ocpi/2.2.1/tariffs", "/voltix/ocpi/2.2.1/sessions")
    plain = app_with(world)
    objects = [
        json.dumps(one).encode()
        for path in paths
        for one in json.loads(bytes(get(plain, path).body))["data"]
    ]
    assert [malformed(text, {name: 1}) for text in objects] != objects


def test_malformations_fall_on_some_objects_only(world: World) -> None:
    plain = json.loads(bytes(get(app_with(world), SITES).body))["data"]
    deviating = json.loads(
        bytes(get(app_with(world, locations={"data": {"alpha_2": 5}}), SITES).body)
    )
    changed = sum(a != b for a, b in zip(plain, deviating["data"], strict=True))
    assert 5 < changed < 60


def moved(app: App) -> App:
    path = "/_sandbox/advance?to=2026-11-05T00:00:00Z"
    assert app.answer(request("POST", path)).status_code == 200
    return app


def test_the_world_can_be_moved_on_but_not_back(world: World) -> None:
    app = moved(app_with(world))
    back = app.answer(request("POST", "/_sandbox/advance?to=2026-11-01T00:00:00Z"))
    assert back.status_code == 400
    state = json.loads(bytes(app.answer(request("GET", "/_sandbox/state")).body))
    assert state["moment"] == "2026-11-05T00:00:00Z"
    assert app.answer(request("GET", "/_sandbox/advance")).status_code == 405


def test_non_conformities_of_the_world_show_once_it_moves(world: World) -> None:
    gone = moved(app_with(world, locations={"mass_removal": True}))
    assert len(ids(get(gone, SITES))) == 60
    bumped = moved(app_with(world, locations={"bumped": True}))
    changed = f"{SITES}?date_from=2026-11-05T00:00:00Z"
    assert len(ids(get(bumped, changed))) == 120
    tariffs = "/voltix/ocpi/2.2.1/tariffs"
    sly, honest = moved(app_with(world, tariffs={"unbumped": True})), moved(app_with(world))
    before, after = (
        {one["id"]: one for one in json.loads(bytes(get(app, tariffs).body))["data"]}
        for app in (honest, sly)
    )
    assert before["SHOW-GREEN"]["last_updated"] == after["SHOW-GREEN"]["last_updated"]
    assert before["SHOW-GREEN"] != after["SHOW-GREEN"]
    assert before["AC-KWH"] == after["AC-KWH"]


def test_late_cdrs_come_with_an_old_date(world: World) -> None:
    late = app_with(world, cdrs={"late": 1})
    before = ids(get(late, CDRS))
    after = json.loads(bytes(get(moved(late), CDRS).body))["data"]
    found = [one for one in after if one["id"] not in before]
    assert any(one["last_updated"] < "2026-10-31T12:00:00Z" for one in found)


def test_an_evse_can_stand_under_two_locations(world: World) -> None:
    app = app_with(world, locations={"duplicate_evses": 10})
    sites = json.loads(bytes(get(app, SITES).body))["data"]
    uids = [evse["uid"] for site in sites for evse in site["evses"]]
    assert len(uids) - len(set(uids)) == 11


@pytest.mark.parametrize("name", built_in())
def test_every_built_in_scenario_can_be_read(name: str) -> None:
    scenario = load(name)
    assert bool(scenario.modules or scenario.push) == (name != "clean")


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ([], "scenario: Expected `object`, got `array`"),
        ({"volt": {}}, "Unknown partner `volt`"),
        ({"voltix": {"cdr": {}}}, "voltix.cdr: unknown module"),
        (
            {"voltix": {"cdrs": {"clamp": 3}}},
            r"voltix.cdrs: .*unknown field `clamp`; known.*clamp_limit",
        ),
        (
            {"voltix": {"cdrs": {"clamp_limit": "3"}}},
            r"voltix.cdrs: Expected `int`, got `str` - at `\$.clamp_limit`",
        ),
        (
            {"voltix": {"cdrs": {"fault": "boom"}}},
            r"voltix.cdrs: .*'boom' - at `\$.fault`",
        ),
        (
            {"voltix": {"cdrs": {"data": {"odd": 3}}}},
            r"cdrs.data: unknown \['odd'\]; known: .*html",
        ),
        ({"voltix": {"cdrs": {"data": {"html": 0}}}}, "voltix.cdrs: Expected `int` >= 1"),
        ({"voltix": {"cdrs": 3}}, "voltix.cdrs: Expected `object`, got `int`"),
        (
            {"voltix": {"auth": {"refused": "500"}}},
            r"voltix.auth: .*'500' - at `\$.refused`",
        ),
    ],
)
def test_bad_scenarios_say_where_and_what(stated: object, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        scenario_of(stated)


def test_scenarios_can_be_files(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("voltix: {cdrs: {clamp_limit: 20}}\n")
    assert load(str(path)).of("voltix", "cdrs").clamp_limit == 20
    path.write_text("voltix: {")
    with pytest.raises(ScenarioError, match="not YAML"):
        load(str(path))
    with pytest.raises(ScenarioError, match="built in are"):
        load("nowhere")
