"""Shared parts of the commands: common options, and the way errors end them."""

from __future__ import annotations

import functools
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

from models.errors import Refused, Unusable
from pipelines.cli.terminal import say
from pipelines.config.home import Home, find_partners_file
from pipelines.config.log_file import LogFile
from pipelines.config.machine_faults import machine_fault

if TYPE_CHECKING:
    from pipelines.cli.rich_terminal import Terminal
    from pipelines.config.partners import Partners


USAGE = 2  # exit code of a usage or configuration error: nothing was done

REFUSED = 1  # exit code where the state of things does not allow what is asked

BROKEN_OFF = 1
"""Exit code where the machine ended a command in the middle: disk, memory, open files."""

_LONGEST_ERROR = 500

as_option = click.option("--as", "named", help="Who decides; default: the user of this system.")
json_option = click.option("--json", "for_machines", is_flag=True, help="Print one JSON object.")
home_option = click.option(
    "--home",
    "home_dir",
    type=click.Path(path_type=Path),
    help="Where everything is written; else ROAMHOUSE_HOME, else data/home.",
)
partners_option = click.option(
    "--partners",
    "partners_file",
    type=click.Path(path_type=Path),
    help="The partners file; else ROAMHOUSE_PARTNERS, else partners.yaml in the home.",
)


@dataclass(frozen=True)
class HomeOptions:
    """The home and the partners file of a command, as `--home` and `--partners` name them."""

    home_dir: Path | None
    partners_file: Path | None = None

    def home(self) -> Home:
        """Return the home directory, made where there is none."""
        home = Home.resolve(self.home_dir, os.environ)
        home.create()
        return home

    def partners(self, home: Home, *, only: Iterable[str] = ()) -> Partners:
        """Read the partners file that is named, else the usual one."""
        from pipelines.config.loading import load_partners

        return load_partners(find_partners_file(self.partners_file, os.environ, home), only=only)


def with_home(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--home`, which the command gets as `where`; end it as `handle_errors` does."""
    return home_option(_located(command))


def with_partners(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--home` and `--partners`, which the command gets as `where`, as `with_home` does."""
    return home_option(partners_option(_located(command)))


def _located(command: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(command)
    def wrapped(
        *args: Any, home_dir: Path | None, partners_file: Path | None = None, **kwargs: Any
    ) -> Any:
        where = HomeOptions(home_dir, partners_file)
        with _logged(where):
            return handle_errors(command)(*args, where=where, **kwargs)

    return wrapped


@contextmanager
def _logged(where: HomeOptions) -> Iterator[None]:
    """Write in the home's log how a command ended, unless it never came as far as a home.

    Its arguments stay out: they may name people.
    """
    began, code = time.monotonic(), 0
    said: str | None = None
    try:
        yield
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
        said = "; ".join(getattr(ended, "__notes__", ())) or None
        raise
    except BaseException as error:
        code, said = getattr(error, "exit_code", 1), str(error)
        raise
    finally:
        with suppress(Unusable, OSError):  # the home cannot be used: the command said so
            _log_end(Home.resolve(where.home_dir, os.environ), began, code, said)


def _log_end(home: Home, began: float, code: int, said: str | None) -> None:
    if home.landing.exists():
        LogFile(home).write(
            "command",
            command=" ".join(click.get_current_context().command_path.split()[1:]),
            code=code,
            seconds=round(time.monotonic() - began, 3),
            error=said and said[:_LONGEST_ERROR],
        )


def handle_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """End a command that meets an expected error with its message.

    Exit code 2 where nothing was done, 1 where it was refused or the machine gave out in the
    middle.
    """

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Refused as refusal:
            refuse(refusal)
        except Unusable as error:
            fail(str(error))
        except Exception as error:
            if fault := machine_fault(error):
                _end(fault, BROKEN_OFF)
            if isinstance(error, sqlite3.DatabaseError):
                fail(str(error))
            raise

    return wrapped


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and end with exit code 2."""
    _end(message, USAGE)


def refuse(reason: object) -> NoReturn:
    """Say why it cannot be done as things stand, and end with exit code 1."""
    _end(str(reason), REFUSED)


def _end(message: str, code: int) -> NoReturn:
    say(message, err=True)
    ended = SystemExit(code)
    ended.add_note(message)  # for the log
    raise ended from None


def write_output(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file that the user named, or say why not and end with exit code 2."""
    with output_file(path, private=private) as file:
        file.write(data)


@contextmanager
def output_file(path: Path, *, private: bool = False) -> Iterator[IO[bytes]]:
    """Provide a file that the user named: whole when it is there, whenever the command is killed.

    `private`: whether only its owner may read it.

    Raises:
        SystemExit: it cannot be written; with code 2.
    """
    there = path.exists() and not path.is_file()  # a device, a pipe
    draft = path if there else path.with_name(f".{path.name}.unfinished")
    mode = 0o600 if private else 0o666
    try:
        if not there:
            draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
            if not there:
                draft.replace(path)
        except BaseException:
            if not there:
                draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def wide_console() -> Terminal:
    """Return standard output for tables; where it is no terminal, wide enough to cut nothing."""
    from pipelines.cli.rich_terminal import Terminal

    console = Terminal()
    return console if console.is_terminal else Terminal(width=140)


GOES_ON = "what landed and what was committed is kept; the next run goes on from there"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_KILLED = 128  # a shell adds the signal's number to this for the exit code
_SHOW_CURSOR = "\x1b[?25h"
_DONE = b"\0"


@contextmanager
def end_on_interrupt(kept: str) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM end the process, with exit code 130 or 143.

    An interruption is nothing but a milder kill, and a kill does no harm at any point: bytes land
    and pulls commit whole or not at all. To unwind instead would mean to raise an exception inside
    Dagster and DuckDB, which take it for the failure of a step and go on with the next one.

    `kept`: what is said then, behind "Interrupted".
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    # Dagster sets handlers of its own while a job lasts; this hears of signals all the same.
    former = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    watch = threading.Thread(target=_watch, args=(reading, kept), name="interrupts", daemon=True)
    watch.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.write(writing, _DONE)
        watch.join()
        os.close(writing)
        os.close(reading)


def _watch(reading: int, kept: str) -> None:
    while (heard := os.read(reading, 1)) != _DONE:
        if heard[0] in _SIGNALS:
            cursor = _SHOW_CURSOR if sys.stderr.isatty() else ""
            os.write(2, f"{cursor}\nInterrupted: {kept}\n".encode())
            os._exit(_KILLED + heard[0])
