"""The landing's knowledge of pulls and pages: the rows of `ops.pulls` and `ops.pages`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PullMode = Literal["full", "incremental", "window", "push", "send"]


@dataclass(frozen=True)
class PageRecord:
    """One stored response; the columns of `ops.pages` (see `models.tables.operations`)."""

    page_id: str
    pull_id: str
    run_id: str
    partner: str
    module: str
    party: str | None
    position: int
    url: str
    http_status: int
    ocpi_status: int | None
    headers: dict[str, str]
    object_count: int | None
    total_count: int | None
    accepted: bool
    bytes: int
    sha256: str
    fetched_at: datetime


@dataclass(frozen=True)
class PullRecord:
    """One attempt to fetch one list; the columns of `ops.pulls`.

    Args alongside the columns:
        own_party: who owns objects that name no owner.
    """

    pull_id: str
    run_id: str
    partner: str
    module: str
    party: str | None
    ocpi_version: str | None
    mode: PullMode
    date_from_at: datetime | None
    date_to_at: datetime | None
    started_at: datetime
    finished_at: datetime | None
    status: Literal["complete", "failed"]
    pages: int
    objects: int
    total_count: int | None
    requests: int
    bytes: int
    error: str | None
    unchanged: bool
    own_party: tuple[str, str]
    parties: tuple[str, ...] | None = None
