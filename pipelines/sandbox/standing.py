"""What the EVSEs do that see no charges: some are broken, some go as the world moves on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.sandbox.chance import key_of
from pipelines.sandbox.clock import DAY_S
from pipelines.sandbox.places import Evse

SPARE_STATUSES = ("OUTOFORDER", "AVAILABLE", "INOPERATIVE", "AVAILABLE", "PLANNED", "BLOCKED")
REMOVED_AFTER_S = DAY_S
GONE_AFTER_S = 3 * DAY_S
BROKEN_DAYS = 60


@dataclass(frozen=True)
class Standing:
    """What an EVSE is doing, and since when."""

    status: str
    since: int


def spare_standing(evse: Evse, moment: int, now: int) -> Standing | None:
    """An EVSE that nobody uses; some are removed a day after `now` and gone two days later."""
    drawn = key_of(0, evse.uid)
    status = SPARE_STATUSES[drawn // 64 % len(SPARE_STATUSES)]
    if status in ("PLANNED", "INOPERATIVE") and moment >= now + REMOVED_AFTER_S:
        removed = Standing("REMOVED", now + REMOVED_AFTER_S)
        return removed if moment < now + GONE_AFTER_S else None
    return Standing(status, now - (1 + drawn // 8 % BROKEN_DAYS) * DAY_S - drawn // 512 % DAY_S)


def idle_ones(spare: Iterable[Evse], now: int) -> list[Evse]:
    """The spare EVSEs that work: free for charges that should not have been."""
    return [evse for evse in spare if _status(evse, now) == "AVAILABLE"]


def broken_ones(spare: Iterable[Evse], now: int) -> list[Evse]:
    """The spare EVSEs that are out of order."""
    return [evse for evse in spare if _status(evse, now) == "OUTOFORDER"]


def _status(evse: Evse, now: int) -> str | None:
    standing = spare_standing(evse, now, now)
    return standing.status if standing else None
