"""The pace of requests to a partner: token bucket and circuit breaker."""

from __future__ import annotations

import asyncio

from pipelines.ocpi.clock import Clock
from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import CircuitOpenError

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
            raise CircuitOpenError(
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
