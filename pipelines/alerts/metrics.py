"""Metrics: figures of a home as Prometheus text, for the node exporter and for who asks."""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from duckdb import DuckDBPyConnection as DuckDB

from pipelines.alerts.causes import Cause, find_causes
from pipelines.config.home import Home
from pipelines.config.home_settings import load_settings
from pipelines.config.loading import load_partners
from pipelines.warehouse.snapshot import current, open_current
from pipelines.warehouse.sql_files import query

_HELP: Final = {
    "cdrs": "CDRs in the warehouse.",
    "partner_ok": "1 where everything of a partner came on its last visit.",
    "partner_visited_timestamp_seconds": "Time of a partner's last visit.",
    "partner_consecutive_failures": "Visits since everything of a partner came.",
    "partner_complete_until_timestamp_seconds": "Time until which a partner's lists are whole.",
    "partner_objects_refused": "Objects of a partner that could not be used.",
    "run_ok": "1 where the last run failed nowhere.",
    "run_finished_timestamp_seconds": "Time when the last run ended.",
    "run_duration_seconds": "Duration of the last run.",
    "causes": "Things that need a person, by kind.",
    "snapshot_timestamp_seconds": "Time when the newest snapshot was published.",
    "disk_free_bytes": "Room where the home is.",
}
_Sample = tuple[str, str, float]


def write_metrics(path: Path, con: DuckDB, home: Home, causes: Iterable[Cause]) -> None:
    """Write the figures to a file, whole or not at all; anybody may read it.

    Args:
        path: the file, as `/var/lib/node_exporter/roamhouse.prom`.
        con: the newest snapshot.
        home: the home directory.
        causes: what needs a person.

    Raises:
        OSError: the file cannot be written.
    """
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(metrics_text(_samples(con, home, causes)), encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(path)


def current_metrics(home: Home, partners_file: Path, now: datetime) -> str:
    """Return the figures as they are now; empty where nothing was published yet.

    `partners_file`: who is visited.

    Raises:
        ConfigError: settings or partners file cannot be used.
    """
    partners, alerts = load_partners(partners_file), load_settings(home).alerts
    con = open_current(home.serving)
    if con is None:
        return ""
    with con:
        causes = find_causes(con, partners, now=now, money_above=alerts.money_above, home=home.path)
        return metrics_text(_samples(con, home, causes))


def metrics_text(samples: Iterable[_Sample]) -> str:
    """Return samples in Prometheus's text format.

    `samples`: name, labels as they stand between braces, value.
    """
    lines = []
    for name, group in groupby(sorted(samples), lambda sample: sample[0]):
        lines += [f"# HELP roamhouse_{name} {_HELP[name]}", f"# TYPE roamhouse_{name} gauge"]
        lines += [f"roamhouse_{name}{labels} {value:.15g}" for _, labels, value in group]
    return "".join(f"{line}\n" for line in lines)


def _samples(con: DuckDB, home: Home, causes: Iterable[Cause]) -> Iterator[_Sample]:
    for name, partner, value in con.execute(query("ops", "metrics")).fetchall():
        if value is not None:
            yield name, f'{{partner="{partner}"}}' if partner else "", float(value)
    counts = Counter(cause.kind for cause in causes)
    yield from (("causes", f'{{kind="{kind}"}}', count) for kind, count in counts.items())
    yield "disk_free_bytes", "", shutil.disk_usage(home.path).free
    snapshot = current(home.serving)
    if snapshot is not None:
        yield "snapshot_timestamp_seconds", "", snapshot.stat().st_mtime
