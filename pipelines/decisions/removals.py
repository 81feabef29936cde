"""Accepted removals: a person says that what a complete list lacks is gone.

The decision names the pull, so that loading it again from the landing gives the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pipelines.config.home import Home
from pipelines.decisions.opening import has_decisions, open_decisions

EVERY_PARTY = "*"


def accepted_removals(home: Home) -> Mapping[str, frozenset[str]]:
    """Return the accepted removals of a home.

    Returns:
        Pull id → `CC/PID` of the parties whose removals by it were accepted, `*` for all.
    """
    if not has_decisions(home):
        return {}
    accepted: dict[str, frozenset[str]] = {}
    with open_decisions(home, clock=lambda: datetime.now(UTC)) as store:
        for event in store.events("removal"):
            parties = accepted.get(event.stream, frozenset())
            accepted[event.stream] = parties | {event.data["party"]}
    return accepted
