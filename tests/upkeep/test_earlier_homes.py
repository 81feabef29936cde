"""Homes that earlier versions filled open in this one: nothing is lost, nothing has to be asked.

Each archive of `tests/homes` is the landing, warehouse and decisions that the code of its date made
of a hundred charges of one sandbox partner, with a month locked. Settling works on it as it is, a
replay fills what this version reads more.
"""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import zstandard
from click.testing import CliRunner

from pipelines.cli.doctor.database import check_warehouse
from pipelines.cli.main import cli
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.decisions.store import DecisionsStore
from pipelines.orchestration.replay import replay_landing, settle_again
from pipelines.warehouse.snapshot import open_current

HOMES = sorted((Path(__file__).parents[1] / "homes").glob("*.tar.zst"))
CLAIMED = """
select month, currency, sum(claimed_excl_vat) as claimed, sum(cdr_count) as cdrs
from settle.statements group by month, currency order by all
"""
Claimed = list[tuple[str, str, Decimal, int]]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(params=HOMES, ids=lambda path: path.name.removesuffix(".tar.zst"))
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home as that version left it."""
    with (
        request.param.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as stream,
        tarfile.open(fileobj=stream, mode="r|") as archive,
    ):
        archive.extractall(tmp_path, filter="data")
    return Home(tmp_path)


def published(home: Home) -> Claimed:
    con = open_current(home.serving)
    assert con is not None
    with con:
        return con.execute(CLAIMED).fetchall()


def test_there_are_homes_to_open() -> None:
    assert len(HOMES) >= 2
    assert sum(path.stat().st_size for path in HOMES) < 600_000


@pytest.mark.withstands(
    "a home of an earlier version",
    "it opens; settling and replaying claim the same, and locks hold",
)
def test_home_of_an_earlier_version_opens(home: Home) -> None:
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        before: Claimed = con.execute(CLAIMED).fetchall()
    assert before
    assert "fail" not in {check.state for check in check_warehouse(home.warehouse, now())}

    settled = settle_again(home, load_partners(home.partners), now=now, wait_seconds=0)
    assert settled.failures == ()
    assert published(home) == before

    with DecisionsStore(home.decisions, clock=now) as store:
        months = store.view().months
        assert store.walk_chain().broken_at is None
    (locked,) = (month for (_, month), one in months.items() if one.locked)
    verified = CliRunner().invoke(
        cli, ["close", "--verify", "--month", locked, "--home", str(home.path)]
    )
    assert verified.exit_code == 0, verified.output

    replayed = replay_landing(home, None, now=now)
    assert replayed.failures == ()
    assert published(home) == before
