"""Any history of pulls gives the same tables, however it is loaded.

Loaded page by page or all pages at once, each pull once or twice, straight through or after a
rewind to any moment: what the tables hold depends on the landed pulls alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warehouse_world import a_cdr, a_pull, a_tariff, an_evse, at, cdr_page, contents, load, started

from models.tables import TABLES
from models.tables.objects import EVSE_STATUS, INVOICES, TARIFFS
from pipelines.landing.records import PullRecord
from pipelines.warehouse import checks, staging
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.rewind import clear, rewind

Con = duckdb.DuckDBPyConnection
Page = dict[str, list[dict[str, Any]]]
# Agreed prices come from contracts, not from pages.
LOADED = [t for t in TABLES if t.stage == "core" and t.name != "core.agreement_prices"]


@dataclass(frozen=True)
class Landed:
    number: int
    pull: PullRecord
    pages: list[Page]


# Few ids, few contents, few moments: histories in which things meet.
ids = st.sampled_from(["1", "2", "3"])
contents_ = st.sampled_from(["a", "b"])
moments = st.one_of(st.none(), st.sampled_from([at(h) for h in (-1, 0.5, 1.5, 2.5, 99)]))


@st.composite
def pages(draw: st.DrawFn, module: str) -> Page:
    copies = draw(st.lists(st.tuples(ids, contents_, moments), max_size=3))
    page: Page = {}
    if module == "cdrs":
        page = cdr_page(*(a_cdr(i, c, periods=2 if c == "a" else 0) for i, c, _ in copies))
        page["core.embedded_tariffs"] = [
            {"id": i, "content_hash": c, "currency": "EUR"} for i, c, _ in copies
        ]
    elif module == "locations":
        status = {"a": "AVAILABLE", "b": "CHARGING"}
        page["core.evses"] = [
            an_evse(i, status[c], u, canonical_evse="X" if c == "b" else f"X{i}")
            for i, c, u in copies
        ]
        page["core.tariffs"] = [a_tariff(i, c, u) for i, c, u in copies if i == "3"]
    elif module == "tariffs":
        page["core.tariffs"] = [a_tariff(i, c, u) for i, c, u in copies]
    else:
        page["core.sessions"] = [
            {"id": i, "content_hash": c, "last_updated_at": u, "status": "ACTIVE"}
            for i, c, u in copies
        ]
    if draw(st.integers(0, 4)) == 0:
        bad = {"module": module, "object_id": draw(ids), "payload_hash": draw(contents_)}
        page["core.quarantine"] = [bad]
    return page


@st.composite
def histories(draw: st.DrawFn) -> list[Landed]:
    landed = []
    for number in range(1, draw(st.integers(2, 6)) + 1):
        module = draw(st.sampled_from(["cdrs", "locations", "locations", "tariffs", "sessions"]))
        changes: dict[str, Any] = draw(
            st.sampled_from(
                [
                    {},
                    {},
                    {"mode": "incremental", "date_from_at": at(0)},
                    {"mode": "window"},
                    {"status": "failed"},
                    {"party": "NL/VOL"},
                ]
            )
        )
        brought = draw(st.lists(pages(module), max_size=2))
        landed.append(Landed(number, a_pull(number, module, **changes), brought))
    return landed


def tables(con: Con) -> dict[str, Any]:
    return {t.name: contents(con, t.name) for t in TABLES if t.stage in ("core", "ops")}


def load_all(con: Con, history: list[Landed], *, batch: int = 1) -> dict[str, Any]:
    for landed in history:
        load(con, landed.pull, landed.pages, batch=batch)
    return tables(con)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path: Path = tmp_path_factory.mktemp("histories") / "w.duckdb"
    with Warehouse(path, wait_seconds=0, threads=1) as warehouse, warehouse.writer() as con:
        yield con


def empty(con: Con) -> Con:
    for table in (table for table in TABLES if table.query is None):
        con.execute(f"delete from {table.name}")  # noqa: S608 - our own tables
    return con


slow = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@slow
@given(history=histories())
def test_a_history_leads_to_the_same_tables_however_it_comes_and_they_keep_their_promises(
    shared: Con, history: list[Landed]
) -> None:
    expected = load_all(empty(shared), history, batch=1)
    assert broken_promises(shared) == []
    assert load_all(shared, history) == expected  # loading twice is loading once
    assert load_all(empty(shared), history, batch=9) == expected
    with pytest.MonkeyPatch.context() as patch:
        # A pull larger than memory: every page goes to the temporary tables at once.
        patch.setattr(staging, "_BUFFER_BYTES", 0)
        assert load_all(empty(shared), history, batch=1) == expected


@slow
@given(history=histories(), moment=st.integers(1, 7))
def test_rewind_and_reload_is_a_full_replay(
    shared: Con, history: list[Landed], moment: int
) -> None:
    expected = load_all(empty(shared), history)
    reloads = {(r.partner, r.module): r.since for r in rewind(shared, started(moment))}
    for landed in history:
        pull = landed.pull
        if (pull.partner, pull.module) in reloads:
            since = reloads[pull.partner, pull.module]
            if since is None or pull.started_at >= since:
                assert not load(shared, pull, landed.pages).already_loaded
    assert tables(shared) == expected


def broken_promises(shared: Con) -> list[checks.CheckResult]:
    results = [
        *(checks.keys_unique(shared, table) for table in LOADED),
        checks.periods_complete(shared),
        checks.status_intervals_sane(shared),
        checks.versions_disjoint(shared, TARIFFS),
        checks.versions_disjoint(shared, INVOICES),
        *(
            checks.rows_valid(shared, table, [p["page_id"] for p in contents(shared, "ops.pages")])
            for table in (*LOADED, EVSE_STATUS)
        ),
    ]
    return [result for result in results if not result.passed]


def test_rewind_takes_out_only_what_came_since_where_the_first_row_stays(shared: Con) -> None:
    empty(shared)
    for number in (1, 2, 3):
        load(shared, a_pull(number, "cdrs"), [cdr_page(a_cdr(str(number)), a_cdr("1", "z"))])
    shared.execute("insert into recon.inputs values ('terms', 'as judged before')")
    (reload,) = rewind(shared, started(3))
    assert contents(shared, "recon.inputs") == []
    assert (reload.module, reload.since) == ("cdrs", started(3))
    assert [row["id"] for row in contents(shared, "core.cdrs")] == ["1", "2"]
    assert len(contents(shared, "core.charging_periods")) == 2
    assert contents(shared, "ops.watermarks")[0]["complete_until_at"] == started(2)


def test_rewind_takes_out_whole_lists_where_states_are_overwritten(shared: Con) -> None:
    empty(shared)
    load(shared, a_pull(1, "tariffs"), [{"core.tariffs": [a_tariff()]}])
    load(shared, a_pull(2, "locations"), [{"core.evses": [an_evse("1")]}])
    reloads = rewind(shared, started(2))
    assert [(r.module, r.since) for r in reloads] == [("locations", None), ("tariffs", None)]
    assert all(contents(shared, table.name) == [] for table in LOADED)


def test_rewind_to_the_future_changes_nothing(shared: Con) -> None:
    before = load_all(empty(shared), [Landed(1, a_pull(1, "cdrs"), [cdr_page(a_cdr("1"))])])
    assert rewind(shared, started(2)) == ()
    assert tables(shared) == before


def test_clear_leaves_other_modules_and_partners_alone(shared: Con) -> None:
    empty(shared)
    load(shared, a_pull(1, "cdrs"), [cdr_page(a_cdr("1"))])
    load(shared, a_pull(1, "tariffs"), [{"core.tariffs": [a_tariff()]}])
    other = a_pull(1, "cdrs", partner="gridly")
    load(shared, other, [{"core.cdrs": [a_cdr("1", periods=0)]}])
    (reload,) = clear(shared, "voltix", "cdrs")
    assert (reload.module, reload.since) == ("cdrs", None)
    assert [row["partner"] for row in contents(shared, "core.cdrs")] == ["gridly"]
    assert contents(shared, "core.charging_periods") == []
    assert len(contents(shared, "core.tariffs")) == 1
    assert {row["partner"] for row in contents(shared, "ops.pages")} == {"gridly", "voltix"}
    assert not load(shared, a_pull(1, "cdrs"), []).already_loaded
