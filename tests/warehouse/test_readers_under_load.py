"""Readers while runs write and publish: views of the dashboards and query processes, many of each.

`make faults` has 20 of each, else there are a few. The rows say by themselves whether what is read
is one snapshot: each round adds one to either of two tables.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.config.home import Home
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import publish

LOG = logging.getLogger(__name__)
READERS = int(os.environ.get("LOAD_READERS", "2"))
ROUNDS = 4 if READERS < 10 else 60
ROOT = Path(__file__).parents[2]
COUNTS = (
    "select (select count(*) from core.hub_clients) as ones, "
    "(select count(*) from ops.removals_skipped) as others"
)

#: The dashboards' process: each thread is a visitor whose views ask the snapshot several times.
VIEWS = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import dashboards.data as data

stop, counts, visitors = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def visit(_):
    views, last, slowest, over = 0, 0, 0.0, False
    while not over:
        over = stop.exists()
        began = time.monotonic()
        path = str(data.newest_path())
        answers = set()
        for _ in range(3):
            with data._cursor(path) as cursor:
                answers.add(cursor.execute(counts).fetchone())
        ((ones, others),) = answers  # the same, whatever is published meanwhile
        assert ones == others, f"two snapshots mixed: {ones} and {others}"
        assert ones >= last, "an older snapshot after a newer one"
        views, last, slowest = views + 1, ones, max(slowest, time.monotonic() - began)
    return [views, last, slowest]

print("reading", flush=True)
with ThreadPoolExecutor(visitors) as pool:
    print(json.dumps(list(pool.map(visit, range(visitors)))))
"""

#: Analysts: `roamhouse query`, and the stable name opened by a program of their own, in turn.
QUERIES = """
import json, subprocess, sys, time
from pathlib import Path
import duckdb

home, stop, counts = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
command = [sys.executable, "-m", "pipelines.cli.main", "query", counts, "--format", "csv"]
command += ["--home", str(home)]
asked, last, slowest, over = 0, 0, 0.0, False
print("reading", flush=True)
while not over:
    over = stop.exists()
    began = time.monotonic()
    if asked % 2 or over:
        told = subprocess.run(command, capture_output=True, text=True)
        assert told.returncode == 0, told.stderr
        ones, others = map(int, told.stdout.split()[-1].split(","))
    else:
        with duckdb.connect(str(home / "serving" / "current.duckdb"), read_only=True) as con:
            ones, others = con.execute(counts).fetchone()
            assert con.execute(counts).fetchone() == (ones, others), "a snapshot changed"
    assert ones == others, f"two snapshots mixed: {ones} and {others}"
    assert ones >= last, "an older snapshot after a newer one"
    asked, last, slowest = asked + 1, ones, max(slowest, time.monotonic() - began)
print(json.dumps([[asked, last, slowest]]))
"""


@contextmanager
def reading(home: Home, stop: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Start the dashboards' process and the analysts', and wait until they read."""
    views = [VIEWS, str(stop), COUNTS, str(READERS)]
    queries = [QUERIES, str(home.path), str(stop), COUNTS]
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "ROAMHOUSE_HOME": str(home.path)},
        )
        for words in (views, *[queries] * READERS)
    ]
    for reader in readers:
        assert reader.stdout is not None
        reader.stdout.readline()
    try:
        yield readers
    finally:
        stop.touch()


@pytest.mark.withstands(
    "views of the dashboards and query processes read while runs publish",
    "none fails, sees two snapshots mixed or an older one after a newer, or loses the one it has",
)
def test_readers_never_fail_nor_see_a_mixture_while_snapshots_are_published(tmp_path: Path) -> None:
    home, stop = Home(tmp_path / "home"), tmp_path / "stop"
    home.create()
    with Warehouse(home.warehouse, threads=1) as warehouse:
        publish(warehouse, home.serving, keep=1)
        with reading(home, stop) as readers:
            for number in range(ROUNDS):
                with warehouse.writer() as con:
                    con.begin()
                    con.execute("insert into core.hub_clients (partner) values ($n)", {"n": number})
                    con.execute("insert into ops.removals_skipped (partner) values ('voltix')")
                    con.commit()
                publish(warehouse, home.serving, keep=1)
        for reader in readers:
            told, errors = reader.communicate()
            assert reader.returncode == 0, errors
            for reads, last, slowest in json.loads(told):
                assert (reads > 0, last) == (True, ROUNDS)
                LOG.info("%d reads, the slowest in %.2f s", reads, slowest)
