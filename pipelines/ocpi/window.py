"""The window of `last_updated` that a pull asks for, as OCPI writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def wire_time(timestamp: datetime) -> str:
    """Write a timestamp as every version reads it: UTC, whole seconds, `Z` (types, DateTime)."""
    return timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Window:
    """A window: inclusive start, exclusive end; None: open."""

    date_from: datetime | None
    date_to: datetime | None

    def filters(self) -> dict[str, str]:
        """Return the query parameters."""
        timestamps = {"date_from": self.date_from, "date_to": self.date_to}
        return {name: wire_time(timestamp) for name, timestamp in timestamps.items() if timestamp}

    def split(self, days: int | None) -> Iterator[Window]:
        """Cut a closed window into pieces of at most so many days, oldest first."""
        if days is None or self.date_from is None or self.date_to is None:
            yield self
            return
        start = self.date_from
        while start + timedelta(days=days) < self.date_to:
            yield Window(start, start + timedelta(days=days))
            start += timedelta(days=days)
        yield Window(start, self.date_to)
