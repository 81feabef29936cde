"""Speaking OCPI to a partner: discovery, paging, retries, limits.

Knows nothing of Dagster, DuckDB, the partners file or the landing: settings come in as a
`Connection`, response bodies go out through a callback, pages through an iterator.

    async with OcpiClient(connection, on_exchange=store) as client:
        offer = await client.discover()
        pull = client.pull("cdrs", date_from=yesterday)
        async for page in pull:
            ...
        pull.outcome.complete
"""

from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.clock import Clock
from pipelines.ocpi.connection import Connection, RetryPolicy
from pipelines.ocpi.errors import OcpiError
from pipelines.ocpi.exchange import Exchange
from pipelines.ocpi.offer import Offer, Party
from pipelines.ocpi.outcome import Outcome, Page
from pipelines.ocpi.pull import Pull

__all__ = [
    "Clock",
    "Connection",
    "Exchange",
    "OcpiClient",
    "OcpiError",
    "Offer",
    "Outcome",
    "Page",
    "Party",
    "Pull",
    "RetryPolicy",
]
