"""The landing in an object store: the same files under the same names, and nothing in the home."""

import dataclasses
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.cli.doctor.home import check_landing
from pipelines.config.home import Home
from pipelines.ingest.landing_writer import LandingWriter, PartnerSession
from pipelines.ingest.plan import Plan
from pipelines.landing.landing import Landing
from pipelines.landing.objects import LandingError
from pipelines.landing.records import PullRecord
from pipelines.landing.remote import LandingAway, Remote
from pipelines.landing.removal import remove_pulls, replace_bodies, unnamed_bodies
from tests.object_store import object_store

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
MANY = 1 << 20


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, bytes]]]:
    """The address of a store, and what it keeps."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing secret")
    with object_store() as (server, objects):
        yield f"s3://landing/r?region=local&scheme=http&endpoint_override={server}", objects


@pytest.fixture
def landing(tmp_path: Path, kept: tuple[str, dict[str, bytes]]) -> Landing:
    return Landing(tmp_path / "landing", Remote(kept[0]))


def land(
    landing: Landing,
    *bodies: bytes,
    under_way: list[LandingWriter] | None = None,
) -> PullRecord:
    session = PartnerSession("run", "voltix", "2.2.1", ("NL", "VOL"))
    writer = LandingWriter(landing, session, Plan("cdrs", "full", None), NOW)
    for body in bodies:
        writer.page(
            url="https://voltix.example/cdrs",
            http_status=200,
            ocpi_status=1000,
            headers={},
            object_count=1,
            total_count=1,
            accepted=True,
            size=len(body),
            sha256=landing.objects.put(body),
            fetched_at=NOW,
        )
    if under_way is not None:
        under_way.append(writer)  # it is being written for as long as somebody has it
        return writer.pull
    return writer.end(finished_at=NOW, error=None, pages=len(bodies))


def files_in(landing: Landing) -> list[Path]:
    return [path for path in landing.root.rglob("*") if path.is_file()]


def test_another_machine_reads_what_was_landed(
    landing: Landing, kept: tuple[str, dict[str, bytes]], tmp_path: Path
) -> None:
    first, second = land(landing, b"one", b"two"), land(landing, b"two", b"three")
    assert files_in(landing) == []  # all of it is in the store
    other = Landing(tmp_path / "other", Remote(kept[0]))
    assert other.scopes() == [("voltix", "cdrs")]
    assert other.pull_ids("voltix", "cdrs") == [first.pull_id, second.pull_id]
    assert [pull for pull, _ in other.pulls()] == [first, second]
    assert [pull for pull, _ in other.pulls("voltix", "tariffs")] == []
    pages = list(itertools.chain.from_iterable(pages for _, pages in other.pulls()))
    assert [other.objects.read(page.sha256, max_bytes=MANY) for page in pages] == [
        b"one",
        b"two",
        b"two",
        b"three",
    ]
    third = land(other, b"four")  # begun at the same time, and sorts after the others
    assert landing.pull_ids("voltix", "cdrs")[-1] == third.pull_id > second.pull_id
    assert not landing.being_written(third.pull_id)


def test_what_lies_in_the_folder_is_carried_and_a_pull_under_way_is_not(
    tmp_path: Path, kept: tuple[str, dict[str, bytes]]
) -> None:
    folder = Landing(tmp_path / "landing")
    done = land(folder, b"one")
    writers: list[LandingWriter] = []
    under_way = land(folder, b"two", under_way=writers)
    landing = Landing(folder.root, Remote(kept[0]))
    assert landing.carry_waiting() == 3
    assert landing.waiting() == [f"pulls/voltix/cdrs/2026-10/{under_way.pull_id}.ndjson"]
    other = Landing(tmp_path / "other", Remote(kept[0]))
    assert [pull for pull, _ in other.pulls()] == [done]
    assert landing.being_written(under_way.pull_id)
    assert not landing.being_written(done.pull_id)


def test_a_store_that_is_away_loses_nothing(
    landing: Landing, kept: tuple[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    land(landing, b"zero")
    address = kept[0].rpartition("=")[0] + "=127.0.0.1:1"
    away = Landing(landing.root, Remote(address))
    with pytest.raises(LandingAway, match="landing in s3://landing/r cannot be used"):
        away.carry_waiting()  # a run says so before it asks any partner

    def fail(*_: object) -> None:
        raise LandingAway("gone")

    # It goes while a pull is under way: what was fetched stays, and is not there to be loaded.
    with monkeypatch.context() as patched:
        patched.setattr(Remote, "put", fail)
        with pytest.raises(LandingAway):
            land(landing, b"one")
    (waiting,) = [name for name in landing.waiting() if name.startswith("pulls")]
    assert landing.being_written(waiting.rsplit("/", 1)[1].removesuffix(".ndjson"))
    assert landing.carry_waiting() == 2
    # It is asked for again, and what came counts.
    assert [(pull.status, pull.pages) for pull, _ in landing.pulls()] == [
        ("complete", 1),
        ("failed", 1),
    ]
    assert files_in(landing) == []


def test_a_killed_pull_that_another_worker_overtook_is_put_aside(
    tmp_path: Path, kept: tuple[str, dict[str, bytes]]
) -> None:
    killed = Landing(tmp_path / "killed")
    writers: list[LandingWriter] = []
    old = land(killed, b"one", under_way=writers)
    writers.clear()  # its process is gone
    land(Landing(tmp_path / "other", Remote(kept[0])), b"one", b"two")
    other = land(Landing(tmp_path / "other", Remote(kept[0])), b"three")
    landing = Landing(killed.root, Remote(kept[0]))
    landing.carry_waiting()
    assert landing.pull_ids("voltix", "cdrs")[-1] == other.pull_id
    assert [path.stem for path in (landing.root / "overtaken").rglob("*.ndjson")] == [old.pull_id]


def test_a_partly_written_object_is_no_page_and_is_mended(
    landing: Landing, kept: tuple[str, dict[str, bytes]]
) -> None:
    land(landing, b"one" * 100)
    (body,) = [name for name in kept[1] if "/objects/" in name]
    whole, kept[1][body] = kept[1][body], kept[1][body][:9]
    (page,) = next(landing.pulls())[1]
    with pytest.raises(LandingError):
        landing.objects.read(page.sha256, max_bytes=MANY)
    land(landing, b"one" * 100)
    assert kept[1][body] == whole


def test_retention_and_erasure_reach_the_store(
    landing: Landing, kept: tuple[str, dict[str, bytes]]
) -> None:
    first, second = land(landing, b"one", b"both"), land(landing, b"two", b"both")
    assert remove_pulls(landing, [first.pull_id]) > 0
    assert [pull for pull, _ in landing.pulls()] == [second]
    assert len([name for name in kept[1] if name.endswith(".zst")]) == 2
    (page, _) = landing.pull(second.pull_id)[1]
    replace_bodies(landing, {page.sha256: b"anonymous"}, [second.pull_id])
    after = landing.pull(second.pull_id)[1][0]
    assert landing.objects.read(after.sha256, max_bytes=MANY) == b"anonymous"
    assert after == dataclasses.replace(page, sha256=after.sha256, bytes=len(b"anonymous"))
    assert landing.objects.stat(page.sha256) is None
    assert unnamed_bodies(landing) == []
    assert files_in(landing) == []


def test_the_doctor_says_how_the_store_is(
    tmp_path: Path, kept: tuple[str, dict[str, bytes]]
) -> None:
    home = Home(tmp_path)
    land(Landing(home.landing), b"one")
    home.settings.write_text(f"landing: {kept[0]}\n", encoding="utf-8")
    (check,) = check_landing(home)
    assert (check.state, check.message[:18]) == ("ok", "answers; 2 files w")
    Landing.of_home(home).carry_waiting()
    (check,) = check_landing(home)
    assert (check.state, "has all that was fetched" in check.message) == ("ok", True)
    home.settings.write_text(
        "landing: s3://bucket?scheme=http&endpoint_override=127.0.0.1:1&region=x\n"
    )
    (check,) = check_landing(home)
    assert check.state == "fail"
