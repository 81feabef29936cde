"""Decisions of people: an append-only store of events that recomputing never touches.

Knows no Dagster and no warehouse: dashboards and commands open it on their own.
"""

from typing import TYPE_CHECKING

from models.lazy_names import lazy_names

if TYPE_CHECKING:
    from pipelines.decisions.store import Decision, DecisionsStore
    from pipelines.decisions.user import acting_user

__all__ = ["Decision", "DecisionsStore", "acting_user"]

__getattr__ = lazy_names(
    __name__,
    {
        "pipelines.decisions.store": "Decision DecisionsStore",
        "pipelines.decisions.user": "acting_user",
    },
)
