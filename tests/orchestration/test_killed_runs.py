"""A run that was killed must not keep the next one waiting for its place in a pool."""

import dagster as dg
import pytest

from pipelines.config.home import Home
from pipelines.orchestration.instance import RUN_TAG, open_instance, reap_killed_runs


@dg.job
def killed():
    """Any job."""


@pytest.fixture
def instance(tmp_path):
    with open_instance(Home(tmp_path)) as opened:
        yield opened


def begun(instance, status, tags):
    """A run that holds the pool and will never say more."""
    run = instance.create_run_for_job(killed, status=status, tags=tags)
    storage = instance.event_log_storage
    storage.initialize_concurrency_limit_to_default("warehouse")
    storage.claim_concurrency_slot("warehouse", run.run_id, "core__voltix__cdrs")
    return run


def holders(instance):
    info = instance.event_log_storage.get_concurrency_info("warehouse")
    return info.active_run_ids | info.pending_run_ids


@pytest.mark.withstands(
    "a killed run held its place in Dagster's pools", "the next run takes it back"
)
@pytest.mark.parametrize(
    ("status", "tags"),
    [
        (dg.DagsterRunStatus.STARTED, {RUN_TAG: "20261122T120000000000Z"}),
        (dg.DagsterRunStatus.FAILURE, {}),
    ],
)
def test_what_a_dead_run_held_is_free_again(instance, status, tags):
    run = begun(instance, status, tags)
    assert holders(instance) == {run.run_id}
    reap_killed_runs(instance)
    assert not holders(instance)
    assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.FAILURE


def test_a_run_of_dagster_s_own_is_left_alone(instance):
    run = begun(instance, dg.DagsterRunStatus.STARTED, {})
    reap_killed_runs(instance)
    assert holders(instance) == {run.run_id}
    assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.STARTED
