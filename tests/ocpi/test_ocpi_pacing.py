from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocpi_world import StillClock, run

from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import CircuitOpenError
from pipelines.ocpi.pacing import Breaker, Pacer


async def waits(pacer: Pacer, count: int) -> None:
    for _ in range(count):
        await pacer.wait()


def test_a_second_s_worth_goes_at_once_and_then_the_rate_holds(still: StillClock) -> None:
    run(waits(Pacer(10, still.clock()), 30))
    assert still.seconds == pytest.approx(2.0)


def test_a_slow_partner_gets_one_request_in_thirty_seconds(still: StillClock) -> None:
    run(waits(Pacer(1 / 30, still.clock()), 3))
    assert still.seconds == pytest.approx(60.0)


@settings(deadline=None)
@given(st.floats(0.01, 1000), st.integers(1, 200))
def test_never_more_than_the_burst_and_the_rate(rate: float, count: int) -> None:
    still = StillClock()
    run(waits(Pacer(rate, still.clock()), count))
    assert count <= max(1.0, rate) + still.seconds * rate + 1e-3


def test_requests_at_the_same_time_share_the_bucket(still: StillClock) -> None:
    async def together() -> None:
        pacer = Pacer(5, still.clock())
        await asyncio.gather(*(waits(pacer, 5) for _ in range(4)))

    run(together())
    assert still.seconds == pytest.approx(3.0)


def test_a_429_closes_the_bucket_and_halves_the_rate(still: StillClock) -> None:
    pacer = Pacer(8, still.clock())
    pacer.slow_down(20)
    run(waits(pacer, 1))
    assert still.seconds == pytest.approx(20)
    assert pacer.rate == 4
    for _ in range(100):
        pacer.slow_down(None)
    assert pacer.rate == 8 / 64
    for _ in range(100):
        pacer.record_success()
    assert pacer.rate == 8


@pytest.mark.parametrize("second", [5, None])
def test_a_shorter_retry_after_does_not_shorten_a_longer_one(
    still: StillClock, second: float | None
) -> None:
    pacer = Pacer(8, still.clock())
    pacer.slow_down(20)
    pacer.slow_down(second)
    run(waits(pacer, 1))
    assert still.seconds == pytest.approx(20)


def test_the_circuit_opens_and_lets_one_through_after_a_while(still: StillClock) -> None:
    breaker = Breaker("voltix", RetryPolicy(failures_to_open=2, open_s=60), still.clock())
    breaker.record_failure()
    breaker.check()
    breaker.record_failure()
    with pytest.raises(CircuitOpenError, match="voltix: 2 requests in a row failed"):
        breaker.check()
    still.seconds += 60
    breaker.check()
    with pytest.raises(CircuitOpenError):
        breaker.check()
    breaker.record_success()
    breaker.check()
