"""A person shown and erased: with proof, the same money, and a replay that brings nobody back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result
from people import somebody

from pipelines.cli.main import cli
from pipelines.config.home import Home
from pipelines.decisions.store import DecisionsStore
from pipelines.landing.landing import Landing
from pipelines.warehouse.snapshot import open_current


def roamhouse(home: Home, *words: object) -> Result:
    arguments = [str(word) for word in words]
    return CliRunner().invoke(cli, arguments, env={"ROAMHOUSE_HOME": str(home.path)})


def bodies(home: Home) -> list[bytes]:
    landing = Landing(home.landing)
    return [
        landing.objects.read(page.sha256, max_bytes=1 << 30)
        for _, pages in landing.pulls()
        for page in pages
    ]


def statements(home: Home) -> list[tuple[object, ...]]:
    con = open_current(home.serving)
    assert con is not None
    with con:
        return con.execute("select * from settle.statements order by all").fetchall()


def test_person_is_shown_whole_then_erased_with_proof(home: Home, tmp_path: Path) -> None:
    name, before = somebody(home), statements(home)
    file = tmp_path / "person.json"
    shown = roamhouse(home, "privacy", "export", "--person", name.lower(), "-o", file)
    assert shown.exit_code == 0, shown.output
    found = json.loads(file.read_text(encoding="utf-8"))
    assert {"core.cdrs", "core.sessions"} <= set(found["tables"])
    assert all(name in json.dumps(one["object"]) for one in found["landed"] if name in str(one))
    assert file.stat().st_mode & 0o777 == 0o600

    (home.path / "note.txt").write_bytes(b"x" * (1 << 20) + name.lower().encode())
    annex = home.landing / "invoices" / "annex.zst"
    annex.parent.mkdir(exist_ok=True)
    annex.write_bytes(zstandard.compress(b"driver " + name.encode()))
    with DecisionsStore(home.decisions, clock=lambda: datetime.now(UTC)) as store:
        store.accept_removals("pull", "GB/LMN", "eva", f"{name} asked to")
    words = ("privacy", "erase", "--person", name, "--reason", "asked to", "--as", "eva", "--json")
    erased = roamhouse(home, *words, "--yes")
    assert erased.exit_code == 0, erased.output
    proof = json.loads(erased.output)
    assert proof["proved"] is True
    assert proof["pages"] > 0
    assert proof["rows"] > 0
    assert (proof["left_in_landing"], proof["left_in_tables"]) == (0, 0)
    assert not any(name.encode() in body for body in bodies(home))
    (snapshot,) = home.serving.glob("warehouse-*.duckdb")
    assert snapshot.samefile(home.serving / "current.duckdb")
    assert statements(home) == before
    again = roamhouse(home, *words, "--yes")
    assert (again.exit_code, "no landed page names" in again.output) == (1, True)
    (record,) = json.loads((home.path / "erasures.json").read_text(encoding="utf-8"))
    assert (record["who"], record["reason"]) == ("eva", "asked to")
    assert proof["elsewhere"] == ["decisions.sqlite", "landing/invoices/annex.zst", "note.txt"]


def test_shared_placeholder_is_no_person(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.upkeep.person._MOST", 0)
    result = roamhouse(home, "privacy", "export", "--person", somebody(home), "-o", "unused.json")
    assert (result.exit_code, "no one person" in result.output) == (1, True)


def test_erasing_asks_first(home: Home) -> None:
    before = bodies(home)
    words = ("privacy", "erase", "--person", somebody(home), "--reason", "asked to")
    assert roamhouse(home, *words).exit_code == 1
    assert bodies(home) == before
