"""Pages decoded together give the rows of each page, with that page's own columns."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from object_samples import CDR, FETCHED, SESSION, TARIFF, changed, context
from polars.testing import assert_frame_equal

from models.ocpi.decode import decode_pages

CDRS: tuple[bytes, ...] = (
    *(
        json.dumps(cdr).encode()
        for cdr in (
            CDR,
            changed(CDR, id="C2"),
            changed(CDR, id="C3", tariffs=[changed(TARIFF, id="OTHER"), TARIFF]),
            changed(CDR, id=" C4"),
            changed(CDR, id="C5", tariffs=[changed(TARIFF, currency="eur")]),
            changed(CDR, id="C6", tariffs=None),
            changed(CDR, id="C7", tariffs=["T"]),
            changed(CDR, id="C8", total_energy="12.5", charging_periods=[]),
            changed(CDR, id=None),
            changed(CDR, id="C9", currency=None),
        )
    ),
    b"{",
)
SESSIONS = tuple(
    json.dumps(session).encode()
    for session in (SESSION, changed(SESSION, id=" S2"), changed(SESSION, status=None))
)


def assert_same_as_one_by_one(module: str, pages: list[list[bytes]]) -> None:
    placed: list[Any] = [
        (raws, context(module, page_id=f"page-{i}", fetched_at=FETCHED + timedelta(hours=i)))
        for i, raws in enumerate(pages)
    ]
    together = decode_pages(placed)
    one_by_one = [decode_pages([page]) for page in placed]
    assert together.object_count == sum(page.object_count for page in one_by_one)
    assert together.quarantined == sum(page.quarantined for page in one_by_one)
    for name, frame in together.frames.items():
        expected = pl.concat([page.frames[name] for page in one_by_one])
        assert_frame_equal(frame, expected, check_exact=True)


@given(st.lists(st.lists(st.sampled_from(CDRS), max_size=6), min_size=1, max_size=4))
def test_pages_of_cdrs_together(pages: list[list[bytes]]) -> None:
    assert_same_as_one_by_one("cdrs", pages)


@given(st.lists(st.lists(st.sampled_from(SESSIONS), max_size=4), min_size=1, max_size=4))
def test_pages_of_sessions_together(pages: list[list[bytes]]) -> None:
    assert_same_as_one_by_one("sessions", pages)


@pytest.mark.parametrize("module", ["tariffs", "tokens"])
def test_pages_of_modules_without_a_fast_way(module: str) -> None:
    raws = [json.dumps(TARIFF).encode(), b"{}", b"null"]
    assert_same_as_one_by_one(module, [raws, [], raws[:1]])


def test_a_tariff_that_two_pages_show_is_a_row_of_each() -> None:
    raws = [json.dumps(CDR).encode()]
    pages = [(raws * 2, context("cdrs", page_id=page_id)) for page_id in ("a", "b")]
    assert decode_pages(pages).frames["core.embedded_tariffs"]["page_id"].to_list() == ["a", "b"]
