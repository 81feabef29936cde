"""Small pages are decoded together, in order, each under its own page."""

from __future__ import annotations

import gc
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.ingest import batches as module
from pipelines.ingest.batches import batches, infrequent_gc
from pipelines.landing.landing import Landing
from pipelines.landing.records import PageRecord, PullRecord

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
PULL = PullRecord(
    "voltix.cdrs.x", "run", "voltix", "cdrs", None, "2.2.1", "full", None, None, NOON, NOON,
    "complete", 4, 0, None, 4, 0, None, False, ("NL", "OWN"),
)  # fmt: skip


def page(landing: Landing, position: int, objects: int, *, accepted: bool = True) -> PageRecord:
    body = json.dumps({"data": [{"id": f"{position}-{i}"} for i in range(objects)]}).encode()
    return PageRecord(
        f"page-{position}", PULL.pull_id, "run", "voltix", "cdrs", None, position, "u", 200, 1000,
        {}, objects, None, accepted, len(body), landing.objects.put(body), NOON,
    )  # fmt: skip


def shape(landing: Landing, pages: list[PageRecord]) -> list[list[tuple[str, int]]]:
    return [
        [(context.page_id, len(objects)) for objects, context in batch]
        for batch in batches(landing, PULL, pages, str, pytest.fail)
    ]


def test_pages_are_gathered_until_a_batch_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_OBJECTS", 5)
    landing = Landing(tmp_path)
    pages = [page(landing, i, objects) for i, objects in enumerate([2, 3, 0, 9, 1])]
    assert shape(landing, pages) == [
        [("page-0", 2), ("page-1", 3)],
        [("page-2", 0), ("page-3", 9)],
        [("page-4", 1)],
    ]


def test_large_objects_fill_a_batch_by_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BYTES", 1)
    landing = Landing(tmp_path)
    assert shape(landing, [page(landing, 0, 1), page(landing, 1, 1)]) == [
        [("page-0", 1)],
        [("page-1", 1)],
    ]


def test_pages_that_do_not_count_are_left_out(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    pages = [page(landing, 0, 1, accepted=False), page(landing, 1, 1)]
    assert shape(landing, pages) == [[("page-1", 1)]]


def test_the_collector_is_as_before_even_after_an_error() -> None:
    before = gc.get_threshold()
    with infrequent_gc():
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_threshold() == before
    with pytest.raises(ValueError, match="inside"), infrequent_gc():
        raise ValueError("inside")
    assert gc.get_threshold() == before
