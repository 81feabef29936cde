"""Disk faults in one line: a full or read-only home is nobody's bug."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_FULL_WORDS = ("disk is full", "no space left")
_FORBIDDEN_WORDS = ("readonly database", "read-only", "permission denied")
_KEPT = "what was landed and committed is kept"


def storage_fault(error: BaseException) -> str | None:
    """Return the sentence for a person whose disk ended a command.

    Args:
        error: what ended it; libraries wrap what the disk said, so its causes are looked at too.

    Returns:
        What was refused and what to do; None: it was something else.
    """
    for cause in _chain(error):
        if isinstance(cause, OSError):
            advice = _advice_by_number(cause.errno)
            place = f"{cause.filename}: " if cause.filename else ""
            said = f"{place}{cause.strerror}"
        elif isinstance(cause, _database_errors()):
            said = str(cause).splitlines()[0]
            advice = _advice_by_words(said.lower())
        else:
            continue
        if advice:
            return f"The home cannot be written: {said}; {advice} and try again ({_KEPT})"
    return None


def _database_errors() -> tuple[type[Exception], ...]:
    """Return what the databases raise that are in use: loading one to ask would cost more."""
    duckdb = sys.modules.get("duckdb")
    return (sqlite3.Error,) if duckdb is None else (sqlite3.Error, duckdb.Error)


def _advice_by_number(number: int | None) -> str | None:
    if number in _FULL:
        return "make room"
    return "check who may write there" if number in _FORBIDDEN else None


def _advice_by_words(said: str) -> str | None:
    if any(words in said for words in _FULL_WORDS):
        return "make room"
    if any(words in said for words in _FORBIDDEN_WORDS):
        return "check who may write there"
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
