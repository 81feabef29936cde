"""Taking pushes in: landed, loaded and published by whoever holds the warehouse.

That is the sensor where nobody else writes, and a run that derives, between its steps: otherwise
what was pushed would wait for all of them.
"""

from __future__ import annotations

import time

import msgspec

from pipelines.ingest.loading import load_waiting
from pipelines.ingest.pushes import land_pushes
from pipelines.landing.journal import finished_segments
from pipelines.orchestration.run_records import refresh_partner_health
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.removal import LoadResult
from pipelines.warehouse.snapshot import publish_home
from pipelines.warehouse.sql_files import query

_SHARE = 4
"""A snapshot of a large warehouse takes long: publishing may take a quarter of the time."""


class Published(msgspec.Struct):
    """The last publishing; times by the monotonic clock."""

    at_s: float = 0.0  # when a snapshot was published last
    took_s: float = 0.0  # how long that took
    is_due: bool = False  # whether something was loaded that no snapshot has

    def may_publish(self) -> bool:
        """Tell whether publishing would not take too much of the time."""
        return not 0 <= time.monotonic() - self.at_s < _SHARE * self.took_s


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


def pushes_wait(runtime: Runtime, published: Published) -> bool:
    """Tell whether there is anything to load, or to publish."""
    if finished_segments(runtime.home.landing):
        return True
    return published.is_due and published.may_publish()


def serve_pushes(warehouse: Warehouse, runtime: Runtime, published: Published) -> None:
    """Load what waits, and publish it.

    Args:
        warehouse: open for writing, outside a transaction.
        runtime: the home, the partners, the clock.
        published: the last time; changed.
    """
    published.is_due |= bool(take_pushes(warehouse, runtime))
    if not published.is_due or not published.may_publish():
        return
    began_s = time.monotonic()
    with warehouse.writer() as con:
        con.execute(query("marts", "status_now"))
    refresh_partner_health(warehouse)
    publish_home(warehouse, runtime.home)
    published.at_s, published.is_due = time.monotonic(), False
    published.took_s = published.at_s - began_s
