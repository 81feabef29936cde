"""Publishing a home: wherever the tables moved, the same copies stay."""

from pathlib import Path

from pipelines.config import Home, load_settings
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import publish


def publish_home(warehouse: Warehouse, home: Home) -> Path:
    """Publish the warehouse of a home; as many copies stay as its settings say.

    Returns:
        The new copy.

    Raises:
        ConfigError: the settings cannot be used.
        WarehouseError: as `publish`.
    """
    return publish(warehouse, home.serving, keep=load_settings(home).retention.snapshots)
