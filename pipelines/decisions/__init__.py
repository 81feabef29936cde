"""Decisions of people: an append-only store of events that recomputing never touches.

Knows no Dagster and no warehouse: dashboards and commands open it on their own.
"""

from pipelines.decisions.store import Decision, DecisionsStore
from pipelines.decisions.user import acting_user

__all__ = ["Decision", "DecisionsStore", "acting_user"]
