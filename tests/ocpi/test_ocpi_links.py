from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ocpi.links import mend_link, next_link, offset_of, with_query

NEXT = "https://cpo.example/cdrs?offset=50&limit=50"


@pytest.mark.parametrize(
    "header",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>;rel=next",
        f'< {NEXT} > ; REL = "NEXT"',
        f"<{NEXT}>; rel='next'",
        f'<{NEXT}>; title="a, b; rel=prev"; rel="next"',
        f'<https://cpo.example/cdrs?offset=0>; rel="prev", <{NEXT}>; rel="next"',
        f'<https://cpo.example/a,b>; rel=first,<{NEXT}>; rel="last next"',
    ],
)
def test_next_is_found_however_it_is_written(header: str) -> None:
    assert next_link(header) == NEXT


@pytest.mark.parametrize(
    "header", [None, "", "   ", "<>; rel=next", f'<{NEXT}>; rel="prev"', f"<{NEXT}>", "garbage"]
)
def test_no_next_means_the_last_page(header: str | None) -> None:
    assert next_link(header) is None


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_header_is_survived(header: str) -> None:
    found = next_link(header)
    assert found is None or found in header


def test_a_cursor_has_no_offset() -> None:
    assert offset_of(NEXT) == 50
    assert offset_of("https://cpo.example/cdrs?cursor=abc") is None
    assert offset_of("https://cpo.example/cdrs?offset=None") is None


def test_lost_and_empty_filters_are_put_back() -> None:
    asked = {"date_from": "2026-10-01T00:00:00Z", "date_to": "2026-11-01T00:00:00Z"}
    mended = mend_link(f"{NEXT}&date_from=None", asked)
    assert mended == f"{NEXT}&date_from=2026-10-01T00:00:00Z&date_to=2026-11-01T00:00:00Z"


def test_a_filter_that_was_never_asked_for_is_not_invented() -> None:
    assert mend_link(f"{NEXT}&date_from=None&date_to=", {}) == NEXT


@pytest.mark.parametrize(
    "link",
    [
        "https://cpo.example/cdrs?cursor=a%2Fb%3D%3D&date_from=None",
        "https://cpo.example/cdrs?offset=9&date_from=2026-10-01T00%3A00%3A00%2B02%3A00",
    ],
)
def test_a_link_that_keeps_its_filters_or_knows_them_itself_stays_opaque(link: str) -> None:
    assert mend_link(link, {"date_from": "2026-10-01T00:00:00Z"}) == link


def test_query_parameters_of_the_endpoint_survive() -> None:
    assert with_query("https://a.example/x?tenant=7&limit=1", {"limit": "9"}) == (
        "https://a.example/x?tenant=7&limit=9"
    )
