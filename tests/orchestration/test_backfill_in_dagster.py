"""A real backfill: Dagster's own daemon code asks for days, and these days are pulled."""

import logging
import uuid
from datetime import UTC, datetime

import dagster as dg
import pytest
from dagster._core.execution.api import execute_run
from dagster._core.execution.backfill import PartitionBackfill
from dagster._core.test_utils import create_test_daemon_workspace_context
from dagster._core.workspace.load_target import ModuleTarget
from dagster._daemon.backfill import execute_backfill_iteration
from dagster._utils.hosted_user_process import recon_job_from_origin

from pipelines.landing.landing import Landing
from pipelines.orchestration.definitions import build_defs
from pipelines.orchestration.landing_assets import landing_key

DAYS = ["2026-10-28", "2026-10-29", "2026-10-30"]


WAITING_STATUSES = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING]
#: Runs are kept waiting, so that the test executes them in its own process.
WAITING = {
    "run_coordinator": {
        "module": "dagster._core.run_coordinator",
        "class": "DefaultRunCoordinator",
    },
    "run_launcher": {"module": "dagster._core.test_utils", "class": "MockedRunLauncher"},
}


@pytest.fixture
def runtime(make_runtime, monkeypatch):
    made = make_runtime()
    monkeypatch.setenv("ROAMHOUSE_HOME", str(made.home.path))
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    return made


def backfill(runtime, instance, days):
    graph = build_defs(runtime).resolve_asset_graph()
    asked = PartitionBackfill.from_asset_partitions(
        asset_graph=graph,
        backfill_id=uuid.uuid4().hex[:8],
        tags={},
        backfill_timestamp=datetime.now(UTC).timestamp(),
        asset_selection=[landing_key("lumen", "cdrs")],
        partition_names=days,
        dynamic_partitions_store=instance,
        all_partitions=False,
        title=None,
        description=None,
        run_config=None,
    )
    instance.add_backfill(asked)
    target = ModuleTarget(
        module_name="pipelines.orchestration.definitions",
        attribute=None,
        working_directory=None,
        location_name=None,
    )
    with create_test_daemon_workspace_context(target, instance) as workspace:
        for _ in range(5):
            errors = list(execute_backfill_iteration(workspace, logging.getLogger(__name__)))
            assert not any(errors), errors
            for run in instance.get_runs(dg.RunsFilter(statuses=WAITING_STATUSES)):
                execute_run(recon_job_from_origin(run.job_code_origin), run, instance)
            if instance.get_backfill(asked.backfill_id).status.value.startswith("COMPLETED"):
                return
    raise AssertionError(instance.get_backfill(asked.backfill_id))


@pytest.mark.parametrize("days", [DAYS, DAYS[:1]])
def test_a_backfill_pulls_the_days_it_was_asked_for_in_one_run(runtime, days):
    with dg.instance_for_test(overrides=WAITING) as instance:
        backfill(runtime, instance, days)
        runs = instance.get_runs()
        assert [run.status for run in runs] == [dg.DagsterRunStatus.SUCCESS]
        done = instance.get_materialized_partitions(landing_key("lumen", "cdrs"))
    ((pull, _),) = Landing(runtime.home.landing).pulls()
    assert pull.mode == "window"
    assert pull.date_from_at == datetime.fromisoformat(days[0]).replace(tzinfo=UTC)
    assert pull.date_to_at == datetime(2026, 10, int(days[-1][-2:]) + 1, tzinfo=UTC)
    assert pull.objects > 0
    assert done == set(days)
