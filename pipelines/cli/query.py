"""`roamhouse query` and `publish`: SQL on the newest snapshot, and its tables as files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table as Grid
from rich.text import Text

from models.metrics import METRICS
from pipelines.cli.common import (
    HomeOptions,
    fail,
    json_option,
    output_file,
    refuse,
    wide_console,
    with_home,
)
from pipelines.cli.terminal import print_json
from pipelines.warehouse.locking import WarehouseError

if TYPE_CHECKING:
    import duckdb

    from pipelines.warehouse.extract import PublishedTable


FORMATS: Final = ("table", "csv", "json", "parquet")
_ON_TERMINAL: Final = 1000
_NUMBERS: Final = ("INT", "DECIMAL", "DOUBLE", "FLOAT")


@click.command()
@click.argument("sql", required=False)
@click.option("--metric", type=click.Choice(list(METRICS)), help="A figure of docs/metrics.md.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    help="Default: what the file's name says, else table.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
@with_home
def query(
    sql: str | None, metric: str | None, kind: str | None, output: Path | None, where: HomeOptions
) -> None:
    """Answer SQL or a metric from the newest snapshot, read-only.

    `-` reads the SQL from standard input. The snapshot never changes: no run waits for a query,
    and no query for a run. Tables and columns: docs/tables.md, or `roamhouse query "describe
    core.cdrs"`; metrics: docs/metrics.md. A table on the terminal stops after 1,000 rows; CSV, JSON
    and Parquet are whole. No cell of CSV is a formula.
    """
    text = _asked(sql, metric)
    chosen = kind or _by_name(output)
    if chosen == "parquet" and output is None and sys.stdout.isatty():
        fail("parquet is not for a terminal; name a file with -o")
    with answer(where.home().serving, text) as (rows, snapshot):
        if output is None:
            _write(rows, chosen, sys.stdout.buffer, snapshot)
            return
        with output_file(output) as file:
            count = _write(rows, chosen, file, snapshot)
    click.echo(f"{output}: {count:,} rows", err=True)


def _asked(sql: str | None, metric: str | None) -> str:
    if (sql is None) == (metric is None):
        fail("give either one SQL statement or --metric")
    if metric is not None:
        from pipelines.warehouse.sql_files import query as metric_query

        return metric_query("metrics", metric)
    return sys.stdin.read() if sql == "-" else str(sql)


@contextmanager
def answer(serving: Path, text: str) -> Iterator[tuple[duckdb.DuckDBPyRelation, str]]:
    """Provide the answer of one query, and the name of the snapshot that it is of.

    Raises:
        SystemExit: nothing was published, or the query cannot be answered; with code 2.
    """
    import duckdb

    from pipelines.warehouse.snapshot import open_current, snapshot_name

    con = open_current(serving)
    if con is None:
        fail("nothing was published yet: start with `roamhouse run`")
    try:
        # The rows are what partners sent: no query may reach beyond the file, whoever wrote it.
        con.execute("set enable_external_access = false; set lock_configuration = true")
        if len(con.extract_statements(text)) != 1:
            fail("one query at a time: give exactly one SQL statement")
        rows = con.sql(text)
        if rows is None:
            fail("that is no query: it has no rows to answer with")
        yield rows, snapshot_name(con)
    except duckdb.Error as error:
        fail(str(error))
    finally:
        con.close()


def _write(rows: duckdb.DuckDBPyRelation, kind: str, file: IO[bytes], snapshot: str) -> int:
    from pipelines.warehouse.extract import write_csv, write_parquet

    if kind == "csv":
        return write_csv(rows, file)
    if kind == "parquet":
        return write_parquet(rows, file)
    if kind == "json":
        return _write_json(rows, file, snapshot)
    return _draw(rows)


def _write_json(rows: duckdb.DuckDBPyRelation, file: IO[bytes], snapshot: str) -> int:
    """Write one object, row by row: the answer may be larger than memory."""
    from pipelines.warehouse.extract import batches, json_value

    columns = [
        {"name": name, "type": str(kind)}
        for name, kind in zip(rows.columns, rows.types, strict=True)
    ]
    head = json.dumps({"snapshot": snapshot, "columns": columns})
    file.write(f'{head[:-1]}, "rows": ['.encode())
    count = 0
    for row in batches(rows):
        values = dict(zip(rows.columns, map(json_value, row), strict=True))
        file.write(f"{',' if count else ''}\n{json.dumps(values)}".encode())
        count += 1
    file.write(b"\n]}\n")
    return count


def _draw(rows: duckdb.DuckDBPyRelation) -> int:
    from pipelines.warehouse.extract import batches

    grid = Grid(box=SIMPLE_HEAD)
    for name, kind in zip(rows.columns, rows.types, strict=True):
        number = str(kind).startswith(_NUMBERS)
        grid.add_column(Text(name), justify="right" if number else "left", overflow="fold")
    first = list(islice(batches(rows), _ON_TERMINAL + 1))
    for row in first[:_ON_TERMINAL]:
        grid.add_row(*(_shown(value) for value in row))
    console = wide_console()
    console.print(grid)
    if len(first) > _ON_TERMINAL:
        console.print(Text(f"The first {_ON_TERMINAL:,} rows; --format csv has all.", style="dim"))
    return len(first)


def _shown(value: object) -> Text:
    from pipelines.warehouse.extract import json_value

    if value is None:
        return Text("null", style="dim")
    plain = json_value(value)
    return Text(plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False))


def _by_name(output: Path | None) -> str:
    suffix = output.suffix.lower().removeprefix(".") if output else ""
    return suffix if suffix in FORMATS else "table"


@click.command()
@click.option(
    "--to", "place", required=True, metavar="TARGET", help="A folder, or s3://bucket/folder."
)
@click.option(
    "--format", "kind", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True
)
@click.option(
    "--table",
    "names",
    multiple=True,
    metavar="NAME",
    help="This table only, as core.cdrs, or a stage, as mart; may be repeated.",
)
@json_option
@with_home
def publish(
    place: str, kind: str, names: tuple[str, ...], for_machines: bool, where: HomeOptions
) -> None:
    """Write the tables of the newest snapshot to TARGET, one file each: core/cdrs.parquet.

    All are of one snapshot. Each file is put in its place whole, `catalogue.json` last: it says
    what every table and column means, and the rows and hash of each file. The credentials of a
    store are read from the environment, as its own tools do. Ends with 1 if TARGET could not be
    written.
    """
    from pipelines.warehouse.extract import publish_tables
    from pipelines.warehouse.snapshot import current

    _refuse_unknown(names)
    home = where.home()
    if current(home.serving) is None:
        fail("nothing was published yet: start with `roamhouse run`")

    def report(table: PublishedTable) -> None:
        if not for_machines:
            click.echo(f"{table.file}: {table.rows:,} rows")

    try:
        written = publish_tables(home.serving, place, kind=kind, names=names, report=report)
    except WarehouseError as error:
        refuse(error)
    if for_machines:
        print_json(asdict(written), indent=2)


def _refuse_unknown(names: tuple[str, ...]) -> None:
    from models.tables import TABLES

    known = {one.name for one in TABLES} | {one.stage for one in TABLES}
    unknown = sorted(set(names) - known)
    if unknown:
        fail(f"there is no table {unknown[0]}; docs/tables.md lists them")
