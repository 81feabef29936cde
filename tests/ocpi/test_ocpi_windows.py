"""Windows of last_updated: nothing that the partner lists is left out, whatever its date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from fake_partner import PagedList, Reply, Request, objects
from ocpi_world import NOW, Puller

AHEAD = "2099-01-01T00:00:00Z"
SINCE = {"date_from": NOW - timedelta(days=30)}


def dated(count: int, day: str, prefix: str) -> list[dict[str, str]]:
    return [one | {"last_updated": day} for one in objects(count, prefix)]


@dataclass
class Filtering:
    """A list that heeds date_from and date_to, and remembers what it was asked."""

    items: list[dict[str, str]]
    asked: list[dict[str, str]]

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request.query)
        start, end = request.query.get("date_from", ""), request.query.get("date_to", "9999")
        items = [one for one in self.items if start <= one["last_updated"] < end]
        return PagedList(items, max_limit=5)(request)


def filtering() -> Filtering:
    old, new = dated(7, "2026-10-20T00:00:00Z", "L"), dated(2, AHEAD, "A")
    return Filtering([*old, *new], [])


@pytest.mark.parametrize("module", ["locations", "tariffs", "cdrs", "invoicereconciliation"])
def test_everything_is_asked_for_without_dates(pull: Puller, module: str) -> None:
    partner = filtering()
    pulled = pull(partner, module=module)
    assert (pulled.outcome.distinct, pulled.outcome.complete) == (9, True)
    assert not any(name.startswith("date_") for query in partner.asked for name in query)


@pytest.mark.parametrize("module", ["locations", "sessions", "cdrs"])
def test_changes_come_up_to_now_and_from_then_on(pull: Puller, module: str) -> None:
    partner = filtering()
    pulled = pull(partner, module=module, window=SINCE)
    assert (pulled.outcome.distinct, pulled.outcome.complete) == (9, True)
    windows = dict.fromkeys((q["date_from"], q.get("date_to")) for q in partner.asked)
    assert list(windows) == [
        ("2026-10-02T12:00:00Z", "2026-11-01T12:00:00Z"),
        ("2026-11-01T12:00:00Z", None),
    ]
    assert pulled.outcome.date_to is None


def test_a_partner_that_limits_windows_is_asked_one_window_ahead(pull: Puller) -> None:
    partner = filtering()
    pull(partner, module="cdrs", window=SINCE, window_days=20)
    windows = dict.fromkeys((q["date_from"], q["date_to"]) for q in partner.asked)
    assert list(windows)[-1] == ("2026-11-01T12:00:00Z", "2026-11-21T12:00:00Z")


def test_a_window_that_was_asked_for_is_kept_to(pull: Puller) -> None:
    partner = filtering()
    end = datetime(2026, 10, 25, tzinfo=UTC)
    pulled = pull(partner, module="cdrs", window={**SINCE, "date_to": end})
    assert pulled.outcome.distinct == 7
    assert {query["date_to"] for query in partner.asked} == {"2026-10-25T00:00:00Z"}


@pytest.mark.parametrize("days", [None, 3])
def test_a_partner_that_ignores_dates_is_not_read_again_for_each_window(
    pull: Puller, days: int | None
) -> None:
    pulled = pull(PagedList(objects(12), max_limit=5), window=SINCE, window_days=days)
    assert (pulled.outcome.distinct, pulled.outcome.complete) == (12, True)
    assert pulled.outcome.requests == 4
    assert "the partner ignores date_from and date_to" in pulled.outcome.notes
