"""Decisions in PostgreSQL: the same store, whoever decides and wherever."""

import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from models.settle.decisions import IllegalDecision
from models.settle.months import PROOF
from models.settle.view import LockedMonth
from models.tables.settle import LINE_VAT, STATEMENT_LINES, STATEMENTS
from pipelines.cli.doctor.home import check_decisions
from pipelines.config.home import Home
from pipelines.decisions.opening import DecisionsLeftBehind, open_decisions
from pipelines.decisions.schema import File
from pipelines.decisions.server import DecisionsAway, Server
from pipelines.decisions.store import Decision, DecisionsStore
from pipelines.decisions.tables import TABLES, CannotCarry, carry
from pipelines.upkeep.backup import back_up, restore
from pipelines.upkeep.moving import Moved, move_to_file, move_to_lake
from tests.lake.postgres import Postgres

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def locked() -> LockedMonth:
    lines, vat, statements = (
        pl.DataFrame(schema=table.polars_schema())
        for table in (STATEMENT_LINES, LINE_VAT, STATEMENTS)
    )
    return LockedMonth(lines, vat, statements)


@pytest.fixture
def url(server: Postgres) -> str:
    return server.create(server.new_name())


def now() -> datetime:
    return NOW


def decide(store: DecisionsStore, *ids: str) -> None:
    data = {
        "key": "voltix/NL/VOL/cdr-½",
        "reason_code": "WALL_CLOCK_TIME",
        "amount_excl_vat": "2.50",
    }
    store.decide_all([Decision(one, "open", data) for one in ids], "anna")


def contents(place: File | Server) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: [
            tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
            for row in place.execute(f"select {columns} from {table} order by seq")  # noqa: S608
        ]
        for table, columns in TABLES.items()
    }


def lock_month(store: DecisionsStore, locked: LockedMonth) -> None:
    for name, kept in (("soft_closed", None), ("signed_off", None), ("locked", locked)):
        store.move_month("voltix", "2026-10", name, "anna", dict.fromkeys(PROOF, "x"), kept)


def test_a_server_keeps_what_a_file_keeps(url: str, tmp_path: Path, locked: LockedMonth) -> None:
    path = tmp_path / "decisions.sqlite"
    with closing(Server(url)) as server, closing(File(path)) as file:
        for place in (server, file):
            store = DecisionsStore(place, clock=now)
            decide(store, "d1", "d2")
            store.accept_removals("voltix.cdrs.1", "NL/VOL", "anna", "sold")
            store.accept_removals("voltix.cdrs.1", "NL/VOL", "bert", "again")
            lock_month(store, locked)
            with pytest.raises(IllegalDecision):
                store.move_month("voltix", "2026-10", "signed_off", "anna", {})
            assert store.walk_chain().broken_at is None
            assert store.view().locked
        assert contents(server) == contents(file)
        with pytest.raises(ValueError, match="a lock"):
            DecisionsStore(server, clock=now).move_month("voltix", "2026-10", "locked", "anna")


def test_nothing_is_changed_or_taken_out(url: str) -> None:
    with closing(Server(url)) as server:
        decide(DecisionsStore(server, clock=now), "d1")
        before = contents(server)
        for query in (
            "update events set who = 'eve'",
            "delete from chain",
            "truncate booked cascade",
        ):
            with pytest.raises(DecisionsAway, match="append-only"):
                server.execute(query)
        assert contents(server) == before


def test_who_decides_at_once_is_judged_by_what_the_first_did(url: str) -> None:
    refused: list[IllegalDecision] = []
    start = threading.Barrier(4)

    def sign(number: int) -> None:
        with closing(Server(url)) as server:
            store = DecisionsStore(server, clock=now)
            start.wait()
            decide(store, f"d{number}")
            try:
                decide(store, "the same for all")
            except IllegalDecision as error:
                refused.append(error)

    threads = [threading.Thread(target=sign, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(Server(url)) as server:
        store = DecisionsStore(server, clock=now)
        assert store.walk_chain().broken_at is None
        assert [event.seq for event in store.events()] == [*range(1, 6)]
        assert len(refused) == 3


def test_decisions_move_both_ways_and_into_a_backup(
    url: str, tmp_path: Path, locked: LockedMonth
) -> None:
    home = Home(tmp_path / "home")
    home.create()
    with open_decisions(home, clock=now) as store:
        decide(store, "d1", "d2")
        lock_month(store, locked)
    with closing(File(home.decisions)) as file:
        before = contents(file)
    home.settings.write_text(f"decisions: '{url}'\n", encoding="utf-8")
    with pytest.raises(DecisionsLeftBehind, match="roamhouse move --to lake"):
        open_decisions(home, clock=now)
    assert move_to_lake(home) == Moved(None, 5)
    assert not home.decisions.exists()
    with open_decisions(home, clock=now) as store:
        assert len(store.events()) == 5
        decide(store, "d3")
    (check,) = check_decisions(home)
    assert (check.state, "6 decisions" in check.message) == ("ok", True)

    back_up(home, tmp_path / "backup", partners=None, made_at=NOW)
    other = Home(tmp_path / "restored")
    restore(tmp_path / "backup", other)
    assert move_to_lake(other) == Moved(None, 6)  # all there already

    assert move_to_file(home) == Moved(None, 6)
    with closing(File(home.decisions)) as file:
        after = contents(file)
    assert {name: rows[: len(before[name])] for name, rows in after.items()} == before
    assert len(after["events"]) == 6


def test_other_decisions_are_not_written_over(url: str, tmp_path: Path) -> None:
    with closing(Server(url)) as server, closing(File(tmp_path / "d.sqlite")) as file:
        decide(DecisionsStore(server, clock=now), "theirs")
        decide(DecisionsStore(file, clock=now), "ours", "more")
        before = contents(server)
        with pytest.raises(CannotCarry, match="others already"):
            carry(file, server)
        assert contents(server) == before


def test_a_server_that_is_away_is_said(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="needs roamhouse[lake]")
    home = Home(tmp_path)
    home.create()
    home.settings.write_text("decisions: postgres:///x?host=/nowhere\n", encoding="utf-8")
    with pytest.raises(DecisionsAway, match="cannot be used"):
        open_decisions(home, clock=now)
    (check,) = check_decisions(home)
    assert check.state == "fail"
