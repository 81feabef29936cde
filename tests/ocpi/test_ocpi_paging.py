"""Paging over real HTTP, as the specification says and as partners do it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fake_partner import FakePartner, PagedList, Partner, Reply, Request, envelope, objects
from ocpi_world import Puller, connection

from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.errors import HttpRefusedError, IncompleteError

LIST = PagedList(objects(25), max_limit=10)


def test_links_are_followed_to_the_end(pull: Puller) -> None:
    pulled = pull(LIST)
    assert [page.object_count for page in pulled.accepted] == [10, 10, 5]
    assert pulled.outcome.complete
    assert (pulled.outcome.total_count, pulled.outcome.objects, pulled.outcome.requests) == (
        25,
        25,
        3,
    )
    assert pulled.outcome.bytes == sum(len(page.exchange.body) for page in pulled.pages)


@pytest.mark.parametrize(
    "gone",
    [{"link": False}, {"total": False}, {"x_limit": False}, {"total": False, "x_limit": False}],
)
def test_single_promises_may_be_missing(pull: Puller, gone: dict[str, bool]) -> None:
    pulled = pull(replace(LIST, **gone))
    assert pulled.outcome.complete
    assert pulled.outcome.distinct == 25


def test_no_paging_headers_at_all(pull: Puller) -> None:
    """A silently clamped page looks like the last one; only an empty page is an end."""
    pulled = pull(replace(LIST, link=False, total=False, x_limit=False))
    assert pulled.outcome.complete
    assert [page.object_count for page in pulled.accepted] == [10, 10, 5, 0]


def with_headers(
    paged: PagedList, *extra: tuple[str, str], drop: tuple[str, ...] = ()
) -> PagedList:
    class Changed(PagedList):
        def __call__(self, request: Request) -> Reply:
            reply = super().__call__(request)
            for name in drop:
                del reply.headers[name]
            for name, value in extra:
                reply.headers.append(name, value)
            return reply

    return Changed(**vars(paged))


def test_an_x_limit_of_zero_means_nothing(pull: Puller) -> None:
    paged = with_headers(replace(LIST, link=False), ("X-Limit", "0"), drop=("X-Limit",))
    assert pull(paged).outcome.distinct == 25


def test_an_empty_link_marks_the_last_page(pull: Puller) -> None:
    last = PagedList(objects(10), max_limit=10, total=False, x_limit=False)
    pulled = pull(with_headers(last, ("Link", "")))
    assert pulled.outcome.complete
    assert pulled.outcome.requests == 1


@pytest.mark.parametrize("nonsense", ["many", "-1", "1e3", "", "99999999999999999999"])
def test_an_unreadable_total_is_no_total(pull: Puller, nonsense: str) -> None:
    paged = with_headers(LIST, ("X-Total-Count", nonsense), drop=("X-Total-Count",))
    pulled = pull(paged)
    assert pulled.outcome.complete
    assert pulled.outcome.total_count is None
    assert pulled.outcome.distinct == 25


def test_a_link_to_an_internal_host_is_replaced_by_our_own_url(pull: Puller) -> None:
    pulled = pull(replace(LIST, link_base="http://cpo-backend.internal:8080"))
    assert pulled.outcome.complete
    assert pulled.outcome.distinct == 25
    assert any("another origin" in note for note in pulled.outcome.notes)


def test_a_link_to_a_name_that_cannot_be_decoded_is_left_for_offsets(pull: Puller) -> None:
    def naming(request: Request) -> Reply:
        reply = replace(LIST, link=False)(request)
        reply.headers["Link"] = "<//xn--/x>; rel=next"
        return reply

    pulled = pull(naming)
    assert pulled.outcome.complete
    assert pulled.outcome.distinct == 25


def test_a_link_to_itself_is_left_for_offsets(pull: Puller) -> None:
    def looping(request: Request) -> Reply:
        reply = replace(LIST, link=False)(request)
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        reply.headers["Link"] = f"<{request.path}?{query}>; rel=next"
        return reply

    pulled = pull(looping)
    assert pulled.outcome.complete
    assert pulled.outcome.distinct == 25


def test_links_that_lead_in_a_circle_end(pull: Puller) -> None:
    def circling(request: Request) -> Reply:
        step = int(request.query.get("step", 0))
        start = step % 2 * 10
        headers = [("Link", f"<?step={(step + 1) % 2}>; rel=next"), ("X-Total-Count", "25")]
        return Reply(envelope(objects(25)[start : start + 10]), headers=headers)

    pulled = pull(circling)
    assert not pulled.outcome.complete
    assert isinstance(pulled.outcome.error, IncompleteError)
    assert "promised 25 objects, 20 different ones came" in str(pulled.outcome.error)


def test_links_without_end_are_cut_off(pull: Puller) -> None:
    def endless(request: Request) -> Reply:
        step = int(request.query.get("step", 0))
        headers = [("Link", f"<?step={step + 1}>; rel=next")]
        return Reply(envelope(objects(2, f"S{step}-")), headers=headers)

    pulled = pull(endless, max_pages=7)
    assert not pulled.outcome.complete
    assert pulled.outcome.pages == 7


@pytest.mark.parametrize("link", [True, False])
def test_a_partner_that_ignores_offset_is_not_complete(pull: Puller, link: bool) -> None:
    def stuck(request: Request) -> Reply:
        return replace(LIST, link=link)(Request({**request.scope, "query_string": b""}))

    pulled = pull(stuck)
    assert not pulled.outcome.complete
    assert pulled.outcome.distinct == 10
    assert pulled.outcome.requests <= 3


@pytest.mark.parametrize("count", [7, 2500])
def test_a_partner_that_does_not_page_gives_all_at_once(pull: Puller, count: int) -> None:
    pulled = pull(lambda _: Reply(json.dumps(objects(count)).encode()))
    assert pulled.outcome.complete
    assert pulled.outcome.distinct == count


def test_a_full_page_that_comes_again_is_not_everything(pull: Puller) -> None:
    pulled = pull(lambda _: Reply(envelope(objects(1000))))
    assert not pulled.outcome.complete
    assert "ignores offset" in str(pulled.outcome.error)


def test_lost_filters_are_put_back_into_links(pull: Puller) -> None:
    seen: list[Request] = []

    def forgetful(request: Request) -> Reply:
        seen.append(request)
        offset = int(request.query.get("offset", 0))
        link = f"<?offset={offset + 10}&limit=10&date_from=None>; rel=next"
        headers = [("Link", link)] if offset < 20 else []
        return Reply(envelope(objects(25)[offset : offset + 10]), headers=headers)

    since = datetime(2026, 10, 1, tzinfo=UTC)
    assert pull(forgetful, window={"date_from": since}).outcome.distinct == 25
    *until_now, ahead = seen
    assert {request.query["date_from"] for request in until_now} == {"2026-10-01T00:00:00Z"}
    assert {request.query["date_to"] for request in until_now} == {"2026-11-01T12:00:00Z"}
    assert ahead.query["date_from"] == "2026-11-01T12:00:00Z"


def test_a_link_that_is_refused_is_left_for_offsets(pull: Puller) -> None:
    def refusing(request: Request) -> Reply:
        if "cursor" in request.query:
            return Reply(envelope(None, 2001, "bad cursor"), status=400)
        reply = replace(LIST, link=False)(request)
        reply.headers["Link"] = "<?cursor=x>; rel=next"
        return reply

    pulled = pull(refusing)
    assert pulled.outcome.complete
    assert pulled.outcome.distinct == 25
    assert [page.accepted for page in pulled.pages][:3] == [True, False, True]


def test_tokens_instead_of_links(pull: Puller) -> None:
    def tokened(request: Request) -> Reply:
        start = int(request.query.get("next", 0))
        more = {"next": str(start + 10)} if start < 20 else {"next": None}
        return Reply(json.dumps({"items": objects(25)[start : start + 10], **more}).encode())

    pulled = pull(tokened)
    assert pulled.outcome.complete
    assert pulled.outcome.distinct == 25


def test_a_token_that_leads_nowhere_new_ends(pull: Puller) -> None:
    pulled = pull(lambda _: Reply(json.dumps({"items": objects(3), "next": "x"}).encode()))
    assert not pulled.outcome.complete


def test_empty_pages_may_have_full_ones_behind_them(pull: Puller) -> None:
    """Some partners page first and filter then."""

    def filtered(request: Request) -> Reply:
        offset = int(request.query.get("offset", 0))
        page = objects(30)[offset : offset + 10] if offset in (0, 20) else []
        headers = [("X-Total-Count", "30")]
        if offset < 20:
            headers.append(("Link", f"<?offset={offset + 10}&limit=10>; rel=next"))
        return Reply(envelope(page), headers=headers)

    pulled = pull(filtered)
    assert pulled.outcome.distinct == 20
    assert not pulled.outcome.complete


def test_an_overstated_total_is_incomplete_and_says_so(pull: Puller) -> None:
    paged = with_headers(LIST, ("X-Total-Count", "40"), drop=("X-Total-Count",))
    pulled = pull(paged)
    assert str(pulled.outcome.error).startswith(
        "voltix: locations: the partner promised 40 objects, 25 different ones came"
    )
    assert "\n" not in str(pulled.outcome.error)


def test_nothing_is_a_complete_list(pull: Puller) -> None:
    for body in (envelope([]), envelope(None), b"[]"):
        pulled = pull(lambda _, body=body: Reply(body))
        assert pulled.outcome.complete, body
        assert pulled.outcome.objects == 0


def test_a_window_is_pinned_and_cut_where_the_partner_wants(pull: Puller) -> None:
    asked: list[tuple[str, str]] = []

    def windowed(request: Request) -> Reply:
        asked.append((request.query["date_from"], request.query["date_to"]))
        return PagedList(objects(3, f"W{len(asked)}-"))(request)

    since = datetime(2026, 8, 28, 9, 30, 0, 999, tzinfo=UTC)
    pulled = pull(windowed, module="cdrs", window={"date_from": since}, window_days=30)
    assert asked == [
        ("2026-08-28T09:30:00Z", "2026-09-27T09:30:00Z"),
        ("2026-09-27T09:30:00Z", "2026-10-27T09:30:00Z"),
        ("2026-10-27T09:30:00Z", "2026-11-01T12:00:00Z"),
        ("2026-11-01T12:00:00Z", "2026-12-01T12:00:00Z"),
    ]
    assert (pulled.outcome.distinct, pulled.outcome.total_count) == (12, 12)
    assert pulled.outcome.date_to == datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_the_next_page_is_fetched_while_this_one_is_handled() -> None:
    async def handled(server: FakePartner) -> list[int]:
        counts = []
        async with OcpiClient(connection(server)) as client:
            await client.discover()
            start = len(server.requests)
            async for _ in client.pull("locations"):
                while len(server.requests) - start < min(len(counts) + 2, 3):
                    await asyncio.sleep(0.001)
                counts.append(len(server.requests) - start)
        return counts

    with FakePartner(Partner({"locations": LIST})) as server:
        assert asyncio.run(handled(server)) == [2, 3, 3]


def test_leaving_early_leaves_nothing_running() -> None:
    async def left(server: FakePartner) -> int:
        async with OcpiClient(connection(server)) as client:
            await client.discover()
            async for _ in client.pull("locations"):
                break
        for _ in range(10):
            await asyncio.sleep(0)  # let the loop close what was cancelled
        return len(asyncio.all_tasks())

    with FakePartner(Partner({"locations": LIST})) as server:
        assert asyncio.run(left(server)) == 1


def test_an_error_in_the_middle_keeps_what_came(pull: Puller) -> None:
    def failing(request: Request) -> Reply:
        gone = request.query.get("offset") == "20"
        return Reply(status=410) if gone else replace(LIST, link=False)(request)

    pulled = pull(failing)
    assert not pulled.outcome.complete
    assert isinstance(pulled.outcome.error, HttpRefusedError)
    assert pulled.outcome.distinct == 20
