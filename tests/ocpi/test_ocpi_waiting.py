from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocpi_world import NOW, StillClock, run

from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import (
    BrokenConnectionError,
    HttpRefusedError,
    OcpiError,
    RateLimitedError,
)
from pipelines.ocpi.pacing import backoff_s, persist, retry_after_s


@settings(deadline=None)
@given(st.integers(1, 10_000), st.floats(0, 1))
def test_backoff_doubles_up_to_its_bound(attempt: int, jitter: float) -> None:
    policy = RetryPolicy(first_wait_s=0.5, longest_wait_s=30)
    pause = backoff_s(policy, attempt, jitter)
    assert pause == jitter * min(30, 0.5 * 2 ** min(attempt - 1, 60))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("Sun, 01 Nov 2026 12:00:30 GMT", 29.654322),
        ("Sun, 01 Nov 2026 12:00:30 -0000", 29.654322),
        ("Sun, 01 Nov 2026 11:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, NOW) == seconds


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_retry_after_is_survived(header: str) -> None:
    seconds = retry_after_s(header, NOW)
    assert seconds is None or seconds >= 0


def failing(errors: list[OcpiError]) -> Callable[[], Awaitable[str]]:
    async def attempt() -> str:
        if errors:
            raise errors.pop(0)
        return "done"

    return attempt


def test_retriable_failures_are_retried_with_growing_pauses(still: StillClock) -> None:
    errors: list[OcpiError] = [BrokenConnectionError("x") for _ in range(3)]
    assert run(persist(failing(errors), RetryPolicy(), still.clock())) == "done"
    assert still.pauses == [0.25, 0.5, 1.0]


def test_attempts_are_counted(still: StillClock) -> None:
    errors: list[OcpiError] = [BrokenConnectionError(str(n)) for n in range(9)]
    with pytest.raises(BrokenConnectionError, match="2"):
        run(persist(failing(errors), RetryPolicy(attempts=3), still.clock()))
    assert len(still.pauses) == 2


def test_refusals_are_not_retried(still: StillClock) -> None:
    with pytest.raises(HttpRefusedError):
        run(persist(failing([HttpRefusedError("x", 404)]), RetryPolicy(), still.clock()))
    assert still.pauses == []


def test_the_partner_s_own_pause_is_kept(still: StillClock) -> None:
    assert run(persist(failing([RateLimitedError("x", 42.0)]), RetryPolicy(), still.clock()))
    assert still.pauses == [42.0]


def test_a_pause_beyond_all_patience_gives_up_at_once(still: StillClock) -> None:
    errors: list[OcpiError] = [RateLimitedError("x", 200.0) for _ in range(5)]
    with pytest.raises(RateLimitedError):
        run(persist(failing(errors), RetryPolicy(total_wait_s=300), still.clock()))
    assert still.pauses == [200.0]
