"""Whatever partners send, in whatever order: core agrees with a plain model of the truth.

The model is the rules in a dozen lines: what the newest complete list shows is current; elsewhere
the newest stamp wins, a stamp ahead of us being when we saw it; ids are compared without regard to
case; what a complete list lacks is gone. Broken pulls show what they show and prove nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from warehouse_world import a_location, a_pull, a_tariff, an_evse, at, contents, fetched, load

from models.tables import TABLES
from pipelines.warehouse.connection import Warehouse

Con = duckdb.DuckDBPyConnection
STATUS = {"a": "AVAILABLE", "b": "CHARGING", "c": "OUTOFORDER"}


@dataclass(frozen=True)
class Copy:
    """A copy of an object as a pull shows it."""

    spelling: str
    content: str
    stamp: datetime

    @property
    def key(self) -> str:
        return self.spelling.lower()


@dataclass(frozen=True)
class Shown:
    """A pull: how it went, and the copies on each of its pages."""

    how: str
    pages: tuple[tuple[Copy, ...], ...]

    @property
    def is_complete_list(self) -> bool:
        return self.how == "full"


@dataclass
class Truth:
    """The plain model: content, stamp and spelling of each object, and which are gone."""

    keeps_versions: bool = False
    current: dict[str, tuple[str, tuple[datetime, int, int]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def learn(self, number: int, pull: Shown) -> None:
        newest: dict[str, tuple[Copy, tuple[datetime, int, int]]] = {}
        for position, page in enumerate(pull.pages):
            for copy in page:
                rank = (min(copy.stamp, fetched(number, position)), number, position)
                if copy.key not in newest or rank >= newest[copy.key][1]:
                    newest[copy.key] = (copy, rank)
        for key, (copy, rank) in newest.items():
            # A tariff that comes back is what it is then; a place is what we knew of it last.
            begins_anew = self.keeps_versions and key in self.gone
            self.gone.discard(key)
            content, known = self.current.get(key, ("", rank))
            if not pull.is_complete_list and not begins_anew and rank < known:
                continue
            # The same content keeps the page that brought it.
            same = content == copy.content and not begins_anew
            place = known[1:] if same else rank[1:]
            self.current[key] = (copy.content, (rank[0], *place))
        if pull.is_complete_list:
            self.gone |= self.current.keys() - newest.keys()

    def contents(self) -> dict[str, str]:
        return {key: content for key, (content, _) in self.current.items()}

    def living(self) -> dict[str, str]:
        return {k: c for k, c in self.contents().items() if k not in self.gone}


stamps = st.sampled_from([at(h) for h in (-30, -1, 0.5, 1.5, 2.5, 3.5, 99, 24 * 365 * 4)])
copies = st.builds(Copy, st.sampled_from(["x", "X", "y"]), st.sampled_from("abc"), stamps)
pulls = st.builds(
    Shown,
    st.sampled_from(["full", "full", "incremental", "window", "broken"]),
    st.lists(st.lists(copies, max_size=3).map(tuple), min_size=1, max_size=2).map(tuple),
)
any_pulls = given(shown=st.lists(pulls, min_size=1, max_size=6))
slow = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
CHANGES: dict[str, dict[str, Any]] = {
    "full": {},
    "incremental": {"mode": "incremental", "date_from_at": at(-99)},
    "window": {"mode": "window"},
    "broken": {"status": "failed"},
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path: Path = tmp_path_factory.mktemp("truth") / "w.duckdb"
    with Warehouse(path, wait_seconds=0, threads=1) as warehouse, warehouse.writer() as con:
        yield con


def show_all(con: Con, module: str, shown: Iterable[Shown], rows: Any) -> Truth:
    for table in (table for table in TABLES if table.query is None):
        con.execute(f"delete from {table.name}")  # noqa: S608 - our own tables
    truth = Truth(keeps_versions=module == "tariffs")
    for number, pull in enumerate(shown, start=1):
        pages = [rows(page) for page in pull.pages]
        load(con, a_pull(number, module, **CHANGES[pull.how]), pages)
        truth.learn(number, pull)
    return truth


@slow
@any_pulls
def test_latest_states(shared: Con, shown: list[Shown]) -> None:
    def rows(page: tuple[Copy, ...]) -> dict[str, Any]:
        return {
            "core.sessions": [
                {
                    "id": c.spelling,
                    "content_hash": c.content,
                    "last_updated_at": c.stamp,
                    "status": "ACTIVE",
                }
                for c in page
            ]
        }

    truth = show_all(shared, "sessions", shown, rows)
    found = contents(shared, "core.sessions")
    assert {row["id"].lower(): row["content_hash"] for row in found} == truth.contents()
    assert len(found) == len(truth.contents())
    assert all(row["last_updated_at"] < at(24) for row in found)


#: One that had gone comes back in a copy older than what we knew.
BACK_LATE = [
    Shown("full", ((Copy("x", "a", at(0)),),)),
    Shown("full", ((),)),
    Shown("incremental", ((Copy("x", "b", at(-30)),),)),
]
#: So does this one, and spells its ids in another way.
BACK_LATE_RESPELT = [
    Shown("full", ((Copy("X", "a", at(0)),),)),
    Shown("full", ((),)),
    Shown("incremental", ((Copy("x", "a", at(-30)),),)),
]


@slow
@any_pulls
@example(shown=BACK_LATE)
@example(shown=BACK_LATE_RESPELT)
def test_places_and_their_status(shared: Con, shown: list[Shown]) -> None:
    def rows(page: tuple[Copy, ...]) -> dict[str, Any]:
        return {
            "core.locations": [a_location("L1", c.stamp) for c in page[:1]],
            "core.evses": [
                an_evse(c.spelling, STATUS[c.content], c.stamp, content_hash=c.content)
                for c in page
            ],
        }

    truth = show_all(shared, "locations", shown, rows)
    evses = contents(shared, "core.evses")
    assert {e["uid"].lower(): e["content_hash"] for e in evses} == truth.contents()
    assert {e["uid"].lower() for e in evses if e["removed_at"]} == truth.gone
    intervals = contents(shared, "core.evse_status")
    still = {i["evse_uid"].lower(): i["status"] for i in intervals if i["to_at"] is None}
    assert still == {key: STATUS[content] for key, content in truth.living().items()}
    assert {i["evse_uid"] for i in intervals} <= {e["uid"] for e in evses}
    for interval in intervals:
        assert interval["from_at"] <= interval["observed_from_at"]
        assert interval["to_at"] is None or interval["from_at"] < interval["to_at"]


@slow
@any_pulls
def test_tariff_history(shared: Con, shown: list[Shown]) -> None:
    def rows(page: tuple[Copy, ...]) -> dict[str, Any]:
        return {"core.tariffs": [a_tariff(c.spelling, c.content, c.stamp) for c in page]}

    truth = show_all(shared, "tariffs", shown, rows)
    history: dict[str, list[dict[str, Any]]] = {}
    for row in contents(shared, "core.tariffs"):
        history.setdefault(row["id"].lower(), []).append(row)
    published = {(c.key, c.content) for pull in shown for page in pull.pages for c in page}
    for key, versions in history.items():
        versions.sort(key=lambda version: version["valid_from_at"])
        assert {(key, version["content_hash"]) for version in versions} <= published
        # Nothing begins in the future; contents of one page follow each other by a microsecond.
        seen_at = fetched(len(shown), 1) + timedelta(milliseconds=1)
        assert all(version["valid_from_at"] < seen_at for version in versions)
        for earlier, later in pairwise(versions):
            assert earlier["valid_from_at"] < earlier["valid_to_at"] <= later["valid_from_at"]
            joined = earlier["valid_to_at"] == later["valid_from_at"]
            assert not joined or earlier["content_hash"] != later["content_hash"]
    still = {
        key: versions[-1]["content_hash"]
        for key, versions in history.items()
        if versions[-1]["valid_to_at"] is None
    }
    assert still == truth.living()
