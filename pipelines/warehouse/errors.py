"""Errors of the warehouse, in words that say what to do."""

from __future__ import annotations

from models.errors import Unusable


class WarehouseError(Unusable):
    """The warehouse cannot be used as asked; the message says why and what to do."""


class WarehouseLocked(WarehouseError):
    """Another writer holds the warehouse and did not let go in time."""


class OvertakenPull(WarehouseError):
    """A later pull of the same list is loaded already; history would come out of order."""
