"""Running the receiver: one process, one home, on loopback unless told otherwise."""

import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import FrameType

import uvicorn

from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import Home
from pipelines.config.partners import Partners
from pipelines.landing.journal import FOLDER
from pipelines.receiver.app import build_app
from pipelines.receiver.service import Service
from pipelines.warehouse.locking import FileLock, WarehouseLocked

_MOST_REQUESTS_AT_ONCE = 1024
_IDLE_S = 75


def serve(
    home: Home,
    partners: Partners,
    environ: Mapping[str, str],
    now: Callable[[], datetime],
    *,
    host: str,
    port: int,
    report_started: Callable[[str, int], None],
) -> None:
    """Serve until SIGTERM or SIGINT; requests that are being answered are answered.

    Args:
        home: the home directory.
        partners: the partners file.
        environ: the environment, for tokens that no handshake brought.
        now: the clock.
        host: the address to listen on.
        port: the port; 0: any free one.
        report_started: told the address and port when requests are answered.

    Raises:
        ConfigError: there is no `receiver` in the partners file, another receiver runs for this
            home, or the address cannot be had.
    """
    if partners.receiver is None:
        message = "has no receiver: say who we are and where partners reach us"
        raise ConfigError([Problem(str(partners.path), message)])
    with _alone(home):
        service = Service.open(home, partners, partners.receiver, environ, now)
        listener = _listen(host, port)
        config = uvicorn.Config(
            build_app(service),
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            limit_concurrency=_MOST_REQUESTS_AT_ONCE,
            timeout_keep_alive=_IDLE_S,
            h11_max_incomplete_event_size=64 << 10,
            proxy_headers=False,
        )
        server = _Server(config, lambda: report_started(*listener.getsockname()[:2]))
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, report_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._report_started = report_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._report_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on a signal without raising it again: the command ends well."""

        def end(number: int, frame: FrameType | None) -> None:
            self.handle_exit(number, frame)

        before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        message = f"cannot be listened on: {error.strerror}; choose another --host or --port"
        raise ConfigError([Problem(f"{host}:{port}", message)]) from None
    return listener


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold the journal: two receivers of one home would not know of each other's pushes."""
    folder = home.landing / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "receiver.lock")
    try:
        lock.acquire(0)
    except WarehouseLocked:
        message = "another `roamhouse receive` runs for this home; end it first"
        raise ConfigError([Problem(str(home.path), message)]) from None
    try:
        yield
    finally:
        lock.release()
