"""Opening the warehouse in a step: it waits for who holds it, and then is tried again later."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.errors import WarehouseLocked


@contextmanager
def open_for_writing(runtime: Runtime) -> Iterator[Warehouse]:
    """Open the warehouse for a step that writes.

    Raises:
        RetryRequested: another process holds it.
    """
    try:
        with runtime.warehouse() as warehouse:
            yield warehouse
    except WarehouseLocked as error:
        raise dg.RetryRequested(max_retries=3, seconds_to_wait=60) from error
