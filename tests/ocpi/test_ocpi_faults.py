"""What breaks on the way: each fault over a real socket."""

from __future__ import annotations

import gzip
import json

import pytest
from fake_partner import FakePartner, Handler, PagedList, Partner, Reply, Request, envelope, objects
from ocpi_world import Puller, StillClock, connection, pull_from, run

from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import (
    BadEncodingError,
    CircuitOpenError,
    HttpRefusedError,
    OcpiError,
    RateLimitedError,
    ServerFailureError,
    StatusRefusedError,
    UnreachableError,
    UnreadableError,
)

GOOD = Reply(envelope(objects(3)), headers=[("X-Total-Count", "3")])


def once(fault: Reply, then: Reply = GOOD) -> Handler:
    """Answer badly the first time."""
    asked: list[Request] = []

    def handler(request: Request) -> Reply:
        asked.append(request)
        return fault if len(asked) == 1 else then

    return handler


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=429),
        Reply(status=500, body=b"<html>oops</html>"),
        Reply(status=503),
        Reply(body=GOOD.body, cut_after=20),
        Reply(body=GOOD.body[:20], length=len(GOOD.body)),
        Reply(body=GOOD.body[:40]),
        Reply(raw=b""),
        Reply(body=envelope(None, 4002, "timeout")),
        Reply(body=gzip.compress(GOOD.body)[:-9], headers=[("Content-Encoding", "gzip")]),
    ],
    ids=["429", "500", "503", "reset", "short", "truncated", "hangup", "hub timeout", "cut gzip"],
)
def test_passing_faults_are_survived(pull: Puller, fault: Reply) -> None:
    pulled = pull(once(fault))
    assert pulled.outcome.complete, pulled.outcome.error
    assert pulled.outcome.distinct == 3
    assert pulled.outcome.requests == 2
    assert pulled.pauses == [0.25]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Reply(envelope(None, 2001, "window\n too long"), status=400), HttpRefusedError),
        (Reply(status=404), HttpRefusedError),
        (Reply(status=418), HttpRefusedError),
        (Reply(envelope(None, 2000, "no")), StatusRefusedError),
        (Reply(envelope(objects(3), 3000, "no")), StatusRefusedError),
        (Reply(envelope(None, 4001)), StatusRefusedError),
        (Reply(b"<!DOCTYPE html><html>Maintenance</html>"), UnreadableError),
        (Reply(b"Service is down"), UnreadableError),
        (Reply(b'{"hello": "world"}'), UnreadableError),
        (Reply(b'{"data": "none", "status_code": 1000}'), UnreadableError),
        (Reply(b'{"data": [{"id": 01}], "status_code": 1000}'), UnreadableError),
        (Reply(GOOD.body, headers=[("Content-Encoding", "br")]), BadEncodingError),
        (Reply(GOOD.body, headers=[("Content-Encoding", "gzip")]), BadEncodingError),
    ],
)
def test_refusals_and_nonsense_are_not_asked_again(
    pull: Puller, fault: Reply, error: type[OcpiError]
) -> None:
    pulled = pull(once(fault))
    assert type(pulled.outcome.error) is error
    assert not pulled.outcome.complete
    assert pulled.outcome.requests == 1
    assert "\n" not in str(pulled.outcome.error)
    assert str(pulled.outcome.error).startswith("voltix: ")


def test_lasting_faults_end_after_the_attempts_allowed(pull: Puller) -> None:
    pulled = pull(lambda _: Reply(status=502), retry=RetryPolicy(attempts=4))
    assert isinstance(pulled.outcome.error, ServerFailureError)
    assert pulled.outcome.requests == 4
    assert [page.accepted for page in pulled.pages] == [False] * 4


@pytest.mark.parametrize(
    ("header", "pause"), [("17", 17.0), ("Sun, 01 Nov 2026 12:01:00 GMT", 59.654322)]
)
def test_retry_after_is_kept(pull: Puller, header: str, pause: float) -> None:
    pulled = pull(once(Reply(status=429, headers=[("Retry-After", header)])))
    assert pulled.outcome.complete
    assert pulled.pauses == [pytest.approx(pause)]


def test_a_partner_that_wants_us_back_tomorrow_is_told_off(pull: Puller) -> None:
    pulled = pull(once(Reply(status=429, headers=[("Retry-After", "86400")])))
    assert isinstance(pulled.outcome.error, RateLimitedError)
    assert "asks us to wait 86400 s" in str(pulled.outcome.error)
    assert pulled.pauses == []


