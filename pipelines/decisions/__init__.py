"""What people decided: an append-only store of events that recomputing never touches.

Knows no Dagster and no warehouse: dashboards and commands open it on their own.
"""

from pipelines.decisions.store import DecisionsStore
from pipelines.decisions.who import whoami

__all__ = ["DecisionsStore", "whoami"]
