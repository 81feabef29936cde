"""Time and chance as the client sees them, so that tests can hold both still."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """The clock, the pauses and the dice of a client."""

    now: Callable[[], datetime] = _now  # the time of day, UTC
    monotonic: Callable[[], float] = time.monotonic  # seconds since some instant, never going back
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep  # waits for that many seconds
    jitter: Callable[[], float] = random.random  # a number from 0 to 1, anew at each call
