"""The run's own rows: `ops.runs`, and `ops.partner_health` which follows from the pulls."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.sql_files import query


@dataclass(frozen=True)
class Run:
    """One run as it begins."""

    run_id: str
    command: str
    started_at: datetime
    partners: int


def begin(warehouse: Warehouse, run: Run) -> None:
    """Write the run's row, still running.

    We hold the warehouse, so a run that is still said to be running was killed: but for those of
    other workers of a lake.
    """
    with warehouse.writer() as con:
        con.execute(
            "update ops.runs set status = 'failed' where status = 'running' "
            "and not list_contains($at_work, run_id)",
            {"at_work": warehouse.runs_at_work()},
        )
        con.execute(
            "insert into ops.runs (run_id, command, started_at, finished_at, status, code_version,"
            " partners, partners_failed, pages, objects, bytes) values ($run_id, $command,"
            " $started_at, null, 'running', $version, $partners, 0, 0, 0, 0)",
            {**vars(run), "version": version("roamhouse")},
        )


def end(
    warehouse: Warehouse, run: Run, finished_at: datetime, *, failed: Sequence[str], whole: bool
) -> None:
    """Complete the run's row from the pulls that belong to it.

    Args:
        warehouse: where the row is.
        run: the run.
        finished_at: when it ended, UTC.
        failed: the partners of which anything failed.
        whole: whether nothing failed, of the partners or after them.
    """
    with warehouse.writer() as con:
        con.execute(
            "update ops.runs set finished_at = $finished_at, status = $status,"
            " partners_failed = $failed,"
            " pages = (select coalesce(sum(pages), 0) from ops.pulls where run_id = $run_id),"
            " objects = (select coalesce(sum(objects), 0) from ops.pulls where run_id = $run_id),"
            " bytes = (select coalesce(sum(bytes), 0) from ops.pulls where run_id = $run_id)"
            " where run_id = $run_id",
            {
                "run_id": run.run_id,
                "finished_at": finished_at,
                "status": "complete" if whole else "failed",
                "failed": len(failed),
            },
        )


def refresh_partner_health(warehouse: Warehouse) -> None:
    """Bring `ops.runs` and `ops.partner_health` into line with the pulls."""
    with warehouse.writer() as con:
        con.execute(f"insert into ops.runs by name {query('ops', 'adopt_runs')}")
        con.begin()
        con.execute("delete from ops.partner_health")
        con.execute(f"insert into ops.partner_health by name {query('ops', 'partner_health')}")
        con.commit()


@contextmanager
def telling_failure(warehouse: Warehouse) -> Iterator[None]:
    """Say of the newest run that its work was not completed, where what is inside fails."""
    try:
        yield
    except Exception:
        refresh_partner_health(warehouse)  # a run of Dagster's has no row before
        with warehouse.writer() as con:
            con.execute(
                "update ops.runs set status = 'failed' where status = 'complete' "
                "and started_at = (select max(started_at) from ops.runs)"
            )
        raise


def states(warehouse: Warehouse) -> dict[str, str]:
    """Partner → ok, degraded or failed, after its last visit."""
    with warehouse.reader() as con:
        return dict(con.execute("select partner, state from ops.partner_health").fetchall())


def watermarks_ahead(warehouse: Warehouse, now: datetime) -> list[str]:
    """Say which watermarks lie ahead of the clock, one line each; their lists are pulled whole."""
    with warehouse.reader() as con:
        rows = con.execute(query("ops", "watermarks_ahead"), {"now": now}).fetchall()
    return [
        f"{partner} {module}: the watermark {until:%Y-%m-%d %H:%M} is ahead of our clock, which "
        "was wrong when it was set; the whole list is asked for again"
        for partner, module, until in rows
    ]


def damaged_pulls(warehouse: Warehouse, *, missing_only: bool = False) -> dict[str, str]:
    """Map the pulls that were set aside for a damaged body to the reason, one line each.

    `missing_only`: whether only those of lists that have not been complete since.
    """
    with warehouse.reader() as con:
        rows = con.execute(query("ops", "damaged_pulls")).fetchall()
    return {
        pull_id: f"{partner} {module}: {error.removeprefix(f'{partner}: ')}"
        for pull_id, partner, module, error, fetched_again in rows
        if not (missing_only and fetched_again)
    }
