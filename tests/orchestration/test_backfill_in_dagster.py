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


def at(day):
    return datetime.fromisoformat(f"2026-10-{day}T00:00:00Z")


#: A code server, as `dagster dev` starts one.
TARGET = ModuleTarget(
    module_name="pipelines.orchestration.definitions",
    attribute=None,
    working_directory=None,
    location_name=None,
)


def backfill(runtime, instance, workspace, days):
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
    for _ in range(5):
        errors = list(execute_backfill_iteration(workspace, logging.getLogger(__name__)))
        assert not any(errors), errors
        for run in instance.get_runs(dg.RunsFilter(statuses=WAITING_STATUSES)):
            execute_run(recon_job_from_origin(run.job_code_origin), run, instance)
        if instance.get_backfill(asked.backfill_id).status.value.startswith("COMPLETED"):
            return
    raise AssertionError(instance.get_backfill(asked.backfill_id))


def test_a_backfill_pulls_the_days_it_was_asked_for_in_one_run(runtime):
    with (
        dg.instance_for_test(overrides=WAITING) as instance,
        create_test_daemon_workspace_context(TARGET, instance) as workspace,
    ):
        backfill(runtime, instance, workspace, DAYS)
        backfill(runtime, instance, workspace, DAYS[:1])
        runs = instance.get_runs()
        assert [run.status for run in runs] == [dg.DagsterRunStatus.SUCCESS] * 2
        done = instance.get_materialized_partitions(landing_key("lumen", "cdrs"))
    assert done == set(DAYS)
    range_of_days, one_day = (pull for pull, _ in Landing(runtime.home.landing).pulls())
    assert {range_of_days.mode, one_day.mode} == {"window"}
    assert (range_of_days.date_from_at, range_of_days.date_to_at) == (at("28"), at("31"))
    assert (one_day.date_from_at, one_day.date_to_at) == (at("28"), at("29"))
    assert range_of_days.objects > one_day.objects > 0
