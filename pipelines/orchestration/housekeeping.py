"""Jobs of the daemon beside the data: telling people what needs them, keeping history small."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import dagster as dg

from pipelines.alerts.deliveries import deliver_papers
from pipelines.alerts.send import send_alerts
from pipelines.config.home import Home
from pipelines.config.home_settings import HomeSettings, load_settings
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import status
from pipelines.warehouse.connection import open_warehouse
from pipelines.warehouse.lake_files import LakeUpkeep

_ROUTINE: Final = (
    *("STEP_OUTPUT", "ASSET_CHECK_EVALUATION", "ASSET_CHECK_EVALUATION_PLANNED"),
    *("ASSET_MATERIALIZATION_PLANNED", "RESOURCE_INIT_STARTED", "RESOURCE_INIT_SUCCESS"),
    *("ENGINE_EVENT", "LOGS_CAPTURED"),
)
_PAGE_SIZE: Final = 1024
"""Bytes: each of a run's 25 tables and indexes takes one at least, filled or not."""

_FORGET_ROUTINE: Final = (
    f"delete from event_logs where dagster_event_type in ({', '.join('?' * len(_ROUTINE))})"  # noqa: S608
)
_ROOM: Final = 0.3  # share of the index that may be free before it is written anew
_BUSY_S: Final = 10.0

_FINISHED: Final = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


def tidy_history(
    instance: dg.DagsterInstance, before: datetime | None, tags: Mapping[str, str] | None = None
) -> int:
    """Forget old runs, and thin those that succeeded: what nobody looks at goes at once.

    A partner's run leaves some 200 events, many of them twice: in a file of its own and in the
    index of assets. Most say that a step was planned or handed on a value; the page of a run and
    the history of an asset need none of them once the run succeeded. What checks found is in a
    table of its own.

    Args:
        instance: the home's; of one whose storage is not SQLite runs are forgotten only.
        before: runs that were last heard of before this instant, UTC, go; None: none does.
        tags: only runs with these are thinned, which spares looking at all; None: all.

    Returns:
        How many runs were forgotten.
    """
    forgotten = 0 if before is None else _forget(instance, before)
    folder = Path(instance.root_directory) / "history" / "runs"
    thinned = [
        run.run_id
        for run in instance.get_runs(
            dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS], tags=dict(tags or {}))
        )
        if (folder / f"{run.run_id}.db").exists() and _thin_file(folder / f"{run.run_id}.db")
    ]
    if (folder / "index.db").exists():
        _thin_index(folder / "index.db", thinned)
    return forgotten


def _forget(instance: dg.DagsterInstance, before: datetime) -> int:
    runs = instance.get_runs(dg.RunsFilter(statuses=_FINISHED, updated_before=before))
    for run in runs:
        instance.delete_run(run.run_id)
        for path in Path(instance.root_directory, "history", "runs").glob(f"{run.run_id}.db*"):
            path.unlink()
    return len(runs)


def _thin_file(path: Path) -> bool:
    """Take the routine events out of one run's file, unless that was done; tell whether it was."""
    with _opened(path) as con:
        if con.execute("pragma page_size").fetchone()[0] <= _PAGE_SIZE:
            return False
        con.execute(_FORGET_ROUTINE, _ROUTINE)
        # Pages change their size in a rewrite only, and not while there is a log beside them.
        con.execute("pragma journal_mode = delete")
        con.execute(f"pragma page_size = {_PAGE_SIZE}")
        con.execute("vacuum")
    return True


def _thin_index(path: Path, run_ids: Sequence[str]) -> None:
    with _opened(path) as con:
        for run_id in run_ids:
            con.execute(f"{_FORGET_ROUTINE} and run_id = ?", (*_ROUTINE, run_id))
        pages, free = (
            con.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "freelist_count")
        )
        if free > pages * _ROOM:
            con.execute("vacuum")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file of Dagster's; where somebody else keeps it busy, it is thinned another time."""
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)) as con,
    ):
        yield con


def tend_lake(home: Home, now: datetime) -> LakeUpkeep | None:
    """Keep the files of a lake few, and its states as young as `retention.lake` says.

    Returns:
        What was done; None: the warehouse is a file.

    Raises:
        WarehouseLocked: a run did not end in time.
    """
    settings = load_settings(home)
    if settings.warehouse is None:
        return None
    kept = settings.retention.lake
    with open_warehouse(home) as warehouse:
        return warehouse.tend(datetime.min.replace(tzinfo=UTC) if kept is None else now - kept)


_DAILY = "41 4 * * *"
_EVERY_TEN_MINUTES = "*/10 * * * *"


def housekeeping(settings: HomeSettings) -> dg.Definitions:
    """Return the jobs that watch and tidy, and their schedules.

    `settings`: how long runs are kept, and whether schedules run from the start.
    """
    kept = settings.retention.history

    @dg.op
    def forget_old_runs(context: dg.OpExecutionContext) -> None:
        """Forget the runs that are older than `retention.history`."""
        before = None if kept is None else datetime.now(UTC) - kept
        context.log.info("%d runs forgotten", tidy_history(context.instance, before))

    @dg.op(retry_policy=dg.RetryPolicy(max_retries=3, delay=600))
    def tend_the_lake(context: dg.OpExecutionContext, runtime: dg.ResourceParam[Runtime]) -> None:
        """Merge the small files of a lake and let its earlier states go."""
        context.log.info("%s", tend_lake(runtime.home, runtime.now()))

    @dg.job(description="Keep Dagster's history small, and the files of a lake few.")
    def tidy() -> None:
        forget_old_runs()
        if settings.warehouse is not None:
            tend_the_lake()

    @dg.op
    def tell_people(context: dg.OpExecutionContext, runtime: dg.ResourceParam[Runtime]) -> None:
        """Tell people what began to need them, and what is over."""
        report = send_alerts(runtime.home, runtime.partners, runtime.environ, runtime.now())
        context.log.info("%d causes, %d messages", len(report.causes), len(report.told))
        papers = deliver_papers(runtime.home, runtime.partners, runtime.environ, runtime.now())
        context.log.info("%d papers sent", len(papers.sent))
        if report.failed or papers.waiting:
            raise dg.Failure("something did not get there; the next watch tries again")

    @dg.job(description="Tell people what needs them, each cause once.")
    def watch() -> None:
        tell_people()

    running = status(settings.schedules)
    daily = dg.ScheduleDefinition(
        name="tidy_daily", job=tidy, cron_schedule=_DAILY, default_status=running
    )
    often = dg.ScheduleDefinition(
        name="watch_often", job=watch, cron_schedule=_EVERY_TEN_MINUTES, default_status=running
    )
    watched = bool(settings.alerts.to_env or settings.metrics.file or settings.deliveries)
    return dg.Definitions(
        jobs=[tidy, *([watch] if watched else [])], schedules=[daily, *([often] if watched else [])]
    )
