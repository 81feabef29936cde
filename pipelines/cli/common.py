"""Shared parts of the commands: common options, and the way errors end them."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from pipelines.cli.storage import storage_fault
from pipelines.cli.terminal import say
from pipelines.config import ConfigError, Home
from pipelines.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from pipelines.cli.terminal import Terminal

USAGE = 2
"""Exit code of a usage or configuration error: nothing was done."""

BROKEN_OFF = 1
"""Exit code where the disk ended a command in the middle."""

_Command = TypeVar("_Command", bound=Callable[..., Any])


def home_option(command: _Command) -> _Command:
    """Add `--home`."""
    return click.option(
        "--home",
        "home_dir",
        type=click.Path(path_type=Path),
        help="Where everything is written; else ROAMHOUSE_HOME, else data/home.",
    )(command)


def partners_option(command: _Command) -> _Command:
    """Add `--partners`."""
    return click.option(
        "--partners",
        "partners_file",
        type=click.Path(path_type=Path),
        help="The partners file; else ROAMHOUSE_PARTNERS, else partners.yaml in the home.",
    )(command)


def handle_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """End a command that meets an expected error with its message.

    Exit code 2 where nothing was done, 1 where the disk gave out in the middle.
    """

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (ConfigError, WarehouseError) as error:
            fail(str(error))
        except Exception as error:
            fault = storage_fault(error)
            if fault is None:
                raise
            say(fault, err=True)
            raise SystemExit(BROKEN_OFF) from None

    return wrapped


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and end with exit code 2."""
    say(message, err=True)
    raise SystemExit(USAGE)


def write_output(path: Path, data: bytes) -> None:
    """Write a file that the user named, or say why not and end with exit code 2."""
    try:
        path.write_bytes(data)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")


def open_home(option: Path | None) -> Home:
    """Return the home directory, made where there is none."""
    home = Home.resolve(option, os.environ)
    home.create()
    return home


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def wide_console() -> Terminal:
    """Return standard output for tables; where it is no terminal, wide enough to cut nothing."""
    from pipelines.cli.terminal import Terminal

    console = Terminal()
    return console if console.is_terminal else Terminal(width=140)
