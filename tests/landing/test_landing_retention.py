"""Which landed pulls outlive their use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipelines.landing.records import PullRecord
from pipelines.landing.removal import outlived

START = datetime(2026, 1, 1, tzinfo=UTC)
CHANGES, FAILED = "c", "x"


def pulls(history: str, party: str | None = None) -> list[PullRecord]:
    """A pull a day: F a complete full one, c a complete one of changes, x a failed full one."""
    return [
        PullRecord(
            pull_id=f"voltix.cdrs.{day:03}.{party}",
            run_id="r",
            partner="voltix",
            module="cdrs",
            party=party,
            ocpi_version="2.2.1",
            mode="incremental" if kind == CHANGES else "full",
            date_from_at=None,
            date_to_at=None,
            started_at=START + timedelta(days=day),
            finished_at=None,
            status="failed" if kind == FAILED else "complete",
            pages=1,
            objects=1,
            total_count=None,
            requests=1,
            bytes=1,
            error=None,
            unchanged=False,
            own_party=("NL", "VLX"),
        )
        for day, kind in enumerate(history)
    ]


@pytest.mark.parametrize(
    ("history", "before_day", "going"),
    [
        ("FccFccFcc", 9, 6),
        ("FccFccFcc", 6, 3),  # the full pull of day 6 is not before the limit
        ("FccFccFcc", 7, 6),
        ("Fcccccccc", 9, 0),
        ("FccxccFcc", 5, 0),  # what failed shows nothing
        ("ccccccccc", 9, 0),
        ("FccF", 0, 0),
    ],
)
def test_everything_before_the_newest_full_pull_before_the_limit_may_go(
    history: str, before_day: int, going: int
) -> None:
    found = outlived(pulls(history), START + timedelta(days=before_day))
    assert [pull.pull_id for pull in found] == [p.pull_id for p in pulls(history)[:going]]


def test_each_party_has_a_history_of_its_own() -> None:
    both = [*pulls("FcF", "NL-ONE"), *pulls("Fcc", "NL-TWO")]
    found = outlived(both, START + timedelta(days=9))
    assert [pull.pull_id for pull in found] == [p.pull_id for p in pulls("Fc", "NL-ONE")]
