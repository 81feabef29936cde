"""Rating: what a charge should have cost by its tariff, exact and explained.

Frames or single objects in, price lines and totals out; `docs/rating.md` walks through the
rules. Loading and storing are `pipelines.stages.rating`'s.
"""

from typing import Final

SEVERITIES: Final = ("error", "warning", "info")
"""Severities of what the lint finds; here, because a command's help may not wait for the lint."""