def test_every_response_is_reported_before_it_is_judged(pull: Puller) -> None:
    pulled = pull(once(Reply(b"<html>", status=500)))
    assert [exchange.http_status for exchange in pulled.exchanges] == [500, 200]
    assert [exchange.body for exchange in pulled.exchanges] == [b"<html>", GOOD.body]
    assert [page.exchange for page in pulled.pages] == pulled.exchanges
    assert [page.accepted for page in pulled.pages] == [False, True]
    assert [page.object_count for page in pulled.pages] == [None, 3]


def test_a_refused_page_tells_its_ocpi_status(pull: Puller) -> None:
    pulled = pull(once(Reply(envelope(None, 3002, "Unsupported version"))))
    assert pulled.pages[0].ocpi_status == 3002
    assert "OCPI status 3002 (Unsupported version)" in str(pulled.outcome.error)


def test_what_the_landing_raises_is_not_swallowed() -> None:
    def full(_: object) -> None:
        raise OSError("disk full")

    async def pulled(server: FakePartner) -> None:
        async with OcpiClient(connection(server), on_exchange=full) as client:
            await client.discover()

    with (
        FakePartner(Partner({"locations": lambda _: GOOD})) as server,
        pytest.raises(OSError, match="disk full"),
    ):
        run(pulled(server))


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf%s",
        b'[%s, {"id": "n", "lat": NaN}]',
        b'[%s, {"id": "c\x01"}]',
        b'[%s, {"id": "\\ud800"}]',
    ],
)
def test_odd_text_costs_no_page(pull: Puller, text: bytes) -> None:
    one = json.dumps(objects(1)[0]).encode()
    body = text % (b"[" + one + b"]" if text.startswith(b"\xef") else one)
    pulled = pull(lambda _: Reply(body))
    assert pulled.outcome.complete


def test_objects_without_identity_or_of_odd_types_still_count(pull: Puller) -> None:
    odd = [{"id": 1}, {"id": "1"}, {"id": {"x": 1}}, {}, {"name": "?"}, 5, "text", None]
    pulled = pull(lambda _: Reply(envelope(odd), headers=[("X-Total-Count", "8")]))
    assert pulled.outcome.complete
    assert pulled.outcome.distinct == 8


def test_duplicate_keys_are_survived(pull: Puller) -> None:
    body = b'{"data": [{"id": "a", "id": "b"}], "status_code": 1000, "status_code": 1000}'
    assert pull(lambda _: Reply(body)).outcome.complete


def test_an_absent_server_is_unreachable(still: StillClock) -> None:
    with FakePartner(Partner({})) as server:
        gone = connection(server, retry=RetryPolicy(attempts=2))

    async def asked() -> None:
        async with OcpiClient(gone, clock=still.clock()) as client:
            await client.discover()

    with pytest.raises(UnreachableError, match="voltix: cannot connect"):
        run(asked())
    assert len(still.pauses) == 1


def test_the_circuit_opens_and_later_pulls_fail_fast(still: StillClock) -> None:
    async def asked(server: FakePartner) -> list[type[Exception]]:
        policy = RetryPolicy(attempts=2, failures_to_open=2)
        found = []
        client = OcpiClient(connection(server, retry=policy), clock=still.clock())
        async with client:
            await client.discover()
            for _ in range(4):
                pull = client.pull("locations")
                async for page in pull:
                    assert not page.accepted
                found.append(type(pull.outcome.error))
        return found

    with FakePartner(Partner({"locations": lambda _: Reply(status=500)})) as server:
        assert run(asked(server)) == [ServerFailureError] * 2 + [CircuitOpenError] * 2
        assert server.paths().count("/locations") == 4


def test_one_list_s_failure_is_no_other_s() -> None:
    lists = {"locations": lambda _: Reply(status=404), "cdrs": PagedList(objects(30))}

    async def both(server: FakePartner) -> list[bool]:
        done = []
        async with OcpiClient(connection(server)) as client:
            await client.discover()
            for module in lists:
                pull = client.pull(module)
                async for _ in pull:
                    pass
                done.append(pull.outcome.complete)
        return done

    with FakePartner(Partner(lists)) as server:
        assert run(both(server)) == [False, True]


def test_connections_are_kept_alive() -> None:
    with FakePartner(Partner({"cdrs": PagedList(objects(500), max_limit=50)})) as server:
        pulled = run(pull_from(server, "cdrs", {}))
        assert pulled.outcome.requests == 10
        assert server.connections == 1


def test_an_error_quotes_what_the_partner_says(pull: Puller) -> None:
    refusal = Reply(envelope(None, 2001, "at most\n30 days"), status=400)
    assert "HTTP 400 (at most 30 days) for " in str(pull(lambda _: refusal).outcome.error)
