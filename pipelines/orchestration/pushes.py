"""Taking what partners pushed into the warehouse, while nobody else writes it."""

from __future__ import annotations

from pipelines.ingest.loading import load_waiting
from pipelines.ingest.pushes import land_pushes
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.result import LoadResult


def take_pushes(warehouse: Warehouse, runtime: Runtime) -> list[LoadResult]:
    """Land and load the pushes that wait in the journal; those that a killed run landed, too.

    Returns:
        What each pull of pushes did.
    """
    landing = runtime.landing
    pulls = land_pushes(landing, runtime.partners, runtime.now)
    if not pulls:
        return []
    loading = runtime.loading
    lists = {(partner, module) for partner, module, *_ in (one.split(".") for one in pulls)}
    waiting = load_waiting(warehouse, loading, only=lists)
    return [result for result in waiting if result.pull_id in pulls]
