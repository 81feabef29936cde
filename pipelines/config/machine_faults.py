"""Refusals of the machine (disk, permissions, open files, memory), as a sentence with what to do.

Libraries wrap what the system said, so the causes of an error are looked at too; a database says
only in words what it met, and so does a library that cannot be loaded.
"""

import errno
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_KEPT: Final = "what was landed and committed is kept"


@dataclass(frozen=True)
class _Refusal:
    numbers: frozenset[int]  # of the system's errors
    words: tuple[str, ...]  # in what databases say, small letters
    what: str
    advice: str


_REFUSALS: Final = (
    _Refusal(
        frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG}),
        ("disk is full", "no space left", "file too large", "quota exceeded"),
        "The home cannot be written",
        "make room",
    ),
    _Refusal(
        frozenset({errno.EROFS, errno.EACCES, errno.EPERM}),
        ("readonly database", "read-only file system", "permission denied"),
        "A file may not be used",
        "check who may read and write there",
    ),
    _Refusal(
        frozenset({errno.EMFILE, errno.ENFILE}),
        ("too many open files", "unable to open database file"),
        "A file cannot be opened",
        "allow more open files (`ulimit -n 1024`), check who may read and write there",
    ),
    _Refusal(
        frozenset({errno.ENOMEM}),
        ("out of memory", "failed to allocate", "cannot allocate memory", "failed to map segment"),
        "There is not enough memory",
        "end other programs or give this one more",
    ),
)


def machine_fault(error: BaseException) -> str | None:
    """Return the sentence for a person whose machine ended a command.

    Returns:
        What was refused and what to do; None: it was something else.
    """
    for cause in _chain(error):
        said, refusal = _refusal_of(cause)
        if refusal is not None:
            return f"{refusal.what}: {said}; {refusal.advice} and try again ({_KEPT})"
    return None


def _refusal_of(error: BaseException) -> tuple[str, _Refusal | None]:
    if isinstance(error, MemoryError):
        return "this process got no more", _REFUSALS[-1]
    if isinstance(error, OSError) and error.errno is not None:
        place = f"{error.filename}: " if error.filename else ""
        found = (one for one in _REFUSALS if error.errno in one.numbers)
        return f"{place}{error.strerror}", next(found, None)
    # Arrow hands on what the database said as an OSError without a number.
    if isinstance(error, (OSError, ImportError, *_database_errors())):
        said = next(iter(str(error).splitlines()), "")
        found = (one for one in _REFUSALS if any(word in said.lower() for word in one.words))
        return said, next(found, None)
    return "", None


def _database_errors() -> tuple[type[Exception], ...]:
    """Return what the databases raise that are in use: loading one to ask would cost more."""
    duckdb = sys.modules.get("duckdb")
    return (sqlite3.Error,) if duckdb is None else (sqlite3.Error, duckdb.Error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
