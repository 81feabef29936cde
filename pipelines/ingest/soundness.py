"""Doubts about a landed pull that only loading can have: damaged bodies, refused objects."""

from __future__ import annotations

from collections import Counter

import duckdb

from models.ocpi.decoded import Decoded
from models.ocpi.modules import MODULES
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullRecord
from pipelines.warehouse.sql_files import fetch_row

DAMAGED = "the landing is damaged"
"""How the error of a pull begins that was set aside for the sake of its bodies."""


class Refusals:
    """Counts the objects of one pull that were refused.

    Args:
        module: OCPI module identifier.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._main_table = MODULES[module].tables[0]
        self._objects = self._usable = 0
        self._reasons: Counter[str] = Counter()

    def count(self, decoded: Decoded) -> None:
        """Count a batch."""
        self._objects += decoded.object_count
        self._usable += decoded.frames[self._main_table].height
        if not self._usable:
            self._reasons.update(decoded.frames["core.quarantine"]["reasons"].explode().to_list())

    def verdict(self) -> str | None:
        """Say that every object was refused, and why most were; None: some can be used."""
        if self._usable or not self._objects:
            return None
        (reason, _), *_ = self._reasons.most_common(1) or [("unknown", 0)]
        objects = "the only object" if self._objects == 1 else f"all {self._objects:,} objects"
        return f"{objects} of {self._module} refused: {reason}; see core.quarantine"


def unfounded(con: duckdb.DuckDBPyConnection, landing: Landing, pull: PullRecord) -> list[str]:
    """Doubt a pull that says "unchanged" where the body that it refers to could not be used.

    Args:
        con: a connection to the warehouse.
        landing: where the pulls are.
        pull: the pull.

    Returns:
        The reason, if there is one.
    """
    if not pull.unchanged:
        return []
    body = landing.newest_body(pull.partner, pull.module, before=pull.pull_id)
    if body is None:
        return []
    row = fetch_row(
        con, "select status from ops.pulls where pull_id = $pull_id", {"pull_id": body[0].pull_id}
    )
    if row is not None and row[0] == "complete":
        return []
    return [f"{DAMAGED}: {body[0].pull_id}, which is said to be unchanged, cannot be used"]
