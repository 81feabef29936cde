"""No response may take longer, stay silent longer, or be larger than allowed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from fake_partner import Reply, envelope, objects
from ocpi_world import IMPATIENT, Puller

from pipelines.ocpi.errors import (
    BrokenConnectionError,
    TimedOutError,
    TooLargeError,
    UnreadableError,
)


@pytest.mark.withstands("a partner accepts and then says nothing", "it is left after `timeout`")
def test_a_silent_server_is_left(pull: Puller) -> None:
    pulled = pull(lambda _: Reply(silent=True), timeout_s=1.0, retry=IMPATIENT)
    assert isinstance(pulled.outcome.error, TimedOutError)
    assert "silent for 1 s" in str(pulled.outcome.error)


@pytest.mark.withstands("a partner drips its answer", "it is left after `page_timeout`")
def test_a_dripping_server_is_left(pull: Puller) -> None:
    """Each byte comes in time; only the bound on the whole response ends it."""
    dripping = Reply(envelope(objects(2000)), drip_s=0.01)
    pulled = pull(lambda _: dripping, timeout_s=5, page_timeout_s=0.2, retry=IMPATIENT)
    assert isinstance(pulled.outcome.error, TimedOutError)
    assert "no whole answer within 0.2 s" in str(pulled.outcome.error)


@pytest.mark.parametrize(
    "squeeze", [gzip.compress, zlib.compress, lambda data: zlib.compress(data)[2:-4]]
)
def test_compressed_answers_are_inflated(pull: Puller, squeeze: Callable[[bytes], bytes]) -> None:
    coding = "gzip" if squeeze is gzip.compress else "deflate"
    body = envelope(objects(500))
    pulled = pull(lambda _: Reply(squeeze(body), headers=[("Content-Encoding", coding)]))
    assert pulled.outcome.distinct == 500
    assert pulled.exchanges[0].body == body


def test_gzip_without_the_header_is_kept_as_it_came_and_read(pull: Puller) -> None:
    body = gzip.compress(envelope(objects(5)))
    pulled = pull(lambda _: Reply(body))
    assert pulled.outcome.distinct == 5
    assert pulled.exchanges[0].body == body


@pytest.mark.withstands(
    "a compressed answer unfolds without end", "it is refused at `max_page`, while it unfolds"
)
@pytest.mark.parametrize("header", [[("Content-Encoding", "gzip")], []])
def test_a_bomb_is_refused_while_it_unfolds(pull: Puller, header: list[tuple[str, str]]) -> None:
    bomb = gzip.compress(b" " * (64 << 20))
    pulled = pull(lambda _: Reply(bomb, headers=header), max_page_bytes=1 << 20)
    assert isinstance(pulled.outcome.error, TooLargeError | UnreadableError)
    assert "1,048,576 bytes" in str(pulled.outcome.error)
    assert pulled.outcome.requests == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b" " * 5000),
        Reply(b"", length=10**15),
        Reply(
            raw=b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            + (b"400\r\n" + b" " * 1024 + b"\r\n") * 2
        ),
    ],
    ids=["too long", "announced", "chunked"],
)
def test_a_body_over_the_bound_is_refused(pull: Puller, reply: Reply) -> None:
    pulled = pull(lambda _: reply, max_page_bytes=2000)
    assert isinstance(pulled.outcome.error, TooLargeError)
    assert "lower page_limit or raise max_page" in str(pulled.outcome.error)


@pytest.mark.withstands("headers without end", "they are refused")
def test_headers_without_end_are_refused(pull: Puller) -> None:
    flood = b"HTTP/1.1 200 OK\r\n" + b"x-flood: " + b"a" * (1 << 20) + b"\r\n\r\n"
    pulled = pull(lambda _: Reply(raw=flood), retry=IMPATIENT)
    assert isinstance(pulled.outcome.error, BrokenConnectionError)
