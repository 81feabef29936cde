"""Publishing the warehouse for readers: a numbered copy, and a pointer to the newest.

A serving folder holds `warehouse-000001.duckdb`, `warehouse-000002.duckdb` … and `current`, a
text file with the name of the newest; `current.duckdb` is the newest itself, under a name that
other programs can be given. A reader opens one of them read-only and keeps it as long as it likes:
a published file never changes, nobody may write it, and it stays while somebody has it open. No
reader ever waits for the writer, nor the writer for a reader.

The copy is made by a process of its own. DuckDB guards its file with a POSIX lock, which a
process loses as soon as it closes any descriptor of that file: copying in this process would
silently let a second writer in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from pipelines.config.home import Home
from pipelines.config.home_settings import load_settings
from pipelines.config.machine_faults import machine_fault
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.copying import write_file
from pipelines.warehouse.locking import FileLock, WarehouseError, file_holder
from pipelines.warehouse.structure import write_comments
from pipelines.warehouse.values import spare_pandas

POINTER: Final = "current"
STABLE: Final = "current.duckdb"
_SUFFIX: Final = ".duckdb"
_LOCK: Final = "publishing.lock"
_UNFINISHED: Final = ".unfinished"
_NAME: Final = re.compile(rf"warehouse-(\d{{6,}}){re.escape(_SUFFIX)}")
_WAIT_S: Final = 600.0


def publish(warehouse: Warehouse, serving: Path, *, keep: int = 3) -> Path:
    """Publish what is committed now; nothing is published twice in part.

    Args:
        warehouse: open for writing; other threads' writes wait.
        serving: the folder that readers look into; made where absent.
        keep: how many published copies stay, the new one included.

    Returns:
        The new copy.

    Raises:
        WarehouseError: the disk is full, or a reading transaction of this process holds the
            checkpoint up.
    """
    with _next_copy(serving, keep) as unfinished:
        if warehouse.lake is not None:
            write_file(warehouse, unfinished)
        else:
            _copy_file(warehouse, unfinished)
    return unfinished.with_suffix(_SUFFIX)


@contextmanager
def amend(serving: Path, *, keep: int = 3) -> Iterator[Warehouse]:
    """Provide a copy of the newest snapshot to write to; it is published at the end.

    Nobody waits for who holds the warehouse. Where nothing was published yet the copy is empty.

    Raises:
        WarehouseError: the newest snapshot cannot be used, or the disk is full.
    """
    with _next_copy(serving, keep) as unfinished:
        newest = current(serving)
        if newest is not None:
            _copy(newest, unfinished)
            unfinished.chmod(0o600)
        with Warehouse(unfinished) as copy:
            yield copy
            with copy.writer() as con:
                con.execute("checkpoint")


@contextmanager
def _next_copy(serving: Path, keep: int) -> Iterator[Path]:
    """Provide the file of the next copy, to be written; it is what readers open then."""
    serving.mkdir(parents=True, exist_ok=True)
    with FileLock(serving / _LOCK).held(_WAIT_S):
        target = serving / f"warehouse-{_last_number(serving) + 1:06d}{_SUFFIX}"
        unfinished = target.with_suffix(_UNFINISHED)
        # A killed process's `cp` may still be at work: it goes on with a file that is gone.
        _remove_unfinished(serving)
        yield unfinished
        unfinished.chmod(0o400)  # a writer of it would keep every reader out
        _sync(unfinished)
        unfinished.replace(target)
        _name_stably(target)
        pointer = serving / f"{POINTER}.new"
        pointer.write_text(target.name + "\n", encoding="utf-8")
        _sync(pointer)
        pointer.replace(serving / POINTER)
        _sync(serving)
        _tidy(serving, keep)


def _copy_file(warehouse: Warehouse, target: Path) -> None:
    with warehouse.writer() as con:
        write_comments(con)
        try:
            con.execute("checkpoint")
        except duckdb.Error as error:
            if machine_fault(error):
                raise
            raise WarehouseError(f"cannot publish: the checkpoint failed ({error})") from error
        _copy(warehouse.path, target)


def current(serving: Path) -> Path | None:
    """Return the newest published copy; None: nothing was published yet."""
    try:
        name = (serving / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return serving / name


def open_current(serving: Path) -> duckdb.DuckDBPyConnection | None:
    """Open the newest published copy read-only, times in UTC; None: nothing was published yet.

    Raises:
        duckdb.Error: the file cannot be read.
    """
    path = current(serving)
    if path is None:
        return None
    try:
        con = duckdb.connect(str(path), read_only=True)
    except duckdb.IOException:
        newer = current(serving)  # published, and this one tidied away, since the name was read
        if newer == path and not path.exists():
            return None  # the pointer is damaged: the next run sets it
        if newer is None or newer == path:
            raise
        con = duckdb.connect(str(newer), read_only=True)
    spare_pandas(con)
    con.execute("set TimeZone = 'UTC'")
    return con


def snapshot_name(con: duckdb.DuckDBPyConnection) -> str:
    """Return the name of the published copy that a connection has open."""
    ((path,),) = con.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    return Path(path).name


def _last_number(serving: Path) -> int:
    found = (_NAME.fullmatch(path.name) for path in serving.iterdir())
    return max((int(match[1]) for match in found if match), default=0)


def _copy(source: Path, target: Path) -> None:
    program = shutil.which("cp")
    if program is None:
        raise WarehouseError("cannot publish: the program `cp` is not on the PATH")
    outcome = subprocess.run(  # noqa: S603 - our own paths, no shell
        [program, "--", str(source), str(target)], capture_output=True, text=True, check=False
    )
    if outcome.returncode:
        target.unlink(missing_ok=True)
        raise WarehouseError(
            f"cannot publish: {outcome.stderr.strip() or 'copying failed'}; readers keep the last "
            "snapshot, the warehouse is whole: make room and `roamhouse settle`"
        )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name_stably(target: Path) -> None:
    """Let the stable name be the new copy, at once: readers of the old one keep it."""
    link = target.with_name(f"{STABLE}.new")
    link.unlink(missing_ok=True)
    try:
        link.hardlink_to(target)
    except OSError:  # some network and container file systems have none
        link.symlink_to(target.name)
    link.replace(target.with_name(STABLE))


def tidy(serving: Path, keep: int) -> int:
    """Remove what a killed run left, and copies older than those to keep that nobody has open.

    `keep`: how many published copies stay.

    Returns:
        How many copies went.
    """
    if not serving.is_dir():
        return 0
    with FileLock(serving / _LOCK).held(_WAIT_S):
        return _tidy(serving, keep)


def _tidy(serving: Path, keep: int) -> int:
    _remove_unfinished(serving)
    published = sorted(path for path in serving.iterdir() if _NAME.fullmatch(path.name))
    going = [path for path in published[: -max(keep, 1)] if file_holder(path) is None]
    for path in going:
        path.unlink()
    return len(going)


def _remove_unfinished(serving: Path) -> None:
    """Remove a copy that was not ended, with what DuckDB and we wrote beside it."""
    for path in serving.glob(f"*{_UNFINISHED}*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def publish_home(warehouse: Warehouse, home: Home) -> Path:
    """Publish the warehouse of a home; as many copies stay as its settings say.

    Returns:
        The new copy.

    Raises:
        ConfigError: the settings cannot be used.
        WarehouseError: as `publish`.
    """
    return publish(warehouse, home.serving, keep=load_settings(home).retention.snapshots)
