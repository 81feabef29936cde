"""Backups: whole, proved, made beside a writer, and brought back to what was there."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result

from pipelines.cli.main import cli
from pipelines.config.errors import ConfigError
from pipelines.config.home import Home
from pipelines.config.pseudonyms import open_pseudonymiser
from pipelines.decisions.store import DecisionsStore
from pipelines.upkeep.backup import BackupError, back_up, restore, verify

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DISPUTE = "d" * 32


@pytest.fixture(name="home")
def small_home(tmp_path: Path) -> Home:
    """A home with something of everything in it."""
    home = Home(tmp_path / "home")
    home.create()
    open_pseudonymiser(home, {})
    with DecisionsStore(home.decisions, clock=lambda: NOW) as store:
        store.accept_removals("voltix.locations.1", "*", "eva", "they closed")
    put(home, "landing/objects/ab/cd.zst", b"a body")
    put(home, "landing/objects/incoming/x.part", b"half a bo")
    put(home, "landing/pulls/voltix/cdrs/2026-11/p.ndjson", b'{"pull": {}}\n{"pa')
    put(home, "partners.yaml", b"partners: []")
    put(home, "dagster/dagster.yaml", b"telemetry: {}")
    put(home, "dagster/history/runs.db", b"runs")
    put(home, "warehouse.duckdb", b"rows")
    put(home, "serving/warehouse-000001.duckdb", b"rows")
    return home


def put(home: Home, name: str, data: bytes) -> None:
    path = home.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def contents(path: Path) -> dict[str, bytes]:
    return {
        one.relative_to(path).as_posix(): one.read_bytes()
        for one in path.rglob("*")
        if one.is_file()
    }


KEPT = {
    "dagster/dagster.yaml",
    "decisions.sqlite",
    "landing/objects/ab/cd.zst",
    "landing/pulls/voltix/cdrs/2026-11/p.ndjson",
    "partners.yaml",
    "pseudonym.fingerprint",
    "pseudonym.key",
}


def test_what_cannot_be_made_again_comes_back_as_it_was(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "home.tar.zst"
    kept = back_up(home, file, partners=None, made_at=NOW)
    assert kept.files == len(KEPT)
    assert file.stat().st_mode & 0o777 == 0o600
    other = Home(tmp_path / "elsewhere")
    assert restore(file, other) == kept
    before, after = contents(home.path), contents(other.path)
    assert set(after) == KEPT
    assert all(after[name] == before[name] for name in KEPT - {"decisions.sqlite"})
    with DecisionsStore(other.decisions, clock=lambda: NOW) as store:
        assert [event.who for event in store.events("removal")] == ["eva"]
    assert {one.stat().st_mode & 0o077 for one in other.path.rglob("*")} == {0}


def test_decisions_that_only_the_log_holds_are_kept(home: Home, tmp_path: Path) -> None:
    with DecisionsStore(home.decisions, clock=lambda: NOW) as store:  # open: not checkpointed
        store.accept_removals("voltix.locations.2", "*", "mia", "these, too")
        back_up(home, tmp_path / "b", partners=None, made_at=NOW)
    restore(tmp_path / "b", Home(tmp_path / "other"))
    con = sqlite3.connect(tmp_path / "other" / "decisions.sqlite")
    assert con.execute("select who from events order by seq").fetchall() == [("eva",), ("mia",)]
    con.close()


def test_manifests_are_read_before_bodies(home: Home, tmp_path: Path) -> None:
    """So each page that a manifest names has its body, though a run lands more meanwhile."""
    back_up(home, tmp_path / "b", partners=None, made_at=NOW)
    names = members(tmp_path / "b")
    assert names.index("landing/pulls/voltix/cdrs/2026-11/p.ndjson") < names.index(
        "landing/objects/ab/cd.zst"
    )
    assert names[-1] == "BACKUP.json"


def test_partners_file_that_lies_elsewhere_becomes_the_home_s_own(
    home: Home, tmp_path: Path
) -> None:
    home.partners.unlink()
    elsewhere = tmp_path / "etc.yaml"
    elsewhere.write_text("partners: [elsewhere]")
    back_up(home, tmp_path / "b", partners=elsewhere, made_at=NOW)
    restore(tmp_path / "b", Home(tmp_path / "other"))
    assert (tmp_path / "other" / "partners.yaml").read_text() == "partners: [elsewhere]"


@pytest.mark.withstands(
    "a backup is damaged or cut off", "that is seen before anything is brought back"
)
@pytest.mark.parametrize("place", [0.05, 0.5, 0.9])
def test_damage_is_seen_and_nothing_is_brought_back(
    home: Home, tmp_path: Path, place: float
) -> None:
    file = tmp_path / "b"
    put(home, "landing/objects/ef/gh.zst", bytes(range(256)) * 500)
    back_up(home, file, partners=None, made_at=NOW)
    data = bytearray(file.read_bytes())
    data[int(len(data) * place)] ^= 0xFF
    for wrong in (bytes(data), bytes(data[: int(len(data) * place)])):
        file.write_bytes(wrong)
        with pytest.raises(BackupError):
            verify(file)
        with pytest.raises(BackupError):
            restore(file, Home(tmp_path / "other"))
        assert list((tmp_path / "other").iterdir()) == []


def test_home_that_holds_something_is_left_alone(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "b", partners=None, made_at=NOW)
    before = contents(home.path)
    with pytest.raises(BackupError, match="is not empty"):
        restore(tmp_path / "b", home)
    assert contents(home.path) == before


@pytest.mark.withstands(
    "a restore is broken off", "no command works on the half of it; restoring again completes it"
)
def test_restore_that_was_broken_off_is_said_and_goes_on(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(home, tmp_path / "b", partners=None, made_at=NOW)
    other = Home(tmp_path / "other")
    moves = iter(range(4))

    def move(source: Path, target: Path) -> Path:
        if next(moves, None) is None:
            raise KeyboardInterrupt
        return replace(source, target)

    replace = Path.replace
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", move)
        with pytest.raises(KeyboardInterrupt):
            restore(tmp_path / "b", other)
    with pytest.raises(ConfigError, match="roamhouse restore"):
        other.create()
    restore(tmp_path / "b", other)
    assert set(contents(other.path)) == KEPT
    other.create()


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "link"])
def test_archive_of_somebody_else_writes_nothing_outside(tmp_path: Path, name: str) -> None:
    file = tmp_path / "b"
    with (
        file.open("wb") as raw,
        zstandard.ZstdCompressor().stream_writer(raw) as stream,
        tarfile.open(fileobj=stream, mode="w|") as archive,
    ):
        info = tarfile.TarInfo(name)
        info.type = tarfile.SYMTYPE if name == "link" else tarfile.REGTYPE
        info.linkname, info.size = "/etc", 0 if name == "link" else 1
        archive.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(BackupError, match="no backup of ours"):
        restore(file, Home(tmp_path / "home"))
    assert not (tmp_path / "outside").exists()


def members(file: Path) -> list[str]:
    with (
        file.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as stream,
        tarfile.open(fileobj=stream, mode="r|") as archive,
    ):
        return archive.getnames()


def roamhouse(home: Home, *arguments: object) -> Result:
    words = [str(one) for one in arguments]
    return CliRunner().invoke(cli, words, env={"ROAMHOUSE_HOME": str(home.path)})


def test_commands_say_what_they_did(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.zst"
    result = roamhouse(home, "backup", file)
    assert result.exit_code == 0
    assert "7 files" in result.output
    assert roamhouse(home, "restore", file, "--check").exit_code == 0
    result = roamhouse(home, "restore", file)
    assert (result.exit_code, "is not empty" in result.output) == (1, True)
    result = roamhouse(Home(tmp_path / "other"), "restore", file, "--json")
    assert json.loads(result.output)["files"] == 7


def test_empty_home_has_nothing_to_keep(tmp_path: Path) -> None:
    result = roamhouse(Home(tmp_path / "new"), "backup", tmp_path / "b")
    assert (result.exit_code, "nothing yet" in result.output) == (1, True)
    assert not (tmp_path / "b").exists()
