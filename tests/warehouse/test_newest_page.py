"""The newest page, which ages and deadlines count from: by a clock that was right."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.in_memory import in_memory, insert

OCTOBER = datetime(2026, 10, 31, 12, tzinfo=UTC)
YEAR_AHEAD = datetime(2027, 10, 31, 13, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.withstands(
    "one run with the clock a year ahead", "ages count by the clock again with the next run"
)
def test_run_with_a_wrong_clock_counts_for_nothing_once_a_later_one_shows_it() -> None:
    con = in_memory()
    pages: dict[str, int] = {}

    def fetch(run: str, at: datetime, *partners: str) -> None:
        for partner in partners:
            pages[partner] = pages.get(partner, 0) + 1
            page = {"partner": partner, "module": "cdrs", "run_id": run, "fetched_at": at}
            insert(con, "ops.pages", [{**page, "page_id": f"{partner}.cdrs.{pages[partner]}"}])

    def newest(partner: str | None = None) -> datetime:
        return con.execute("select newest_page_at($p)", {"p": partner}).fetchall()[0][0]

    fetch("first", OCTOBER, "voltix", "failing")
    assert newest() == OCTOBER
    fetch("ahead", YEAR_AHEAD, "voltix", "failing")
    fetch("after", NOVEMBER, "voltix")
    assert (newest(), newest("voltix"), newest("failing")) == (NOVEMBER, NOVEMBER, OCTOBER)
