"""Colours that stay apart for people who see fewer of them, and what each stands for.

The base is the set of Okabe and Ito, darkened where white ground needs it. Colour never carries
a meaning alone: the word stands next to it.
"""

from __future__ import annotations

from typing import Final

BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
GREEN: Final = "#009E73"
ORANGE: Final = "#E69F00"
VERMILION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
GREY: Final = "#8A9099"
YELLOW: Final = "#F0E442"

SERIES: Final = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, GREY, YELLOW)
"""For series without a meaning of their own, in this order."""

AMOUNTS: Final = {
    "claimed": BLUE,
    "payable": GREEN,
    "disputed": VERMILION,
    "rejected": "#8C2D04",
    "held back": GREY,
}
PRICES: Final = (BLUE, SKY, YELLOW, ORANGE, VERMILION)
"""From cheap to dear."""
LIGHT: Final = frozenset({SKY, YELLOW, ORANGE})
"""Grounds on which letters are dark."""

EVSE_STATUSES: Final = {
    "AVAILABLE": GREEN,
    "CHARGING": BLUE,
    "RESERVED": SKY,
    "BLOCKED": PURPLE,
    "INOPERATIVE": VERMILION,
    "OUTOFORDER": "#8C2D04",
    "PLANNED": YELLOW,
    "REMOVED": "#5B616B",
    "UNKNOWN": GREY,
}


def scale(colours: dict[str, str], present: list[str]) -> tuple[list[str], list[str]]:
    """Return a colour scale's domain and range for values that occur, in the palette's order."""
    domain = [name for name in colours if name in set(present)]
    return domain, [colours[name] for name in domain]
