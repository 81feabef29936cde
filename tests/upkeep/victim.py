"""A command in a process that dies where it is told to, or that is short of something.

`python victim.py REQUEST` runs one command. A point is a moment at which it is about to change
files: opening one to write, renaming, linking, removing, making folders, fsync, each statement by
which SQLite and DuckDB write. At the point that the request names, or some time later, in the midst
of whatever the process does then, it is killed by SIGKILL. How many points it passed is written
where the request says.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import resource
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from pipelines.cli import main as commands

_MOVES = {"os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_STATEMENT = re.compile(
    r"\s*(insert|update|delete|replace|create|drop|alter|begin|commit|copy|checkpoint|attach|vacuum)",
    re.IGNORECASE,
)
_QUERIES = ("execute", "executemany", "sql", "query")


class Countdown:
    """The points of one process, counted as they come."""

    def __init__(self, point: int, delay_s: float, root: str) -> None:
        self.point, self.delay_s, self.root = point, delay_s, root
        self.seen = 0
        self._lock = threading.Lock()

    def install(self) -> None:
        """Be told of everything that changes files from now on."""
        self._watch(os, "fsync")
        for name in (*_QUERIES, "begin", "commit", "checkpoint", "close"):
            self._watch(duckdb.DuckDBPyConnection, name)
        for module in (sqlite3, sqlite3.dbapi2):
            self._trace(module)
        sys.addaudithook(self._hear)

    def _pass_point(self) -> None:
        with self._lock:
            self.seen += 1
            reached = self.seen == self.point
        if reached and self.delay_s:
            threading.Thread(target=self._die, daemon=True).start()
        elif reached:
            self._die()

    def _die(self) -> None:
        time.sleep(self.delay_s)
        os.kill(os.getpid(), signal.SIGKILL)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            writes = isinstance(args[2], int) and args[2] & _WRITES
        else:
            writes = event in _MOVES
        if writes and self._has(args[0]):
            self._pass_point()

    def _has(self, path: Any) -> bool:
        """Tell whether a file is one of ours; some are named by their descriptors only."""
        named = isinstance(path, str | bytes | os.PathLike)
        return named and os.fsdecode(path).startswith(self.root)

    def _hear_statement(self, text: Any) -> None:
        if isinstance(text, str) and _STATEMENT.match(text):
            self._pass_point()

    def _watch(self, owner: Any, name: str) -> None:
        call: Callable[..., Any] = getattr(owner, name)

        def counted(*args: Any, **named: Any) -> Any:
            if name in _QUERIES:
                self._hear_statement(next((one for one in args if isinstance(one, str)), None))
            else:
                self._pass_point()
            return call(*args, **named)

        setattr(owner, name, counted)

    def _trace(self, module: Any) -> None:
        connect = module.connect

        def traced(*args: Any, **named: Any) -> sqlite3.Connection:
            con: sqlite3.Connection = connect(*args, **named)
            con.set_trace_callback(self._hear_statement)
            return con

        module.connect = traced


def main(request: dict[str, Any]) -> None:
    """Be the command that a request asks for."""
    for name, most in request["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    countdown = Countdown(request["point"], request["delay_s"], request["root"])
    countdown.install()
    atexit.register(lambda: Path(request["points"]).write_text(str(countdown.seen)))
    sys.argv = ["roamhouse", *request["words"]]
    commands.main()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
