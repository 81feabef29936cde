"""Asking again: which failures, how often, after how long.

Retried are 429, 5xx, timeouts, resets and truncated bodies (`OcpiError.retriable`), after
an exponential backoff with full jitter, or after what Retry-After says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pipelines.ocpi.clock import Clock
from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import HttpRefusedError, OcpiError, RateLimitedError, ServerFailureError

T = TypeVar("T")


async def persist(attempt: Callable[[], Awaitable[T]], policy: RetryPolicy, clock: Clock) -> T:
    """Try until it works, cannot work, or was tried and waited for long enough.

    Returns:
        What the first successful try returned.

    Raises:
        OcpiError: what the last try raised.
    """
    waited, tries = 0.0, 1
    while True:
        try:
            return await attempt()
        except OcpiError as error:
            if not error.retriable or tries >= policy.attempts:
                raise
            asked = error.retry_after_s if isinstance(error, RateLimitedError) else None
            pause = backoff_s(policy, tries, clock.jitter()) if asked is None else asked
            if waited + pause > policy.total_wait_s:
                raise
        await clock.sleep(pause)
        waited, tries = waited + pause, tries + 1


def refuse_http(
    who: str, status: int, retry_after: str | None, url: str, now: datetime, says: str = ""
) -> None:
    """Refuse an HTTP status outside 2xx.

    Args:
        who: the partner, for messages.
        status: the HTTP status.
        retry_after: the Retry-After header.
        url: what was asked, without secrets.
        now: the time of day, UTC.
        says: what the partner says of it.

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
        raise RateLimitedError(
            f"{who}: HTTP 429, the partner limits requests{asked}; lower requests_per_second",
            wait,
        )
    if status >= 500:
        raise ServerFailureError(
            f"{who}: HTTP {status}, the partner's server fails; run again later"
        )
    raise HttpRefusedError(
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

    Returns:
        Seconds.
    """
    doublings = min(attempt - 1, 30)
    return jitter * min(policy.longest_wait_s, policy.first_wait_s * 2.0**doublings)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds or an HTTP date.

    Args:
        header: the header's value.
        now: the time of day, UTC.

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
