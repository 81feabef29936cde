"""A pull's values: one response of it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipelines.ocpi.errors import OcpiError
from pipelines.ocpi.exchange import Exchange


@dataclass(frozen=True)
class Page:
    """One response of a pull.

    Args:
        exchange: the response.
        position: 0 for the first response of the pull.
        accepted: whether it counts; an error's page does not.
        ocpi_status: OCPI status code; None where the body has none.
        object_count: objects on it; None where it could not be read.
        total_count: its X-Total-Count.
        problems: non-conformities of its envelope.
    """

    exchange: Exchange
    position: int
    accepted: bool
    ocpi_status: int | None
    object_count: int | None
    total_count: int | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The end of a pull.

    Args:
        complete: every object that the partner promised came.
        date_from: inclusive start of the window asked for, whole seconds; None: from ever.
        date_to: exclusive end; None: open.
        total_count: what the partner promised last, over all windows; None: nothing.
        objects: objects on accepted pages, repeats included.
        distinct: different objects among them.
        pages: accepted pages.
        requests: HTTP requests made, retries and redirects included.
        bytes: inflated bytes of accepted pages.
        error: why it is not complete.
        notes: non-conformities survived, in one line each.
    """

    complete: bool
    date_from: datetime | None
    date_to: datetime | None
    total_count: int | None
    objects: int
    distinct: int
    pages: int
    requests: int
    bytes: int
    error: OcpiError | None
    notes: tuple[str, ...]
