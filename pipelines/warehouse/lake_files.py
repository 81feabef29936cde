"""The Parquet files of a lake: in a folder or an object store, merged and let go as time passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import duckdb

from pipelines.warehouse.locking import WarehouseError
from pipelines.warehouse.sql_files import literal

# A reader of another process may still be at a file that no snapshot names any more.
_READERS_END: Final = timedelta(days=1)
_STORE: Final = (
    "create or replace secret lake_files (type s3, provider config, scope $scope, "
    "key_id $key_id, secret $secret, session_token $session_token, region $region, "
    "endpoint $endpoint, use_ssl $use_ssl, url_style $url_style)"
)
# Rows of small commits lie in the catalogue until they are written to files.
_WRITE_SMALL_ROWS: Final = "select rows_flushed from ducklake_flush_inlined_data($lake)"
_LEAVE_OUT_DELETED: Final = "select files_created from ducklake_rewrite_data_files($lake)"
_MERGE_FILES: Final = "select files_created from ducklake_merge_adjacent_files($lake)"
_EXPIRE_STATES: Final = (
    "select snapshot_id from ducklake_expire_snapshots($lake, older_than => $before)"
)
_REMOVE_FILES: Final = "select path from ducklake_cleanup_old_files($lake, older_than => $before)"


@dataclass(frozen=True)
class LakeUpkeep:
    """The effect of an upkeep on the files of a lake."""

    snapshots: int  # earlier states that cannot be read any more
    merged: int  # files that others were merged into
    removed: int  # files that no snapshot named any more


def open_files(con: duckdb.DuckDBPyConnection, place: str, environ: Mapping[str, str]) -> str:
    """Make the place of a lake's files ready to be read and written.

    Args:
        con: a connection of the engine that attaches the lake.
        place: a folder, made where absent, or `s3://bucket/folder`, with `?endpoint_override=`,
            `scheme=` and `region=` for a store of one's own.
        environ: holds the store's credentials by the names that its own tools read.

    Returns:
        The place as DuckLake takes it.

    Raises:
        WarehouseError: the extension for object stores is missing.
    """
    if "://" not in place:
        Path(place).mkdir(mode=0o700, parents=True, exist_ok=True)
        return place
    load_extension(con, "httpfs")
    parts = urlsplit(place)
    folder = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
    con.execute(_STORE, {"scope": folder} | _access(dict(parse_qsl(parts.query)), environ))
    return folder


def _access(options: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return how a store is reached: an endpoint of one's own has its buckets in the path."""
    endpoint = options.get("endpoint_override")
    region = options.get("region") or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    return {
        "key_id": environ.get("AWS_ACCESS_KEY_ID", ""),
        "secret": environ.get("AWS_SECRET_ACCESS_KEY", ""),
        "session_token": environ.get("AWS_SESSION_TOKEN", ""),
        "region": region or "us-east-1",
        "endpoint": endpoint or "s3.amazonaws.com",
        "use_ssl": options.get("scheme") != "http",
        "url_style": "path" if endpoint else "vhost",
    }


def tend_files(con: duckdb.DuckDBPyConnection, lake: str, before: datetime) -> LakeUpkeep:
    """Merge small files, let earlier states go, and remove what none of the others names.

    A file goes a day after the last state that names it, so that no reader loses it.

    Args:
        con: the writer's connection, in no transaction.
        lake: what the lake is attached as.
        before: states that were made before it cannot be read any more, UTC; the newest can.
    """
    of_lake = {"lake": lake}
    con.execute(_WRITE_SMALL_ROWS, of_lake).fetchall()
    con.execute(_LEAVE_OUT_DELETED, of_lake).fetchall()
    merged = con.execute(_MERGE_FILES, of_lake).fetchall()
    gone = con.execute(_EXPIRE_STATES, of_lake | {"before": before}).fetchall()
    unread = of_lake | {"before": before - _READERS_END}
    removed = con.execute(_REMOVE_FILES, unread).fetchall()
    return LakeUpkeep(len(gone), sum(files for (files,) in merged), len(removed))


def load_extension(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension of the engine from the Python package that brought it.

    Raises:
        WarehouseError: it is not installed, or of another DuckDB.
    """
    spec = find_spec(f"duckdb_extension_{name}")
    folder = Path(spec.origin).parent if spec is not None and spec.origin else Path()
    path = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.is_file():
        package = f"duckdb-extension-{name.replace('_', '-')}"
        raise WarehouseError(
            f"a lake needs the package {package} of version {duckdb.__version__}: "
            "install `roamhouse[lake]`"
        )
    con.execute(f"load {literal(str(path))}")
