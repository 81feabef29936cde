"""`roamhouse replay`: every landed pull is loaded again, in the order in which it was made.

A full replay fills a new file and puts it in the old one's place only when all is done: until
then nothing is lost, and a lost or damaged warehouse is no obstacle.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from models.errors import Unusable
from pipelines.config.home import Home, find_partners_file
from pipelines.config.home_settings import load_settings
from pipelines.config.loading import load_partners
from pipelines.config.partners import Partners
from pipelines.config.pseudonyms import open_pseudonymiser
from pipelines.decisions.removals import accepted_removals
from pipelines.ingest.loading import Loading, load_pull
from pipelines.ingest.progress import NoProgress, Progress
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullRecord
from pipelines.orchestration.run_records import damaged_pulls, refresh_partner_health
from pipelines.stages.sequence import run_stages, stage_context
from pipelines.warehouse.connection import Warehouse, keep_others_out, open_warehouse
from pipelines.warehouse.copying import read_file
from pipelines.warehouse.lake import Lake
from pipelines.warehouse.rewind import Reload, clear, rewind
from pipelines.warehouse.snapshot import publish_home
from pipelines.warehouse.sql_files import insert_frame

_WAIT_S = 30.0
_SILENT = NoProgress()


@dataclass(frozen=True)
class ReplayResult:
    """The outcome of a replay."""

    pulls: int  # pulls loaded
    objects: int  # objects on their pages
    seconds: float  # how long it took
    failures: tuple[str, ...]  # pulls that are damaged and were not fetched again, one line each


def replay_landing(
    home: Home,
    partners_file: Path | None,
    *,
    since: datetime | None = None,
    lists: Collection[tuple[str, str]] | None = None,
    now: Callable[[], datetime],
    progress: Progress = _SILENT,
) -> ReplayResult:
    """Rebuild everything after the landing, and publish it.

    Args:
        home: the home directory.
        partners_file: the partners file, for the contracts; None: the usual one.
        since: only what pulls brought that began then or later, UTC; None: everything.
        lists: only these lists, as (partner, module); None: all.
        now: the clock, for the duration.
        progress: told how things go.

    Raises:
        ConfigError: there is no usable partners file, or another pseudonym key.
        WarehouseLocked: another process writes the warehouse.
    """
    partners = load_partners(find_partners_file(partners_file, os.environ, home))
    pseudonym = open_pseudonymiser(home, os.environ)
    accepted = accepted_removals(home)
    loading = Loading(Landing.of_home(home), pseudonym, progress, accepted)
    started = now()
    loading.landing.carry_waiting()
    if lists is not None:
        opened = _rewound(home, lambda con: [r for one in lists for r in clear(con, *one)])
    elif since is not None:
        opened = _rewound(home, lambda con: rewind(con, since))
    else:
        opened = _anew(home)
    with opened as (warehouse, wanted):
        pulls, objects, failures = _load(warehouse, loading, wanted)
        failures += _finish(warehouse, partners, home, progress)
    progress.step("publishing")
    _republish(home)
    seconds = (now() - started).total_seconds()
    return ReplayResult(pulls, objects, round(seconds, 3), tuple(failures))


_Wanted = Callable[[PullRecord], bool]
_TakeOut = Callable[[duckdb.DuckDBPyConnection], Sequence[Reload]]


@contextmanager
def _anew(home: Home) -> Iterator[tuple[Warehouse, _Wanted]]:
    """Provide a new file that takes the warehouse's place at the end."""
    with keep_others_out(home, wait_seconds=_WAIT_S) as lake:
        path = home.warehouse.with_name("replaying.duckdb")
        for leftover in path.parent.glob("replaying.duckdb*"):
            leftover.unlink()
        with Warehouse(path, memory_limit=load_settings(home).memory) as warehouse:
            if lake is not None:
                _carry_over_lake(warehouse, lake)
            else:
                _carry_over(warehouse, home.warehouse)
            yield warehouse, lambda _: True
            with warehouse.writer() as con:
                con.execute("checkpoint")
        if lake is not None:
            read_file(lake, path)
            path.unlink()
            return
        home.warehouse.with_name(home.warehouse.name + ".wal").unlink(missing_ok=True)
        path.replace(home.warehouse)


