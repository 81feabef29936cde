"""Messages to people: causes that are open, since when, and whether the word went out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from pipelines.alerts.causes import Cause
from pipelines.config.home import write_private

FILE: Final = "alerts.json"


@dataclass(frozen=True)
class OpenCause:
    """A cause that is not over."""

    cause: Cause  # as it was last seen
    since: str  # when it was first seen, UTC, ISO 8601
    sent: bool  # whether people were told


@dataclass(frozen=True)
class Changes:
    """Changes to tell: what began and was not told yet, and what was told and is over."""

    begun: tuple[OpenCause, ...]
    over: tuple[OpenCause, ...]


def compare(
    known: dict[str, OpenCause], causes: list[Cause], now: datetime
) -> dict[str, OpenCause]:
    """Return what is open now: what was open keeps when it began and whether it was told.

    Args:
        known: what was open, by key.
        causes: what is there now.
        now: the clock, UTC.
    """
    return {
        cause.key: replace(known[cause.key], cause=cause)
        if cause.key in known
        else OpenCause(cause, now.isoformat(timespec="seconds"), sent=False)
        for cause in causes
    }


def changes(before: dict[str, OpenCause], after: dict[str, OpenCause]) -> Changes:
    """Return what people have to be told; what began and ended untold is nobody's concern."""
    return Changes(
        begun=tuple(one for one in after.values() if not one.sent),
        over=tuple(one for key, one in before.items() if key not in after and one.sent),
    )


def load(path: Path) -> dict[str, OpenCause]:
    """Read what is open, by key; nothing where nothing was ever written, or it cannot be read."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {
            key: OpenCause(Cause(**one["cause"]), one["since"], one["sent"])
            for key, one in stored.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        return {}  # torn by a power cut: people are told once more


def save(path: Path, opened: dict[str, OpenCause]) -> None:
    """Write what is open, whole or not at all."""
    text = json.dumps({key: asdict(one) for key, one in opened.items()}, indent=1)
    write_private(path, text.encode())
