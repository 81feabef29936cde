"""The summary of a run, for people and machines: its work, and the warehouse after it."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from duckdb import DuckDBPyConnection as DuckDB

from models.tables import TABLES
from pipelines.orchestration.run import RunOutcome
from pipelines.stages.recon.terms import judged_by_defaults
from pipelines.stages.settle.fx import missing_rates
from pipelines.warehouse.sql_files import fetch_frame, fetch_row, query, row_count


@dataclass(frozen=True)
class MonthStatement:
    """The month of one counterparty: its claim and what becomes of it; amounts excl. VAT."""

    partner: str
    party: str
    currency: str
    direction: str
    cdrs: int
    claimed_excl_vat: Decimal | None
    payable_excl_vat: Decimal | None
    disputed_excl_vat: Decimal | None
    rejected_excl_vat: Decimal | None


@dataclass(frozen=True)
class ContestedCause:
    """Why CDRs of a partner are contested, and how much that is."""

    partner: str
    cause: str
    cdrs: int
    currency: str
    contested_excl_vat: Decimal


@dataclass(frozen=True)
class Month:
    """The last full month, settled."""

    month: str
    statements: tuple[MonthStatement, ...]
    contested: tuple[ContestedCause, ...]


def last_full_month(con: DuckDB) -> Month | None:
    """Read it; the month before that of the newest page. None: nothing was ever fetched."""
    row = fetch_row(con, "select newest_page_at(null)")
    if row is None or row[0] is None:
        return None
    month = _before(row[0])
    return Month(
        month,
        tuple(MonthStatement(*values) for values in _read(con, "settled_month", month)),
        tuple(ContestedCause(*values) for values in _read(con, "contested_causes", month)),
    )


def _before(moment: datetime) -> str:
    return (moment.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def _read(con: DuckDB, name: str, month: str) -> list[tuple[Any, ...]]:
    return con.execute(query("ops", name), {"month": month}).fetchall()


@dataclass(frozen=True)
class ListSummary:
    """One list as it was pulled in this run."""

    module: str
    mode: str
    status: str
    pages: int
    objects: int
    total_count: int | None
    error: str | None


@dataclass(frozen=True)
class PartnerSummary:
    """One partner: how it fared, what came, and how old what we have is."""

    name: str
    state: str
    ocpi_version: str | None
    message: str | None
    complete_until_at: datetime | None
    pages: int
    objects: int
    quarantined: int
    deviations: int
    lists: tuple[ListSummary, ...]


@dataclass(frozen=True)
class FaultCount:
    """A fault, and the number of objects or fields of a partner's module that share it."""

    partner: str
    module: str
    what: str
    count: int


@dataclass(frozen=True)
class RunSummary:
    """The whole summary; its JSON keys are stable."""

    run_id: str
    command: str
    status: str
    started_at: datetime
    seconds: float
    partners: tuple[PartnerSummary, ...]
    failures: tuple[str, ...]
    tables: dict[str, int]
    quarantine: tuple[FaultCount, ...]
    deviations: tuple[FaultCount, ...]
    settled: Month | None
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON values: times in ISO 8601, UTC; amounts as decimal strings."""
        return _plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def summarise(con: DuckDB, ended: RunOutcome, finished_at: datetime) -> RunSummary:
    """Read the summary of a run that has ended from the warehouse."""
    run = ended.run
    return RunSummary(
        run_id=run.run_id,
        command=run.command,
        status="failed" if ended.failed else "complete",
        started_at=run.started_at,
        seconds=round((finished_at - run.started_at).total_seconds(), 3),
        partners=tuple(_partner(con, run.run_id, name) for name in sorted(ended.states)),
        failures=ended.failures,
        tables=_tables(con),
        quarantine=_count_faults(con, "core.quarantine", "unnest(reasons)"),
        deviations=_count_faults(con, "core.deviations", "kind"),
        settled=last_full_month(con),
        warnings=(*ended.warnings, *filter(None, [missing_rates(con), judged_by_defaults(con)])),
    )


def _partner(con: DuckDB, run_id: str, name: str) -> PartnerSummary:
    health = _rows(con, "select * from ops.partner_health where partner = $name", name=name)[0]
    pulls = _rows(
        con,
        "select * from ops.pulls where run_id = $run_id and partner = $name order by started_at",
        run_id=run_id,
        name=name,
    )
    return PartnerSummary(
        name=name,
        state=health["state"],
        ocpi_version=health["ocpi_version"],
        message=health["message"],
        complete_until_at=_one(
            con,
            "select min(complete_until_at) from ops.watermarks where partner = $name",
            name=name,
        ),
        pages=sum(pull["pages"] for pull in pulls),
        objects=sum(pull["objects"] for pull in pulls),
        quarantined=_one(
            con, "select count(*) from core.quarantine where partner = $name", name=name
        ),
        deviations=_one(
            con, "select count(*) from core.deviations where partner = $name", name=name
        ),
        lists=tuple(
            ListSummary(
                **{field.name: pull[field.name] for field in dataclasses.fields(ListSummary)}
            )
            for pull in pulls
        ),
    )


def _tables(con: DuckDB) -> dict[str, int]:
    names = sorted(table.name for table in TABLES)
    return {name: row_count(con, name) for name in names}


def _count_faults(con: DuckDB, table: str, what: str) -> tuple[FaultCount, ...]:
    rows = _rows(
        con,
        f"with faults as (select partner, module, {what} as what from {table})"  # noqa: S608
        " select partner, module, what, count(*) as count from faults"
        " group by all order by count desc, partner, module, what",
    )
    return tuple(FaultCount(**row) for row in rows)


def _rows(con: DuckDB, query: str, **values: Any) -> list[dict[str, Any]]:
    return fetch_frame(con, query, values).to_dicts()


def _one(con: DuckDB, query: str, **values: Any) -> Any:
    row = fetch_row(con, query, values)
    return row[0] if row else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value
