"""The process beside a receiver that shows what is pushed within seconds, and ends with it.

It is a process of its own so that no partner waits while a snapshot is made, and not Dagster's: a
daemon that runs a module loads all code anew each minute, and comes to its sensors in between.
"""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from models.errors import Unusable
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.config.partners import Partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.pushes import Published, publish_pushes, pushes_wait
from pipelines.orchestration.runtime import Runtime

_LOG = logging.getLogger("roamhouse.publisher")
_LOOK_S = 0.2
_FAILED_S = 5.0
_NICENESS = 10  # on a machine with one core it yields to who answers partners


@contextmanager
def publishing(home: Home, partners: Partners) -> Iterator[None]:
    """Let a process of its own publish what is pushed, while what is inside happens."""
    command = [sys.executable, "-m", __name__, str(home.path), str(partners.path), str(os.getpid())]
    process = subprocess.Popen(  # noqa: S603 - our own words
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C ends the receiver, which ends it
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def publish_until(runtime: Runtime, ended: Callable[[], bool]) -> None:
    """Publish what is pushed as it comes.

    `ended`: asked before each look whether that is all.
    """
    published = Published()
    while not ended():
        wait_s = _LOOK_S
        try:
            if pushes_wait(runtime, published):
                publish_pushes(runtime, published)
        except (Unusable, OSError, duckdb.Error) as error:
            _LOG.error("what was pushed cannot be published: %s", error)
            wait_s = _FAILED_S
        time.sleep(wait_s)


def main() -> None:
    """Publish for the receiver that started this process, and end when it does."""
    folder, partners_file, receiver = sys.argv[1:]
    os.nice(_NICENESS)
    home = Home(Path(folder))
    partners = load_partners(Path(partners_file))
    runtime = Runtime(home, partners, os.environ, lambda: datetime.now(UTC), NoProgress())
    publish_until(runtime, lambda: os.getppid() != int(receiver))


if __name__ == "__main__":
    main()
