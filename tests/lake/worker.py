"""A worker of the tests: one run of some partners in a process of its own, which may be killed.

python -m tests.lake.worker HOME PARTNERS SECONDS KILLED_AT, tokens in the environment
"""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.run import Request, run_pipeline
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.loader import Loader

WORLD_NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)


def kill_at(number: int) -> None:
    """Let this process be killed inside of its commit of that number, its pages merged."""
    numbers, merge = count(1), Loader._merge

    def merge_and_die(loader: Loader, *arguments: Any) -> Any:
        result = merge(loader, *arguments)
        if next(numbers) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    Loader._merge = merge_and_die  # type: ignore[method-assign]


def main(folder: str, names: str, seconds: str, killed_at: str) -> int:
    """Run; say what failed beside the partners."""
    home = Home(Path(folder))
    start = WORLD_NOW + timedelta(seconds=float(seconds))
    clock = (start + timedelta(seconds=tick) for tick in count())
    partners = load_partners(home.partners, only=names.split(","))
    runtime = Runtime(home, partners, os.environ, lambda: next(clock), NoProgress())
    if int(killed_at):
        kill_at(int(killed_at))
    outcome = run_pipeline(runtime, Request("run"))
    sys.stdout.write(f"{outcome.failures}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
