"""The run's own rows: `ops.runs` and `ops.partner_health`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import duckdb

from pipelines.landing.records import PullRecord
from pipelines.warehouse.connection import Warehouse


@dataclass(frozen=True)
class Run:
    """One run as it begins."""

    run_id: str
    command: str
    started_at: datetime
    partners: int


def begin(warehouse: Warehouse, run: Run) -> None:
    """Write the run's row, still running."""
    row = {
        "run_id": run.run_id,
        "command": run.command,
        "started_at": run.started_at,
        "status": "running",
        "code_version": version("roamhouse"),
        "partners": run.partners,
    }
    with warehouse.writer() as con:
        con.execute(
            "insert into ops.runs (run_id, command, started_at, finished_at, status, code_version,"
            " partners, partners_failed, pages, objects, bytes) values ($run_id, $command,"
            " $started_at, null, $status, $code_version, $partners, 0, 0, 0, 0)",
            row,
        )


def end(warehouse: Warehouse, run: Run, finished_at: datetime, failed: Sequence[str]) -> None:
    """Complete the run's row from the pulls that belong to it."""
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
                "status": "failed" if failed else "complete",
                "failed": len(failed),
            },
        )


def record_health(
    warehouse: Warehouse,
    partner: str,
    pulls: Sequence[PullRecord],
    *,
    error: str | None,
    checked_at: datetime,
) -> str:
    """Write how a partner fared, and return its state.

    Args:
        warehouse: where to.
        partner: who was visited.
        pulls: what was pulled on the visit.
        error: what went wrong beside the pulls; None: nothing.
        checked_at: when the visit began.
    """
    errors = [pull.error for pull in pulls if pull.error] + ([error] if error else [])
    came = any(pull.status == "complete" for pull in pulls)
    state = "ok" if not errors else "degraded" if came else "failed"
    versions = [pull.ocpi_version for pull in pulls if pull.ocpi_version]
    with warehouse.writer() as con:
        before = _health(con, partner)
        row = {
            "partner": partner,
            "state": state,
            "ocpi_version": versions[-1] if versions else before.get("ocpi_version"),
            "checked_at": checked_at,
            "last_success_at": before.get("last_success_at") if errors else checked_at,
            "failures": before.get("consecutive_failures", 0) + 1 if errors else 0,
            "message": errors[0] if errors else None,
        }
        con.execute("delete from ops.partner_health where partner = $1", [partner])
        con.execute(
            "insert into ops.partner_health (partner, state, ocpi_version, checked_at,"
            " last_success_at, consecutive_failures, message) values ($partner, $state,"
            " $ocpi_version, $checked_at, $last_success_at, $failures, $message)",
            row,
        )
    return state


def _health(con: duckdb.DuckDBPyConnection, partner: str) -> dict[str, Any]:
    rows = con.execute(
        "select ocpi_version, last_success_at, consecutive_failures from ops.partner_health"
        " where partner = $1",
        [partner],
    ).fetchall()
    names = ("ocpi_version", "last_success_at", "consecutive_failures")
    return dict(zip(names, rows[0], strict=True)) if rows else {}
