"""How long to wait before asking again: exponential backoff, full jitter, Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipelines.ocpi.connection import RetryPolicy


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
    moment = parsedate_to_datetime(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
