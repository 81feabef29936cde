import dataclasses
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.landing.landing import Landing
from pipelines.landing.manifests import KILLED
from pipelines.landing.records import PageRecord, PullRecord

NOON = datetime(2026, 10, 3, 12, tzinfo=UTC)
PULL = PullRecord(
    pull_id="",
    run_id="run",
    partner="voltix",
    module="cdrs",
    party=None,
    ocpi_version="2.2.1",
    mode="full",
    date_from_at=None,
    date_to_at=NOON,
    started_at=NOON,
    finished_at=None,
    status="failed",
    pages=0,
    objects=0,
    total_count=None,
    requests=0,
    bytes=0,
    error=None,
    unchanged=False,
    own_party=("NL", "VOL"),
)


def page(pull: PullRecord, position: int, accepted: bool = True) -> PageRecord:
    return PageRecord(
        page_id=f"{pull.pull_id}.{position:06d}",
        pull_id=pull.pull_id,
        run_id="run",
        partner="voltix",
        module="cdrs",
        party=None,
        position=position,
        url="https://voltix.example/cdrs",
        http_status=200,
        ocpi_status=1000,
        headers={"x-total-count": "3"},
        object_count=2,
        total_count=3,
        accepted=accepted,
        bytes=10,
        sha256="ab" * 32,
        fetched_at=NOON + timedelta(seconds=position),
    )


def test_a_pull_that_was_removed_does_not_begin(tmp_path):
    landing = Landing(tmp_path)
    pull, _ = landing.begin(PULL)
    assert landing.begins(pull.pull_id)
    landing.manifest_path(pull.pull_id).unlink()
    assert not landing.begins(pull.pull_id)


def test_a_pull_and_its_pages_come_back(tmp_path):
    pull, manifest = Landing(tmp_path).begin(PULL)
    pages = [page(pull, 0), page(pull, 1)]
    for one in pages:
        manifest.page(one)
    ended = dataclasses.replace(pull, status="complete", finished_at=NOON, pages=2)
    manifest.end(ended)
    assert list(Landing(tmp_path).pulls()) == [(ended, pages)]
    assert Landing(tmp_path).pull(pull.pull_id) == (ended, pages)
    assert Landing(tmp_path).scopes() == [("voltix", "cdrs")]


def test_a_killed_pull_keeps_its_pages_and_is_failed(tmp_path):
    pull, manifest = Landing(tmp_path).begin(PULL)
    manifest.page(page(pull, 0))
    manifest.page(page(pull, 1, accepted=False))
    [(read, pages)] = Landing(tmp_path).pulls()
    assert [one.position for one in pages] == [0, 1]
    assert (read.status, read.error, read.pages, read.objects) == ("failed", KILLED, 1, 2)


@pytest.mark.parametrize("torn", [1, 20, 200])
def test_a_torn_last_line_loses_only_itself(tmp_path, torn):
    pull, manifest = Landing(tmp_path).begin(PULL)
    manifest.page(page(pull, 0))
    manifest.page(page(pull, 1))
    [path] = tmp_path.rglob("*.ndjson")
    path.write_bytes(path.read_bytes()[:-torn])
    [(read, pages)] = Landing(tmp_path).pulls()
    assert [one.position for one in pages] == [0]
    assert read.status == "failed"


def test_a_manifest_torn_before_it_began_is_no_pull(tmp_path):
    _, _manifest = Landing(tmp_path).begin(PULL)
    [path] = tmp_path.rglob("*.ndjson")
    path.write_bytes(path.read_bytes()[:10])
    assert list(Landing(tmp_path).pulls()) == []


def test_pulls_keep_their_order_when_the_clock_is_set_back(tmp_path):
    first, _ = Landing(tmp_path).begin(PULL)
    back = dataclasses.replace(PULL, started_at=NOON - timedelta(days=40))
    second, _ = Landing(tmp_path).begin(back)
    assert second.pull_id > first.pull_id
    assert Landing(tmp_path).pull_ids("voltix", "cdrs") == [first.pull_id, second.pull_id]


def test_two_pulls_of_one_moment_have_two_ids(tmp_path):
    ids = [Landing(tmp_path).begin(PULL)[0].pull_id for _ in range(3)]
    assert len(set(ids)) == 3
    assert ids == sorted(ids)


def test_a_hub_party_is_part_of_the_id(tmp_path):
    pull, _ = Landing(tmp_path).begin(dataclasses.replace(PULL, party="NL/VOL"))
    assert pull.pull_id == "voltix.cdrs.20261003T120000000000Z.NL-VOL"
    assert Landing(tmp_path).pull(pull.pull_id)[0].party == "NL/VOL"


def test_a_pull_is_being_written_until_it_ends_or_its_process_does(tmp_path):
    landing = Landing(tmp_path)
    pull, manifest = landing.begin(PULL)
    assert landing.being_written(pull.pull_id)
    manifest.end(dataclasses.replace(pull, status="complete", finished_at=NOON))
    assert not landing.being_written(pull.pull_id)

    script = (
        "import os, sys; from pathlib import Path\n"
        "from pipelines.landing.landing import Landing\n"
        "from test_landing_manifests import PULL\n"
        "pull, manifest = Landing(Path(sys.argv[1])).begin(PULL)\n"
        "print(pull.pull_id, flush=True); sys.stdin.read(); os._exit(9)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{Path(__file__).parent}:{Path.cwd()}"},
        text=True,
    )
    assert child.stdout is not None
    pull_id = child.stdout.readline().strip()
    assert landing.being_written(pull_id)
    child.communicate("")
    assert child.returncode == 9
    assert not landing.being_written(pull_id)
    assert landing.pull(pull_id)[0].error == KILLED
