"""A PostgreSQL server of the tests' own: from Debian's package, in a folder that goes with it."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Self

MISSING = (
    "PostgreSQL is not on this machine (Debian's package postgresql), or has no user to run as"
)


def programs() -> Path | None:
    """Find the folder of `initdb`; Debian does not put it on the PATH."""
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path))
    return found[0].parent if found else None


def server_user() -> str | None:
    """Return whom the server runs as: ourselves, or `postgres` where we are root."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid()).pw_name
    return next((entry.pw_name for entry in pwd.getpwall() if entry.pw_name == "postgres"), None)


_NUMBERS = count()


@dataclass(frozen=True)
class Postgres:
    """A running server, reached by a socket that only this machine has."""

    folder: Path  # short: the path of a socket has an end
    bin: Path
    user: str

    @classmethod
    def start(cls) -> Self:
        """Start a server that keeps nothing safe: it is thrown away."""
        place, user = programs(), server_user()
        if place is None or user is None:
            raise RuntimeError(MISSING)
        server = cls(Path(tempfile.mkdtemp(prefix="pg-")), place, user)
        shutil.chown(server.folder, user)
        data = server.folder / "data"
        server._run(
            "initdb", "-D", data, "-A", "trust", "-U", "roamhouse", "--no-sync", "-E", "UTF8"
        )
        unsafe = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        options = f"-k {server.folder} -c listen_addresses='' {unsafe}"
        server._run("pg_ctl", "-D", data, "-l", server.folder / "log", "-o", options, "-w", "start")
        return server

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database, empty or like another that nobody is connected to; return its URL."""
        self._run("createdb", "-h", self.folder, "-U", "roamhouse", "-T", template, name)
        return self.url(name)

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgres:///{name}?host={self.folder}&user=roamhouse"

    def new_name(self) -> str:
        """Return a name that no database has yet."""
        return f"lake{next(_NUMBERS)}"

    def _run(self, program: str, *arguments: str | Path) -> None:
        with (self.folder / "programs.log").open("ab") as log:
            subprocess.run(
                [self.bin / program, *arguments],
                check=True,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=None if os.geteuid() else self.user,
            )


@cache
def shared() -> Postgres:
    """Return the server of this process, started once and stopped as the process ends."""
    server = Postgres.start()
    atexit.register(server.stop)
    return server
