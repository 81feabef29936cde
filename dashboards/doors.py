"""The one module that opens the pipeline: the snapshot's place, decisions, exports, landed pages.

Everything else here knows the warehouse only through `data`, and people's decisions only
through this.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipelines.config import Home
from pipelines.decisions import DecisionsStore, whoami
from pipelines.warehouse.snapshot import current


def home() -> Home:
    """The home directory that is shown, as the environment names it."""
    return Home.resolve(None, os.environ)


def snapshot_path() -> Path | None:
    """The newest published snapshot; None: nothing was published yet."""
    return current(home().serving)


def now() -> datetime:
    """The clock: ages are told by it, figures never depend on it."""
    return datetime.now(UTC)


@contextmanager
def decisions() -> Iterator[DecisionsStore]:
    """The decisions store of the home, closed at the end."""
    with DecisionsStore(home().decisions, clock=now) as store:
        yield store


def local_user() -> str:
    """Who uses this machine: what goes beside a decision where there is no login."""
    return whoami()
