"""A pull's values: one response of it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipelines.ocpi.errors import OcpiError
from pipelines.ocpi.exchange import Exchange


@dataclass(frozen=True)
class Page:
    """One response of a pull."""

    exchange: Exchange  # the response
    position: int  # 0 for the first response of the pull
    accepted: bool  # whether it counts; an error's page does not
    ocpi_status: int | None  # OCPI status code; None where the body has none
    object_count: int | None  # objects on it; None where it could not be read
    total_count: int | None  # its X-Total-Count
    problems: tuple[str, ...] = ()  # non-conformities of its envelope


@dataclass(frozen=True)
class Outcome:
    """The end of a pull."""

    complete: bool  # every object that the partner promised came
    # inclusive start of the window asked for, whole seconds; None: from ever
    date_from: datetime | None
    date_to: datetime | None  # exclusive end; None: open
    total_count: int | None  # what the partner promised last, over all windows; None: nothing
    objects: int  # objects on accepted pages, repeats included
    distinct: int  # different objects among them
    pages: int  # accepted pages
    requests: int  # HTTP requests made, retries and redirects included
    bytes: int  # inflated bytes of accepted pages
    error: OcpiError | None  # why it is not complete
    notes: tuple[str, ...]  # non-conformities survived, in one line each
