"""Input and output of decoding a page of partner objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl


@dataclass(frozen=True)
class PageContext:
    """Everything decoding may know about where an object came from.

    Args:
        partner: our name for the connection.
        module: OCPI module identifier: locations, tariffs, sessions, cdrs, tokens,
            hubclientinfo or invoicereconciliation.
        version: OCPI version of the endpoint; None where a feed does not say (detect).
        page_id: the page the objects are on.
        fetched_at: when the page was fetched, UTC.
        own_party: `(country_code, party_id)` to assume where an object names no owner.
        pseudonym: turns a person's identifier into its keyed hash (or leaves it, by setting).
    """

    partner: str
    module: str
    version: str | None
    page_id: str
    fetched_at: datetime
    own_party: tuple[str, str]
    pseudonym: Callable[[str], str]


@dataclass(frozen=True)
class Decoded:
    """The rows of one page.

    Args:
        frames: table name → rows in the columns of `Table.frame_columns`, in page order;
            only tables that the module can fill, `core.quarantine` and `core.deviations`.
        object_count: objects seen, good or bad.
        quarantined: objects refused.
    """

    frames: Mapping[str, pl.DataFrame]
    object_count: int
    quarantined: int
