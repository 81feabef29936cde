"""`roamhouse dashboards`: the Streamlit app, on loopback, in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import click

from pipelines.cli.common import HomeOptions, fail, with_partners
from pipelines.config.home import HOME, PARTNERS, Home

DEFAULT_PORT: Final = 8501
LOOPBACK: Final = "127.0.0.1"
_SILENT_S: Final = 10.0
"""After that it is said what is waited for; a slow machine may take minutes."""
_PATIENCE_S: Final = 10.0
_ROOT: Final = Path(__file__).parents[2]
_SERVED: Final = _ROOT / "dashboards" / "served"
"""The folder of `.streamlit/`: Streamlit reads its settings from the working directory."""

_APP: Final = _ROOT / "dashboards" / "entry" / "app.py"


@click.command()
@with_partners
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="0: any that is free.")
@click.option("--address", default=LOOPBACK, show_default=True, help="What to listen on.")
@click.option("--host", "hosts", multiple=True, help="A name browsers ask by, behind a proxy.")
def dashboards(where: HomeOptions, port: int, address: str, hosts: tuple[str, ...]) -> None:
    """Show the published snapshot in a browser; ends with Ctrl-C.

    On any address but loopback nobody may decide anything unless a login is configured
    (docs/dashboards.md).
    """
    home = where.home()
    extra = {PARTNERS: str(where.partners_file.absolute())} if where.partners_file else {}
    signal.signal(signal.SIGTERM, _end)
    with serve_in_background(
        home, port=port, address=address, hosts=hosts, environ=extra
    ) as served:
        click.echo(f"Dashboards: {served.url} (Ctrl-C ends them)")
        served.wait()


@dataclass(frozen=True)
class Served:
    """Dashboards that are being served."""

    url: str  # the address to open
    _process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The process that serves."""
        return self._process.pid

    def wait(self) -> None:
        """Wait until Ctrl-C.

        Raises:
            SystemExit: the app ended by itself; that is said on standard error.
        """
        try:
            code = self._process.wait()
        except KeyboardInterrupt:
            click.echo("\nDashboards stopped.")
        else:
            fail(f"the dashboards ended by themselves, with {code}")


@contextmanager
def serve_in_background(
    home: Home,
    *,
    port: int = DEFAULT_PORT,
    address: str = LOOPBACK,
    hosts: Iterable[str] = (),
    environ: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """Serve the dashboards of a home until the block ends.

    Args:
        home: what to show; a snapshot may be published later.
        port: to listen on; 0: any that is free.
        address: to listen on.
        hosts: further names that browsers may ask by, as a proxy has them.
        environ: variables on top of this process's own.

    Yields:
        What is served, once it answers.

    Raises:
        SystemExit: the port is taken, or the app does not start; why is on standard error.
    """
    chosen = _free_port(address, port)
    process = subprocess.Popen(  # noqa: S603 - our own program and values, no shell
        _command(address, chosen, hosts),
        cwd=_SERVED,
        env={**os.environ, **_own_modules(), **(environ or {}), HOME: str(home.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy(process, address, chosen)
        host = f"[{address}]" if ":" in address else address
        yield Served(f"http://{host}:{chosen}", process)
    finally:
        _stop(process)


def _own_modules() -> dict[str, str]:
    """Let the app import this very program, installed or not: it starts in another folder."""
    before = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join([str(_ROOT), *([before] if before else [])])}


def _command(address: str, port: int, hosts: Iterable[str]) -> list[str]:
    options = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "global.developmentMode": "false",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    # A browser must ask by a name that is ours: no other site may lead it here (DNS rebinding).
    names = dict.fromkeys((LOOPBACK, "localhost", "[::1]", address, *hosts))
    flags += [f"--server.allowedHosts={name}" for name in names]
    return [sys.executable, "-m", "dashboards.entry.server", "run", str(_APP), *flags]


def _free_port(address: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            reason = error.strerror or str(error)
            fail(f"port {port} of {address} cannot be used ({reason}); name another with --port")
        return int(probe.getsockname()[1])


def _wait_until_healthy(process: subprocess.Popen[bytes], address: str, port: int) -> None:
    asked_at = time.monotonic()
    said = False
    while True:
        if process.poll() is not None:
            fail(f"the dashboards ended with {process.returncode} instead of starting")
        if _healthy(address, port):
            return
        if not said and time.monotonic() - asked_at > _SILENT_S:
            said = True
            click.echo(
                "Waiting for the dashboards: they load their libraries first. Ctrl-C ends it.",
                err=True,
            )
        time.sleep(0.1)


def _healthy(address: str, port: int) -> bool:
    connection = HTTPConnection(address, port, timeout=1)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """End as with Ctrl-C, so that the app does not outlive the command."""
    raise SystemExit(128 + number)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
