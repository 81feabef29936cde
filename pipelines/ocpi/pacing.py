"""The clock and the pace of requests to a partner: token bucket, circuit breaker, retries.

Retried are 429, 5xx, timeouts, resets and truncated bodies (`OcpiError.retriable`), after
an exponential backoff with full jitter, or after what Retry-After says. Time and chance are a
`Clock`, so that tests can hold both still.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pipelines.ocpi import errors
from pipelines.ocpi.connection import RetryPolicy


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """The clock, the pauses and the dice of a client."""

    now: Callable[[], datetime] = _now  # the time of day, UTC
    monotonic: Callable[[], float] = time.monotonic  # seconds since some instant, never going back
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep  # waits for that many seconds
    jitter: Callable[[], float] = random.random  # a number from 0 to 1, anew at each call


_SLOWEST = 1 / 64  # of the configured rate: slower than that, waiting does not help
_RECOVERY = 1.1


class Pacer:
    """A token bucket of one second's worth, which halves its rate when asked to slow down.

    `rate`: most requests in a second.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self._configured = rate
        self._rate = rate
        self._depth = max(1.0, rate)
        self._level = self._depth
        self._clock = clock
        self._filled_at = clock.monotonic()
        self._closed_until = self._filled_at
        self._turn = asyncio.Lock()

    @property
    def rate(self) -> float:
        """Requests in a second that are allowed just now."""
        return self._rate

    async def wait(self) -> None:
        """Wait until one more request may go out; callers are served in order."""
        async with self._turn:
            while (pause := self._missing()) > 0:
                await self._clock.sleep(pause)
            self._level -= 1

    def _missing(self) -> float:
        now = self._clock.monotonic()
        filled = self._level + (now - self._filled_at) * self._rate
        self._level, self._filled_at = min(self._depth, filled), now
        if now < self._closed_until:
            return self._closed_until - now
        # A hair's breadth is forgiven: rounding must not turn into a pause of no length.
        return max(0.0, (1 - self._level) / self._rate) if self._level < 1 - 1e-9 else 0.0

    def slow_down(self, pause_s: float | None) -> None:
        """Heed a 429: halve the rate, and close for as long as the partner said."""
        self._rate = max(self._rate / 2, self._configured * _SLOWEST)
        self._level = min(self._level, 1.0)
        if pause_s is not None:
            until = self._clock.monotonic() + pause_s
            self._closed_until = max(self._closed_until, until)

    def record_success(self) -> None:
        """Recover the rate bit by bit."""
        self._rate = min(self._configured, self._rate * _RECOVERY)


class Breaker:
    """Opens after some failed requests in a row; lets one through after a while."""

    def __init__(self, name: str, policy: RetryPolicy, clock: Clock) -> None:
        self._name = name
        self._policy = policy
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None

    def check(self) -> None:
        """Refuse a request while the circuit is open.

        Raises:
            CircuitOpenError: the partner is being left alone.
        """
        if self._opened_at is None:
            return
        left = self._opened_at + self._policy.open_s - self._clock.monotonic()
        if left > 0:
            raise errors.CircuitOpenError(
                f"{self._name}: {self._failures} requests in a row failed; not asking again "
                f"for {left:.0f} s, run again when the partner is back"
            )
        self._opened_at = self._clock.monotonic()  # one request tries; the others wait on

    def record_failure(self) -> None:
        """Count a request that failed for good."""
        self._failures += 1
        if self._failures >= self._policy.failures_to_open:
            self._opened_at = self._clock.monotonic()

    def record_success(self) -> None:
        """Close the circuit."""
        self._failures, self._opened_at = 0, None


T = TypeVar("T")


async def persist(attempt: Callable[[], Awaitable[T]], policy: RetryPolicy, clock: Clock) -> T:
    """Try until it works, cannot work, or was tried and waited for long enough.

    Raises:
        OcpiError: what the last try raised.
    """
    waited, tries = 0.0, 1
    while True:
        try:
            return await attempt()
        except errors.OcpiError as error:
            if not error.retriable or tries >= policy.attempts:
                raise
            asked = error.retry_after_s if isinstance(error, errors.RateLimitedError) else None
            pause = backoff_s(policy, tries, clock.jitter()) if asked is None else asked
            if waited + pause > policy.total_wait_s:
                raise
        await clock.sleep(pause)
        waited, tries = waited + pause, tries + 1


def refuse_http(
    who: str, status: int, retry_after: str | None, url: str, now: datetime, says: str = ""
) -> None:
    """Refuse an HTTP status outside 2xx.

    Raises:
        RateLimitedError: 429.
        ServerFailureError: 5xx.
        HttpRefusedError: anything else.
    """
    if 200 <= status < 300:
        return
    if status == 429:
        wait = retry_after_s(retry_after, now)
        asked = "" if wait is None else f" and asks us to wait {wait:.0f} s"
        raise errors.RateLimitedError(
            f"{who}: HTTP 429, the partner limits requests{asked}; lower requests_per_second", wait
        )
    if status >= 500:
        raise errors.ServerFailureError(
            f"{who}: HTTP {status}, the partner's server fails; run again later"
        )
    raise errors.HttpRefusedError(
        f"{who}: HTTP {status}{f' ({says})' if says else ''} for {url}; ask the partner whether "
        "it is there, open to us, and limited to a window_days",
        status,
    )


def backoff_s(policy: RetryPolicy, attempt: int, jitter: float) -> float:
    """Return the pause after a failed attempt.

    Args:
        policy: first and longest pause.
        attempt: 1 after the first attempt.
        jitter: a number from 0 to 1; the pause is that part of its upper bound.
    """
    doublings = min(attempt - 1, 30)
    return jitter * min(policy.longest_wait_s, policy.first_wait_s * 2.0**doublings)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds or an HTTP date.

    Returns:
        Seconds from now, never negative; None: absent or unreadable.
    """
    text = (header or "").strip()
    try:
        return max(0.0, float(text)) if text[:1].isdigit() and len(text) < 20 else _until(text, now)
    except ValueError:
        return None


def _until(text: str, now: datetime) -> float | None:
    if not text:
        return None
    timestamp = parsedate_to_datetime(text)
    if timestamp.tzinfo is None:
        timestamp = timestamp.replace(tzinfo=UTC)
    return max(0.0, (timestamp - now).total_seconds())
