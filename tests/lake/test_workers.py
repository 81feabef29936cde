"""Four workers with a home each, and one landing, one lake, one book of decisions for all."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.config.errors import ConfigError
from pipelines.config.home import PSEUDONYM_KEY, Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.landing.landing import Landing
from pipelines.orchestration.replay import replay_landing
from pipelines.orchestration.run import Request, run_pipeline
from pipelines.orchestration.runtime import Runtime
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.lake import Lake
from pipelines.warehouse.locking import WarehouseLocked
from pipelines.warehouse.snapshot import current
from tests.lake.postgres import Postgres
from tests.lake.test_lake_equality import OF_RUNS, rows_of
from tests.lake.worker import WORLD_NOW
from tests.object_store import object_store

ROOT = Path(__file__).parents[2]
KEY = "k" * 40


def test_workers_share_out_the_partners_and_are_killed_and_the_tables_are_a_files(
    make_lake: Callable[[], Lake],
    server: Postgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing secret")
    monkeypatch.setenv(PSEUDONYM_KEY, KEY)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    options = Options(now=WORLD_NOW, cdrs=100, scenario="demo")
    with object_store() as (address, _), sandbox.start(options) as partners:
        store = f"s3://landing/r?region=local&scheme=http&endpoint_override={address}"
        lake = make_lake()
        settings = (
            f"warehouse: {{ducklake: '{lake.catalogue}', data: '{lake.data}'}}\n"
            f"landing: '{store}'\ndecisions: '{server.create(server.new_name())}'\n"
        )
        homes = [Home(tmp_path / name) for name in ("one", "two", "three", "four")]
        for home in homes:
            home.create()
            home.settings.write_text(settings, encoding="utf-8")
            home.partners.write_text(sandbox.partners_yaml(partners.partners), encoding="utf-8")
        for name, value in partners.environ.items():
            monkeypatch.setenv(name, value)
        names = [partner.name for partner in load_partners(homes[0].partners).asked]
        assert len(names) == len(homes)

        def work(number: int, seconds: float, killed_at: int = 0) -> subprocess.Popen[str]:
            words = [str(homes[number].path), names[number], str(seconds), str(killed_at)]
            return subprocess.Popen(
                [sys.executable, "-m", "tests.lake.worker", *words],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=ROOT,
            )

        killed = [0, 3, 0, 2]
        workers = [work(one, one / 4, killed_at) for one, killed_at in enumerate(killed)]
        said = [worker.communicate()[0] for worker in workers]
        ends = [-9 if killed_at else 0 for killed_at in killed]
        assert [worker.returncode for worker in workers] == ends, "\n".join(said)
        for number in (3, 1):
            again = work(number, 3600 * number)
            said = [again.communicate()[0]]
            assert again.returncode == 0, said[0]
        shared = rows_of(current(homes[1].serving))
        assert all(shared[name] for name in ("core.cdrs", "recon.findings", "settle.statements"))
        with duckdb.connect(str(current(homes[1].serving)), read_only=True) as con:
            runs = con.execute("select status, count(*) from ops.runs group by all").fetchall()
        assert dict(runs)["failed"] >= 2  # those killed are known as such
        assert "running" not in dict(runs)
        for home in homes:
            assert Landing.of_home(home).waiting() == []

        plain = Home(tmp_path / "plain")  # its settings, its key and the store: no home is needed
        plain.create()
        plain.settings.write_text(f"landing: '{store}'\n", encoding="utf-8")
        plain.partners.write_text(homes[0].partners.read_text(encoding="utf-8"), encoding="utf-8")
        replay_landing(plain, None, now=lambda: datetime.now(UTC))
        on_file = rows_of(plain.warehouse)
        assert {name for name in shared if shared[name] != on_file[name]} <= OF_RUNS

        monkeypatch.setenv(PSEUDONYM_KEY, KEY.upper())
        stranger = Home(tmp_path / "other key")
        stranger.create()
        stranger.settings.write_text(settings, encoding="utf-8")
        runtime = Runtime(
            stranger,
            load_partners(homes[0].partners),
            {**partners.environ, PSEUDONYM_KEY: KEY.upper()},
            lambda: WORLD_NOW,
            NoProgress(),
        )
        with pytest.raises(ConfigError, match="same ROAMHOUSE_PSEUDONYM_KEY"):
            run_pipeline(runtime, Request("run"))


def test_a_partner_is_one_workers_and_upkeep_waits_for_all(
    make_lake: Callable[[], Lake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.warehouse.workers._ALONE_WAIT_S", 1)
    lake = make_lake()
    with (
        Warehouse(tmp_path / "one" / "w.duckdb", lake=lake, threads=1) as one,
        Warehouse(tmp_path / "two" / "w.duckdb", lake=lake, threads=1) as two,
    ):
        with one.working("run1", ["voltix", "ampera"]):
            with two.working("run2", ["mobilis"]):
                assert sorted(one.runs_at_work()) == ["run1", "run2"]
            assert two.runs_at_work() == ["run1"]
            with pytest.raises(WarehouseLocked, match="voltix is being visited"):
                two.working("run3", ["mobilis", "voltix"]).__enter__()
            with pytest.raises(WarehouseLocked, match="a worker is at work"):
                two.alone().__enter__()
        with two.alone(), pytest.raises(WarehouseLocked, match="rebuilt or cleaned"):
            one.working("run4", []).__enter__()
        assert one.runs_at_work() == []
