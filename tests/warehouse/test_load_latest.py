"""Tables of latest states: newest `last_updated` wins, then the later page; late copies lose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest
from warehouse_world import T0, a_pull, at, contents, fetched, load

from pipelines.landing.records import PullRecord

Con = duckdb.DuckDBPyConnection


def sessions(*copies: tuple[str, datetime | None]) -> dict[str, list[dict[str, Any]]]:
    return {
        "core.sessions": [
            {"id": "S1", "content_hash": content, "last_updated_at": updated, "status": "ACTIVE"}
            for content, updated in copies
        ]
    }


def changes_only(number: int) -> PullRecord:
    return a_pull(number, "sessions", mode="incremental", date_from_at=at(0))


def state(con: Con) -> tuple[str, datetime | None, str]:
    (row,) = contents(con, "core.sessions")
    return row["content_hash"], row["last_updated_at"], row["page_id"]


FIRST, SECOND = "voltix-sessions-000001/000000", "voltix-sessions-000002/000000"


@pytest.mark.parametrize(
    ("second", "action", "expected"),
    [
        (("a", T0), "unchanged", ("a", T0, FIRST)),
        (("a", at(1)), "bumped", ("a", at(1), FIRST)),
        (("b", at(1)), "updated", ("b", at(1), SECOND)),
        (("b", T0), "updated", ("b", T0, SECOND)),
        (("b", at(-1)), "stale", ("a", T0, FIRST)),
        (("a", at(-1)), "stale", ("a", T0, FIRST)),
        (("b", None), "updated", ("b", None, SECOND)),
        (("a", None), "unchanged", ("a", T0, FIRST)),
    ],
)  # fmt: skip
def test_merge_action_of_a_second_copy(
    con: Con, second: tuple[str, datetime | None], action: str, expected: tuple[Any, ...]
) -> None:
    load(con, a_pull(1, "sessions"), [sessions(("a", T0))])
    result = load(con, changes_only(2), [sessions(second)])
    assert getattr(result.tables["core.sessions"], action) == 1
    assert result.changed == (action in ("bumped", "updated"))
    assert state(con) == expected


@pytest.mark.parametrize(
    ("second", "action", "expected"),
    [
        (("b", at(-1)), "updated", ("b", at(-1), SECOND)),
        (("a", at(-1)), "bumped", ("a", at(-1), FIRST)),
        (("b", None), "updated", ("b", None, SECOND)),
    ],
)  # fmt: skip
def test_complete_list_shows_what_is_current_whatever_its_stamp(
    con: Con, second: tuple[str, datetime | None], action: str, expected: tuple[Any, ...]
) -> None:
    load(con, a_pull(1, "sessions"), [sessions(("a", T0))])
    result = load(con, a_pull(2, "sessions"), [sessions(second)])
    assert getattr(result.tables["core.sessions"], action) == 1
    assert state(con) == expected


def test_newest_copy_within_a_complete_list_is_current(con: Con) -> None:
    load(con, a_pull(1, "sessions"), [sessions(("a", at(5)))])
    load(con, a_pull(2, "sessions"), [sessions(("b", at(2)), ("c", at(1)))])
    assert state(con)[0] == "b"


def test_stamp_ahead_counts_as_when_it_was_seen_and_can_be_corrected(con: Con) -> None:
    load(con, changes_only(1), [sessions(("a", at(99)))])
    assert state(con)[:2] == ("a", fetched(1))
    load(con, changes_only(2), [sessions(("b", at(1.5)))])
    assert state(con)[:2] == ("b", at(1.5))


def test_ids_are_compared_without_regard_to_case_and_shown_as_last_spelt(con: Con) -> None:
    load(con, changes_only(1), [sessions(("a", at(0)))])
    page = sessions(("a", at(0.5)))
    page["core.sessions"][0]["id"] = "s1"
    result = load(con, changes_only(2), [page])
    assert result.tables["core.sessions"].updated == 1
    assert [row["id"] for row in contents(con, "core.sessions")] == ["s1"]


def test_ids_of_ocpi_2_1_1_differ_by_case(con: Con) -> None:
    page = sessions(("a", T0), ("b", T0))
    page["core.sessions"][1]["id"] = "s1"
    load(con, a_pull(1, "sessions", ocpi_version="2.1.1"), [page])
    assert [row["id"] for row in contents(con, "core.sessions")] == ["S1", "s1"]


def test_newest_of_several_copies_in_one_pull_wins(con: Con) -> None:
    pages = [sessions(("b", at(2)), ("a", at(1))), sessions(("c", at(1)))]
    result = load(con, a_pull(1, "sessions"), pages)
    assert result.tables["core.sessions"].inserted == 1
    assert state(con)[0] == "b"


def test_later_place_wins_among_equals(con: Con) -> None:
    load(con, a_pull(1, "sessions"), [sessions(("a", T0)), sessions(("b", T0), ("c", T0))])
    assert state(con)[0] == "c"


def test_without_last_updated_the_fetch_stands_in_for_it(con: Con) -> None:
    load(con, a_pull(1, "sessions"), [sessions(("a", None))])
    load(con, changes_only(2), [sessions(("b", fetched(1)))])
    assert state(con)[0] == "b"
    load(con, changes_only(3), [sessions(("c", at(1)))])
    assert state(con)[0] == "b"


def test_tokens_and_hub_clients_are_kept_by_their_own_keys(con: Con) -> None:
    def token(kind: str, content: str) -> dict[str, Any]:
        return {"uid": "U", "type": kind, "content_hash": content, "last_updated_at": T0}

    def client(role: str, content: str) -> dict[str, Any]:
        return {"role": role, "status": "CONNECTED", "content_hash": content, "last_updated_at": T0}

    load(con, a_pull(1, "tokens"), [{"core.tokens": [token("RFID", "a"), token("APP_USER", "b")]}])
    load(con, a_pull(2, "tokens"), [{"core.tokens": [token("RFID", "c")]}])
    page = {"core.hub_clients": [client("CPO", "a"), client("EMSP", "b"), client("CPO", "c")]}
    load(con, a_pull(1, "hubclientinfo"), [page])
    tokens, clients = contents(con, "core.tokens"), contents(con, "core.hub_clients")
    assert [(row["type"], row["content_hash"]) for row in tokens] == [
        ("APP_USER", "b"),
        ("RFID", "c"),
    ]
    assert [(row["role"], row["content_hash"]) for row in clients] == [("CPO", "c"), ("EMSP", "b")]
