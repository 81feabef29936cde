"""Messages to people: causes that are open, since when, and whether the word went out."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from pipelines.alerts.causes import Cause
from pipelines.config.home import write_private

FILE: Final = "alerts.json"


@dataclass(frozen=True)
class OpenCause:
    """A cause that people have to be told of, or were told of and not yet that it is over."""

    cause: Cause  # as it was last seen
    since: str  # when it was first seen, UTC, ISO 8601
    sent: bool  # whether people were told
    ended: str | None = None  # when it was first seen to be over


@dataclass(frozen=True)
class Changes:
    """Changes to tell: what began and was not told yet, what was told and is over; and the rest."""

    begun: tuple[OpenCause, ...]
    over: tuple[OpenCause, ...]
    still: tuple[OpenCause, ...]


def compare(
    known: dict[str, OpenCause], causes: list[Cause], now: datetime
) -> dict[str, OpenCause]:
    """Return what is open now, and what was told and is over; what ended untold goes."""
    at = now.isoformat(timespec="seconds")
    fresh = {cause.key: OpenCause(cause, at, sent=False) for cause in causes}
    open_now = {
        key: replace(known[key], cause=one.cause, ended=None) if key in known else one
        for key, one in fresh.items()
    }
    over = {
        key: replace(one, ended=one.ended or at)
        for key, one in known.items()
        if key not in fresh and one.sent
    }
    return open_now | over


def changes(memory: dict[str, OpenCause], is_due: Callable[[Cause, datetime], bool]) -> Changes:
    """Return what people have to be told now.

    Args:
        memory: as `compare` returns it.
        is_due: whether the word about a cause that began or ended then goes out.
    """

    def due(one: OpenCause) -> bool:
        return is_due(one.cause, datetime.fromisoformat(one.ended or one.since))

    opened = [one for one in memory.values() if not one.ended]
    return Changes(
        begun=tuple(one for one in opened if not one.sent and due(one)),
        over=tuple(one for one in memory.values() if one.ended and due(one)),
        still=tuple(one for one in opened if one.sent),
    )


def load(path: Path) -> dict[str, OpenCause]:
    """Read what is open, by key; nothing where nothing was ever written, or it cannot be read."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {
            key: OpenCause(**{**one, "cause": Cause(**one["cause"])}) for key, one in stored.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        return {}  # torn by a power cut: people are told once more


def save(path: Path, opened: dict[str, OpenCause]) -> None:
    """Write what is open, whole or not at all."""
    text = json.dumps({key: asdict(one) for key, one in opened.items()}, indent=1)
    write_private(path, text.encode())
