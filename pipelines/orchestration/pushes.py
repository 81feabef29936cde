"""Pushes on their way to who looks: landed, and loaded into a copy of the newest snapshot.

So nobody waits for the warehouse, whoever holds it for however long; and what was derived is all of
one time, that of the last snapshot whose stages had ended. The warehouse itself loads the same
pulls before anything is derived from it, and comes to the same rows.
"""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import msgspec

from pipelines.config.home_settings import load_settings
from pipelines.ingest.loading import load_pull, load_waiting
from pipelines.ingest.pushes import alone_in, land_pushes, waiting_pushes
from pipelines.landing.files import Files
from pipelines.landing.journal import finished_segments
from pipelines.orchestration.run_records import refresh_partner_health
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.removal import LoadResult
from pipelines.warehouse.snapshot import amend, current, open_current
from pipelines.warehouse.sql_files import query

_SHARE = 4
"""A snapshot of a large warehouse takes long: publishing may take a quarter of the time."""


class Published(msgspec.Struct):
    """The last publishing; times by the monotonic clock."""

    at_s: float = 0.0  # when pushes were published last
    took_s: float = 0.0  # how long that took, but for loading them, which is done once anyway
    snapshot: str = ""  # the newest that is known to have every push that was landed

    def may_publish(self) -> bool:
        """Tell whether publishing would not take too much of the time."""
        return not 0 <= time.monotonic() - self.at_s < _SHARE * self.took_s


def take_pushes(warehouse: Warehouse, runtime: Runtime) -> list[LoadResult]:
    """Land what waits in the journal, and load every push that the warehouse does not have yet.

    Returns:
        What each pull did, of pushes and of the lists that they belong to.
    """
    land_pushes(runtime.landing, runtime.partners, runtime.now)
    with warehouse.reader() as con:
        waiting = waiting_pushes(con, runtime.landing)
    lists = {(partner, module) for partner, module, *_ in (one.split(".") for one in waiting)}
    if (own := runtime.own_lists) is not None:
        lists &= set(own)
    return load_waiting(warehouse, runtime.loading, only=lists)


def pushes_wait(runtime: Runtime, published: Published) -> bool:
    """Tell whether there may be pushes that no snapshot has, and they may be published now."""
    if not published.may_publish():
        return False
    newest = current(runtime.home.serving)
    changed = newest is not None and newest.name != published.snapshot
    return changed or bool(finished_segments(runtime.home.landing))


def publish_pushes(runtime: Runtime, published: Published) -> int:
    """Land what was pushed, and publish the newest snapshot with it; the warehouse is not touched.

    `published`: the last time; changed.

    Returns:
        How many pulls of pushes the new snapshot gained; 0: none was missing, it is as it was.

    Raises:
        WarehouseError: the newest snapshot cannot be used, or the disk is full.
    """
    began_s = time.monotonic()
    serving, landing = runtime.home.serving, runtime.landing
    land_pushes(landing, runtime.partners, runtime.now)
    newest = current(serving)
    if not _missing(runtime):
        published.snapshot = newest.name if newest else ""
        return 0
    keep = load_settings(runtime.home).retention.snapshots
    with alone_in(landing), amend(serving, keep=keep) as copy:
        merged = _merged_for(runtime, current(serving))
        with copy.reader() as con:
            missing = waiting_pushes(con, landing)
        loading = replace(runtime.loading, merged=Files(merged))
        before_s = time.monotonic()
        for pull_id in missing:
            load_pull(copy, loading, pull_id)
        began_s += time.monotonic() - before_s
        follow_statuses(copy)
        refresh_partner_health(copy)
    published.snapshot = copy.path.with_suffix(".duckdb").name
    merged.rename(merged.with_name(published.snapshot))
    published.at_s = time.monotonic()
    published.took_s = published.at_s - began_s
    return len(missing)


def follow_statuses(warehouse: Warehouse) -> None:
    """Bring the status of each EVSE that the map shows up to what was pushed."""
    with warehouse.writer() as con:
        con.execute(query("marts", "status_now"))


def _missing(runtime: Runtime) -> bool:
    con = open_current(runtime.home.serving)
    if con is None:
        return any(runtime.landing.pushes_after(*one, "") for one in runtime.landing.scopes())
    with con:
        return bool(waiting_pushes(con, runtime.landing))


def _merged_for(runtime: Runtime, newest: Path | None) -> Path:
    """Return the folder of what pushes became in the newest snapshot, if we made that one.

    Not the landing's own: that has what they became in the warehouse, where pulls that the snapshot
    lacks may lie before them.
    """
    folder = runtime.home.cache / "pushed"
    mine = folder / (newest.name if newest else "none")
    for other in folder.glob("*"):
        if other != mine:
            shutil.rmtree(other)
    mine.mkdir(parents=True, exist_ok=True)
    return mine
