"""Retention: what `settings.yaml` lets go is removed, and the tables follow the landing."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from models.errors import Refused
from pipelines.config.home import Home
from pipelines.config.home_settings import load_settings
from pipelines.ingest.pushes import alone_in
from pipelines.landing.landing import Landing
from pipelines.landing.removal import outlived, remove_pulls, unnamed_bodies
from pipelines.orchestration.housekeeping import tend_lake, tidy_history
from pipelines.orchestration.instance import open_instance
from pipelines.orchestration.replay import replay_landing
from pipelines.warehouse.connection import keep_others_out
from pipelines.warehouse.lake_files import LakeUpkeep
from pipelines.warehouse.snapshot import open_current, tidy
from pipelines.warehouse.sql_files import query

_WAIT_S = 600.0
_UNFINISHED = timedelta(days=1)


class PruneRefused(Refused):
    """Something may not go as things stand; the message says why and what to do."""


@dataclass(frozen=True)
class Pruned:
    """Pages that went, or would go."""

    pulls: int  # landed pulls
    lists: tuple[tuple[str, str], ...]  # the lists they were of, as (partner, module)
    runs: int  # of Dagster's history
    snapshots: int  # published copies
    freed_bytes: int  # by which the home is smaller now
    lake: LakeUpkeep | None = None  # of the lake's files; None: the warehouse is a file


def prune(
    home: Home,
    *,
    partners: Path | None,
    now: Callable[[], datetime],
    only_say: bool = False,
    waiting: Callable[[str], None] | None = None,
) -> Pruned:
    """Remove what is older than the home's settings say.

    Raises:
        ConfigError: settings or partners file cannot be used.
        PruneRefused: pages of months that are not locked would go, or a pull is under way.
        WarehouseLocked: a run did not end in time.
    """
    retention = load_settings(home).retention
    began = now()
    landing = Landing.of_home(home)
    going = _outlived(landing, began - retention.landing) if retention.landing is not None else {}
    pull_ids = [pull_id for ids in going.values() for pull_id in ids]
    if pull_ids and retention.landing is not None:
        _refuse_open_months(home, began - retention.landing)
    lists = tuple(sorted({*going, *_pulls_gone(home, landing)}))
    if only_say:
        return Pruned(len(pull_ids), lists, 0, 0, 0)
    before = _size(home.path)
    with keep_others_out(home, wait_seconds=_WAIT_S, waiting=waiting):
        landing.carry_waiting()
        with alone_in(landing):
            _refuse_pulls_under_way(landing)
            if pull_ids:
                remove_pulls(landing, pull_ids)
            _remove_unnamed(landing, began - _UNFINISHED)
            landing.objects.sweep(began - _UNFINISHED)
        snapshots = tidy(home.serving, retention.snapshots)
    if lists:  # the tables are a function of the landing: what went from one goes from the other
        replay_landing(home, partners, lists=lists, now=now)
    lake = tend_lake(home, began)
    with open_instance(home) as instance:
        limit = None if retention.history is None else began - retention.history
        runs = tidy_history(instance, limit)
    freed = max(0, before - _size(home.path))
    return Pruned(len(pull_ids), lists, runs, snapshots, freed, lake)


def _remove_unnamed(landing: Landing, before: datetime) -> None:
    """Remove bodies that no manifest names, as a killed process leaves them."""
    for sha256 in unnamed_bodies(landing):
        stored = landing.objects.stat(sha256)
        if stored is not None and stored.modified_at < before:
            landing.objects.remove(sha256)


def _pulls_gone(home: Home, landing: Landing) -> Iterator[tuple[str, str]]:
    """Yield the lists whose tables hold pulls that the landing lost: a prune was killed there."""
    con = open_current(home.serving)
    if con is None:
        return
    with con:
        rows = con.execute("select pull_id, partner, module from ops.pulls").fetchall()
    for pull_id, partner, module in rows:
        if not landing.begins(pull_id):
            yield partner, module


def _outlived(landing: Landing, before: datetime) -> dict[tuple[str, str], list[str]]:
    found = {}
    for partner, module in landing.scopes():
        pulls = outlived((pull for pull, _ in landing.pulls(partner, module)), before)
        if pulls:
            found[partner, module] = [pull.pull_id for pull in pulls]
    return found


def _refuse_open_months(home: Home, before: datetime) -> None:
    """Refuse to take the pages of a month that nobody locked: a lock keeps its own rows."""
    con = open_current(home.serving)
    if con is None:
        return
    with con:
        rows = con.execute(query("ops", "unlocked_months"), {"before": before}).fetchall()
    if rows:
        some = ", ".join(f"{month} of {partner}" for partner, month in rows[:3])
        raise PruneRefused(
            f"{len(rows)} months before {before:%Y-%m-%d} are not locked ({some}): lock them with "
            "`roamhouse close`, or keep the landing longer (retention.landing)"
        )


def _refuse_pulls_under_way(landing: Landing) -> None:
    for partner, module in landing.scopes():
        newest = landing.pull_ids(partner, module)[-1:]
        if any(landing.being_written(pull_id) for pull_id in newest):
            raise PruneRefused(f"{partner} {module} is being pulled; try again when that is over")


def _size(folder: Path) -> int:
    return sum(
        os.stat(Path(root, name)).st_size  # noqa: PTH116 - many files
        for root, _, names in os.walk(folder)
        for name in names
        if Path(root, name).exists()
    )
