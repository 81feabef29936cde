"""A page that stays broken costs that page, never the ones behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fake_partner import PagedList, Reply, Request, envelope, objects
from ocpi_world import Puller

from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import UnreadableError

LIST = PagedList(objects(25), max_limit=5)
ONCE = RetryPolicy(attempts=1)


def broken_at(paged: PagedList, *offsets: int, status: int = 200) -> Callable[[Request], Reply]:
    """Cut the pages at these offsets off in the middle."""

    def answer(request: Request) -> Reply:
        reply = paged(request)
        if int(request.query.get("offset", 0)) not in offsets:
            return reply
        del reply.headers["content-length"]
        body = bytes(reply.body[: len(reply.body) * 2 // 3])
        return Reply(body, headers=reply.headers, status=status)

    return answer


@pytest.mark.withstands(
    "a page of a list stays broken",
    "every other page comes; the list is incomplete and says which is missing",
)
@pytest.mark.parametrize("link", [True, False])
@pytest.mark.parametrize("offset", [0, 5, 15, 20])
def test_every_other_page_comes_and_the_list_says_which_is_missing(
    pull: Puller, link: bool, offset: int
) -> None:
    pulled = pull(broken_at(replace(LIST, link=link), offset), retry=ONCE)
    assert pulled.outcome.distinct == 20
    assert not pulled.outcome.complete
    assert isinstance(pulled.outcome.error, UnreadableError)
    assert f"page of locations missing, at offset {offset}:" in str(pulled.outcome.error)


@pytest.mark.parametrize("gone", [{"total": False}, {"x_limit": False}])
def test_what_the_other_pages_said_is_enough_to_go_on(pull: Puller, gone: dict[str, bool]) -> None:
    pulled = pull(broken_at(replace(LIST, **gone), 10, status=500), retry=ONCE)
    assert pulled.outcome.distinct == 20
    assert not pulled.outcome.complete


def test_several_broken_pages_are_all_named(pull: Puller) -> None:
    pulled = pull(broken_at(LIST, 5, 15), retry=ONCE)
    assert pulled.outcome.distinct == 15
    assert "2 pages of locations missing, at offset 5, 15:" in str(pulled.outcome.error)


def test_the_link_of_a_broken_page_is_followed(pull: Puller) -> None:
    def by_cursor(request: Request) -> Reply:
        step = int(request.query.get("cursor", 0))
        headers = [("Link", f"<?cursor={step + 1}>; rel=next")] if step < 4 else []
        body = envelope(objects(25)[step * 5 : step * 5 + 5])
        return Reply(body[:60] if step == 2 else body, headers=headers)

    pulled = pull(by_cursor, retry=ONCE)
    assert pulled.outcome.distinct == 20
    assert not pulled.outcome.complete


def test_a_cursor_that_is_lost_is_left_for_offsets_where_they_are_heeded(pull: Puller) -> None:
    def by_cursor(request: Request) -> Reply:
        start = int(request.query.get("cursor", request.query.get("offset", 0)))
        if start == 10 and "cursor" in request.query:
            return Reply(status=500)
        headers = [("Link", f"<?cursor={start + 5}>; rel=next")] if start < 20 else []
        return Reply(envelope(objects(25)[start : start + 5]), headers=headers)

    assert pull(by_cursor, retry=ONCE).outcome.distinct == 20


def test_a_cursor_that_is_lost_at_a_partner_without_offsets_ends(pull: Puller) -> None:
    def by_cursor(request: Request) -> Reply:
        start = int(request.query.get("cursor", 0))
        if start == 10:
            return Reply(status=500)
        headers = [("Link", f"<?cursor={start + 5}>; rel=next")]
        return Reply(envelope(objects(25)[start : start + 5]), headers=headers)

    pulled = pull(by_cursor, retry=ONCE)
    assert pulled.outcome.distinct == 10
    assert not pulled.outcome.complete
    assert pulled.outcome.requests == 4


def test_a_partner_of_which_everything_behind_is_broken_is_left_alone(pull: Puller) -> None:
    endless = broken_at(PagedList(objects(500), max_limit=5), *range(10, 500, 5))
    pulled = pull(endless, retry=ONCE)
    assert pulled.outcome.distinct == 10
    assert pulled.outcome.requests <= 7


def test_a_list_that_is_refused_as_a_whole_is_asked_for_once(pull: Puller) -> None:
    pulled = pull(lambda _: Reply(status=404, headers=[("X-Total-Count", "900")]))
    assert pulled.outcome.requests == 1
