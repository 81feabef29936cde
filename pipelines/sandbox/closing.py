"""When the 2.3.0 partner closes its months and issues its invoices."""

from __future__ import annotations

from datetime import UTC, datetime

from pipelines.sandbox.clock import DAY_S

ISSUED_AFTER_S = 4 * DAY_S + 9 * 3600


def issue_times(moment: int) -> list[int]:
    """When the invoices of the past half year were issued, earliest first; UTC months."""
    today = datetime.fromtimestamp(moment, UTC)
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(6, -1, -1)]
    firsts = [int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) for year, month in months]
    return [first + ISSUED_AFTER_S for first in firsts if first + ISSUED_AFTER_S <= moment]


def issue_of(ended: int, made: int, issued: list[int]) -> int | None:
    """Which of the invoices a CDR belongs on; None: it comes on a later one.

    Args:
        ended: end of the charge.
        made: when the CDR was made.
        issued: from `issue_times`.
    """
    for number, when in enumerate(issued):
        if made < when and ended < when - ISSUED_AFTER_S:
            return number
    return None


def close_age_days(ended: int, made: int, now: int) -> int:
    """Days since the month of a CDR was invoiced; -1: it was not yet."""
    issued = issue_times(now)
    number = issue_of(ended, made, issued)
    return -1 if number is None else (now - issued[number]) // DAY_S
