"""Rows as files: the answer of a query as CSV or Parquet, and whole tables in a folder or store.

Nothing about any particular table or command belongs here.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final, cast

import duckdb
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from models.tables import BY_NAME, TABLES
from models.tables.kinds import Table
from pipelines.exports.formulas import escape_formula
from pipelines.warehouse.locking import WarehouseError
from pipelines.warehouse.snapshot import open_current, snapshot_name
from pipelines.warehouse.sql_files import IS_DUCKDB_1

_BATCH: Final = 50_000
_CHUNK: Final = 8 << 20
CATALOGUE: Final = "catalogue.json"


def write_csv(rows: duckdb.DuckDBPyRelation, file: IO[bytes]) -> int:
    """Write rows as CSV: UTF-8, a heading row, unknown empty, nested values as JSON.

    Returns:
        How many there were.
    """
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(rows.columns)
    count = 0
    for row in batches(rows):
        writer.writerow([_cell(value) for value in row])
        count += 1
    text.flush()
    text.detach()
    return count


def write_parquet(
    rows: duckdb.DuckDBPyRelation, file: IO[bytes], comments: Mapping[str, str] | None = None
) -> int:
    """Write rows as Parquet, with the types of the warehouse.

    `comments`: column → what it means, kept as `description` of the Parquet field.

    Returns:
        How many there were.
    """
    reader = pa.RecordBatchReader.from_stream(rows)
    schema = pa.schema(
        field.with_metadata({"description": (comments or {})[field.name]})
        if field.name in (comments or {})
        else field
        for field in reader.schema
    )
    count = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch.cast(schema))
            count += batch.num_rows
    return count


def batches(rows: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, however many, a part in memory at a time."""
    if not IS_DUCKDB_1:  # a relation that is asked for a part again begins again
        yield from cast("Any", rows).iter_rows()
        return
    while part := rows.fetchmany(_BATCH):
        yield from part


def json_value(value: Any) -> Any:
    """Return a value as JSON has it: times in ISO 8601, decimals as text, nested ones inside."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case list() | tuple():
            return [json_value(item) for item in value]
        case dict():
            return {str(key): json_value(item) for key, item in value.items()}
        case _:
            return str(value)


def _cell(value: Any) -> Any:
    match value:
        case str():
            return escape_formula(value)
        case bool():
            return "true" if value else "false"
        case list() | tuple() | dict():
            return escape_formula(json.dumps(json_value(value), ensure_ascii=False))
        case _:
            return json_value(value)


@dataclass(frozen=True)
class PublishedTable:
    """A table as it was written."""

    name: str
    file: str
    rows: int
    bytes: int
    sha256: str


class Target:
    """A folder, or a place in an object store, that files are written to whole or not at all.

    `place`: a path, or an address such as `s3://bucket/folder`; the credentials of a store come
    from the environment, as its own tools read them.

    Raises:
        WarehouseError: there is no such kind of place.
    """

    def __init__(self, place: str) -> None:
        try:
            if "://" in place:
                self._system, self._root = pafs.FileSystem.from_uri(place)
            else:
                self._system, self._root = pafs.LocalFileSystem(), str(Path(place).absolute())
        except (pa.ArrowInvalid, OSError, NotImplementedError) as error:
            reason = str(error).splitlines()[0]
            raise WarehouseError(f"nothing can be published to {place}: {reason}") from error

    def write(self, name: str, fill: Callable[[IO[bytes]], int]) -> PublishedTable:
        """Write one file.

        Raises:
            WarehouseError: the target cannot be written.
        """
        with tempfile.TemporaryFile() as spool:
            rows = fill(spool)
            spool.seek(0)
            try:
                size, sha256 = self._put(spool, f"{self._root}/{name}")
            except (pa.ArrowException, OSError) as error:
                reason = str(error).splitlines()[0]
                raise WarehouseError(f"{name} cannot be published: {reason}") from error
        table = name.rsplit(".", 1)[0].replace("/", ".")
        return PublishedTable(table, name, rows, size, sha256)

    def _put(self, spool: IO[bytes], path: str) -> tuple[int, str]:
        local = isinstance(self._system, pafs.LocalFileSystem)
        digest, size = hashlib.sha256(), 0
        if local:
            self._system.create_dir(path.rsplit("/", 1)[0])
        # An object store shows an object only when it is complete.
        draft = f"{path}.unfinished" if local else path
        with self._system.open_output_stream(draft) as stream:
            while chunk := spool.read(_CHUNK):
                digest.update(chunk)
                size += stream.write(chunk)
        if local:
            self._system.move(draft, path)
        return size, digest.hexdigest()


@dataclass(frozen=True)
class Publication:
    """The tables that were written, all of one snapshot."""

    snapshot: str
    tables: tuple[PublishedTable, ...]


def publish_tables(
    serving: Path,
    place: str,
    *,
    kind: str = "parquet",
    names: Collection[str] = (),
    report: Callable[[PublishedTable], None] = lambda _: None,
) -> Publication:
    """Write tables of the newest snapshot to a folder or a store, then `catalogue.json`.

    Args:
        serving: the home's snapshots.
        place: where to; see `Target`.
        kind: parquet or csv.
        names: tables, or stages for all of theirs; none: every table.
        report: told of each table that is written.

    Raises:
        WarehouseError: nothing was published yet, or the place cannot be written.
    """
    con = open_current(serving)
    if con is None:
        raise WarehouseError("nothing was published yet: start with `roamhouse run`")
    written = []
    with con:
        target = Target(place)
        for table in TABLES:
            if not names or {table.name, table.stage} & set(names):
                written.append(_publish_table(con, table, target, kind))
                report(written[-1])
        publication = Publication(snapshot_name(con), tuple(written))
    text = json.dumps(_catalogue(publication), indent=2, ensure_ascii=False)
    target.write(CATALOGUE, lambda file: file.write(f"{text}\n".encode()))
    return publication


def _publish_table(
    con: duckdb.DuckDBPyConnection, table: Table, target: Target, kind: str
) -> PublishedTable:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = con.sql(f"select {columns} from {table.name}")  # noqa: S608 - declared names
    comments = {column.name: column.description for column in table.columns}
    stage, name = table.name.split(".")

    def fill(file: IO[bytes]) -> int:
        return write_csv(rows, file) if kind == "csv" else write_parquet(rows, file, comments)

    return target.write(f"{stage}/{name}.{kind}", fill)


def _catalogue(publication: Publication) -> dict[str, Any]:
    """Return each table with its file, rows, hash and columns, and the snapshot they are of."""
    return {
        "snapshot": publication.snapshot,
        "tables": [
            {
                **vars(one),
                "description": BY_NAME[one.name].description,
                "columns": [
                    {
                        "name": column.name,
                        "type": column.duckdb_type,
                        "description": column.description,
                    }
                    for column in BY_NAME[one.name].columns
                ],
            }
            for one in publication.tables
        ],
    }
