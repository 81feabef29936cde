"""Parts that assets share: metadata, and the warehouse, opened for a step."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from models.ocpi.modules import MODULES
from models.tables import BY_NAME
from models.tables.kinds import Table
from pipelines.landing.records import PullRecord
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.locking import WarehouseLocked
from pipelines.warehouse.removal import LoadResult

LANDING_COLUMNS = dg.TableSchema(
    columns=[dg.TableColumn("body", "bytes", description="The response body, exactly as received.")]
)

_MOVED = dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())
_FAILED = (
    dg.AutomationCondition.execution_failed()
    & dg.AutomationCondition.cron_tick_passed("*/20 * * * *")
    & ~dg.AutomationCondition.in_progress()
    & ~dg.AutomationCondition.any_deps_in_progress()
)
WHEN_UPSTREAM_MOVED = _MOVED | _FAILED
"""What failed is tried again, too: what it lacked may be there before its sources move again."""
WHEN_PROVED_UPSTREAM_MOVED = _MOVED | (
    _FAILED & dg.AutomationCondition.all_deps_blocking_checks_passed()
)
"""The same of what follows from our own tables: not built on what could not be proved."""


def main_table(module: str) -> Table:
    """Return the table that an OCPI module mainly fills."""
    return BY_NAME[MODULES[module].tables[0]]


def column_schema(table: Table) -> dg.TableSchema:
    """Return a table's columns for the Dagster catalogue."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.duckdb_type,
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in table.columns
        ]
    )


def column_lineage(table: Table, landing: dg.AssetKey) -> dg.TableColumnLineage:
    """Every column of a core table comes from the body of a landed page."""
    body = dg.TableColumnDep(asset_key=landing, column_name="body")
    return dg.TableColumnLineage(deps_by_column={column.name: [body] for column in table.columns})


def landing_metadata(pulls: list[PullRecord]) -> dict[str, dg.MetadataValue]:
    """Return the metadata of a landing asset."""
    return {
        "dagster/row_count": dg.MetadataValue.int(sum(pull.objects for pull in pulls)),
        "pages": dg.MetadataValue.int(sum(pull.pages for pull in pulls)),
        "bytes": dg.MetadataValue.int(sum(pull.bytes for pull in pulls)),
        "requests": dg.MetadataValue.int(sum(pull.requests for pull in pulls)),
        "mode": dg.MetadataValue.text(", ".join(sorted({pull.mode for pull in pulls})) or "none"),
        "pulls": dg.MetadataValue.text("\n".join(pull.pull_id for pull in pulls)),
    }


def core_metadata(table: Table, rows: int, loads: list[LoadResult]) -> dict[str, dg.MetadataValue]:
    """Return the metadata of a core asset; `rows`: the partner's rows in `table`."""
    counts = [load.tables[name] for load in loads for name in load.tables if name == table.name]
    return {
        "dagster/row_count": dg.MetadataValue.int(rows),
        "inserted": dg.MetadataValue.int(sum(count.inserted for count in counts)),
        "updated": dg.MetadataValue.int(sum(count.updated for count in counts)),
        "unchanged": dg.MetadataValue.int(sum(count.unchanged for count in counts)),
        "removed": dg.MetadataValue.int(sum(count.removed for count in counts)),
        "conflicts": dg.MetadataValue.int(sum(count.conflicts for count in counts)),
        "pulls": dg.MetadataValue.int(len(loads)),
    }


@contextmanager
def open_for_writing(runtime: Runtime) -> Iterator[Warehouse]:
    """Open the warehouse for a step that writes.

    Raises:
        RetryRequested: another process holds it.
    """
    try:
        with runtime.warehouse() as warehouse:
            yield warehouse
    except WarehouseLocked as error:
        raise dg.RetryRequested(max_retries=3, seconds_to_wait=60) from error
