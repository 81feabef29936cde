"""What becomes of a stage that failed after core moved, when Dagster's daemon runs it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import dagster as dg
import pytest

from pipelines.orchestration import downstream
from pipelines.orchestration.downstream import derived_assets, derived_key
from pipelines.orchestration.run_records import telling_failure
from pipelines.stages.sequence import STAGES
from tests.in_memory import in_memory, insert

STARTED = datetime(2026, 11, 20, 12, 1, tzinfo=UTC)
CORE = dg.AssetKey(["core", "voltix", "cdrs"])
KEYS = [derived_key(stage.name) for stage in STAGES]


@dg.asset(key=CORE)
def core() -> None:
    """A list that was loaded."""


@contextmanager
def full_disk() -> Iterator[None]:
    raise OSError("no room is left")
    yield


@pytest.mark.withstands(
    "a stage fails after new objects were loaded",
    "it is tried again every 20 minutes, and what rests on it waits; `ops.runs` says so",
)
def test_a_stage_that_failed_is_tried_again_before_its_sources_move(monkeypatch):
    monkeypatch.setattr(downstream, "take_pushes", lambda *_: None)
    monkeypatch.setattr(downstream, "stage_context", lambda *_: None)
    runtime = SimpleNamespace(warehouse=full_disk, partners=None, home=None)
    defs = dg.Definitions(assets=[core, *derived_assets([CORE])], resources={"runtime": runtime})
    cursor = None

    def requested(minutes: int) -> set[dg.AssetKey]:
        nonlocal cursor
        asked = dg.evaluate_automation_conditions(
            defs, instance, cursor=cursor, evaluation_time=STARTED + timedelta(minutes=minutes)
        )
        cursor = asked.cursor
        return {key for key in KEYS if asked.get_num_requested(key)}

    with dg.instance_for_test() as instance:
        requested(0)
        instance.report_runless_asset_event(dg.AssetMaterialization(CORE))
        assert requested(1) == set(KEYS)
        job = defs.resolve_implicit_global_asset_job_def()
        run = {"instance": instance, "asset_selection": KEYS, "raise_on_error": False}
        assert not job.execute_in_process(**run).success
        assert requested(2) == set()
        assert requested(25) == set(KEYS)
        runtime.warehouse = nullcontext
        assert job.execute_in_process(**run).success
        assert requested(60) == set()


class InMemory:
    """The part of a warehouse that rows of runs need."""

    def __init__(self) -> None:
        self.con = in_memory()

    @contextmanager
    def writer(self) -> Iterator[object]:
        """Provide the one connection."""
        yield self.con


def test_the_run_whose_stage_failed_is_not_complete():
    warehouse = InMemory()
    pull = {"partner": "voltix", "module": "cdrs", "mode": "full", "status": "complete",
            "pages": 1, "objects": 1, "requests": 1, "bytes": 1, "unchanged": False}  # fmt: skip
    for number, run_id in enumerate(("f-1", "a-2")):
        at = STARTED + timedelta(hours=number)
        insert(
            warehouse.con,
            "ops.pulls",
            [{**pull, "pull_id": run_id, "run_id": run_id, "started_at": at, "finished_at": at}],
        )
    with pytest.raises(OSError, match="no room"), telling_failure(warehouse):
        raise OSError("no room is left")
    runs = warehouse.con.execute("select run_id, status from ops.runs order by all").fetchall()
    assert runs == [("a-2", "failed"), ("f-1", "complete")]
