"""The stages after core, in order; Dagster runs them one by one, a replay all in a row."""

from __future__ import annotations

from pipelines.config import Home, Partners
from pipelines.warehouse.connection import Warehouse


def derive(warehouse: Warehouse, partners: Partners, home: Home) -> None:
    """Derive everything after core anew.

    Args:
        warehouse: open for writing.
        partners: whose contracts apply.
        home: where decisions are.
    """