@contextmanager
def _rewound(home: Home, take_out: _TakeOut) -> Iterator[tuple[Warehouse, _Wanted]]:
    """Provide the warehouse itself, without what has to be loaded again."""
    with open_warehouse(home, wait_seconds=_WAIT_S) as warehouse, warehouse.alone():
        with warehouse.writer() as con:
            reloads = take_out(con)
        yield warehouse, lambda pull: _covered(pull, reloads)


def _covered(pull: PullRecord, reloads: Iterable[Reload]) -> bool:
    return any(
        (pull.partner, pull.module) == (reload.partner, reload.module)
        and (reload.since is None or pull.started_at >= reload.since)
        for reload in reloads
    )


def _load(warehouse: Warehouse, loading: Loading, wanted: _Wanted) -> tuple[int, int, list[str]]:
    count = objects = 0
    pulls = [
        pull
        for pull, _ in loading.landing.pulls()
        if wanted(pull) and not loading.landing.being_written(pull.pull_id)
    ]
    for pull in sorted(pulls, key=lambda one: (one.started_at, one.pull_id)):
        loading.progress.page(pull.partner, pull.module, pull.objects, None)
        load_pull(warehouse, loading, pull.pull_id)
        count += 1
        objects += pull.objects
    return count, objects, list(damaged_pulls(warehouse, missing_only=True).values())


def _finish(warehouse: Warehouse, partners: Partners, home: Home, progress: Progress) -> list[str]:
    refresh_partner_health(warehouse)
    return run_stages(warehouse, partners, home, progress.step)


def _republish(home: Home) -> None:
    with open_warehouse(home, wait_seconds=_WAIT_S) as warehouse:
        publish_home(warehouse, home)


def _carry_over(warehouse: Warehouse, old: Path) -> None:
    """Keep what no landing knows: the runs themselves, and contracts of partners that left."""
    if not old.exists():
        return
    with warehouse.writer() as con:
        try:
            con.execute(f"attach '{str(old).replace(chr(39), chr(39) * 2)}' as old (read_only)")
        except duckdb.Error:
            return  # damaged: that is what a replay is for, and the landing has the rest
        try:
            con.execute("insert into ops.runs by name select * from old.ops.runs")
            con.execute(
                "insert into recon.inputs by name "
                "select * from old.recon.inputs where source = 'contract'"
            )
        except duckdb.CatalogException:
            return
        finally:
            con.execute("detach old")


def _carry_over_lake(warehouse: Warehouse, old: Warehouse) -> None:
    """Keep the same of a lake, whose rows this process reads already."""
    with old.reader() as known, warehouse.writer() as con:
        for table, rows in (
            ("ops.runs", "select * from ops.runs"),
            ("recon.inputs", "select * from recon.inputs where source = 'contract'"),
        ):
            insert_frame(con, table, known.sql(rows).to_arrow_table())


class NothingFetched(Unusable):
    """No page was ever fetched, so there is nothing to settle."""


@dataclass(frozen=True)
class SettlingResult:
    """The outcome of settling again."""

    seconds: float  # how long it took
    failures: tuple[str, ...]  # what could not be proved of the tables, one line each


def settle_again(
    home: Home,
    partners: Partners,
    *,
    now: Callable[[], datetime],
    wait_seconds: float,
    progress: Progress = _SILENT,
) -> SettlingResult:
    """Derive prices, verdicts and statements of what is there, and publish them.

    Each stage looks only at what changed since it last ran: contracts, decisions, invoices.

    Args:
        home: the home directory.
        partners: the partners file, for the contracts.
        now: the clock, for the duration.
        wait_seconds: how long to wait for another process that writes the warehouse.
        progress: told how things go.

    Raises:
        NothingFetched: there is nothing to settle.
        WarehouseLocked: another process writes the warehouse and did not let go.
    """
    started = now()
    if not home.warehouse.exists() and Lake.of_home(home) is None:
        raise NothingFetched("nothing was fetched yet: start with `roamhouse run`")
    with open_warehouse(home, wait_seconds=wait_seconds) as warehouse:
        if stage_context(warehouse, partners, home) is None:
            raise NothingFetched("nothing was fetched yet: start with `roamhouse run`")
        failures = run_stages(warehouse, partners, home, progress.step)
        progress.step("publishing")
        publish_home(warehouse, home)
    return SettlingResult(round((now() - started).total_seconds(), 3), tuple(failures))
