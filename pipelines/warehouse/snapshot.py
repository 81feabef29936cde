"""Publishing the warehouse for readers: a numbered copy, and a pointer to the newest.

A serving folder holds `warehouse-000001.duckdb`, `warehouse-000002.duckdb` … and `current`, a
text file with the name of the newest. A reader reads `current`, opens that file read-only and
keeps it as long as it likes: a published file never changes, and on POSIX removing it does not
disturb who has it open. No reader ever waits for the writer, nor the writer for a reader.

The copy is made by a process of its own. DuckDB guards its file with a POSIX lock, which a
process loses as soon as it closes any descriptor of that file: copying in this process would
silently let a second writer in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import duckdb

from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.errors import WarehouseError

POINTER: Final = "current"
_NAME: Final = re.compile(r"warehouse-(\d{6,})\.duckdb")


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
    serving.mkdir(parents=True, exist_ok=True)
    target = serving / f"warehouse-{_last_number(serving) + 1:06d}.duckdb"
    unfinished = target.with_suffix(".unfinished")
    with warehouse.writer() as con:
        try:
            con.execute("checkpoint")
        except duckdb.Error as error:
            raise WarehouseError(f"cannot publish: the checkpoint failed ({error})") from error
        _copy(warehouse.path, unfinished)
    _sync(unfinished)
    unfinished.replace(target)
    pointer = serving / f"{POINTER}.new"
    pointer.write_text(target.name + "\n", encoding="utf-8")
    _sync(pointer)
    pointer.replace(serving / POINTER)
    _sync(serving)
    _tidy(serving, keep)
    return target


def current(serving: Path) -> Path | None:
    """Return the newest published copy; None: nothing was published yet."""
    try:
        name = (serving / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return serving / name


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
        raise WarehouseError(f"cannot publish: {outcome.stderr.strip() or 'copying failed'}")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tidy(serving: Path, keep: int) -> None:
    """Remove what a killed run left and what is older than the copies to keep."""
    for path in serving.glob("*.unfinished"):
        path.unlink()
    published = sorted(path for path in serving.iterdir() if _NAME.fullmatch(path.name))
    for path in published[: -max(keep, 1)]:
        path.unlink()
