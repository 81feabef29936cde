"""Fetching feeds over real HTTP and from real files."""

from __future__ import annotations

import asyncio
import errno
import gzip
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fake_partner import FakePartner, Handler, Reply, Request

from models.ocpi.json.stream import split_stream
from pipelines.feeds import Feed, Fetched, Validators, fetch_feed
from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import (
    BrokenConnectionError,
    HttpRefusedError,
    OcpiError,
    OriginRefusedError,
    RedirectError,
    TooLargeError,
)
from pipelines.ocpi.pacing import Clock

BODY = json.dumps([{"id": number} for number in range(500)]).encode()
SQUEEZED = gzip.compress(BODY)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PERSISTENT = RetryPolicy(attempts=3)


@dataclass
class Kept:
    data: bytearray = field(default_factory=bytearray)
    restarts: int = 0

    def write(self, data: bytes, /) -> None:
        self.data += data

    def restart(self) -> None:
        self.data.clear()
        self.restarts += 1


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


CLOCK = Clock(now=lambda: NOW, monotonic=lambda: 0.0, sleep=no_pause, jitter=lambda: 0.5)


def fetch(
    location: str, known: Validators | None = None, **settings: object
) -> tuple[Fetched, Kept]:
    kept = Kept()
    feed = Feed("ndw", location, **{"retry": PERSISTENT, **settings})  # type: ignore[arg-type]
    return asyncio.run(fetch_feed(feed, kept, known=known, clock=CLOCK)), kept


def served(handler: Handler, **settings: object) -> tuple[Fetched, Kept, list[Request]]:
    with FakePartner(handler) as server:
        fetched, kept = fetch(f"{server.url}/locations.json", **settings)
    return fetched, kept, server.requests


@pytest.mark.parametrize(
    "reply",
    [
        Reply(BODY),
        Reply(SQUEEZED, headers=[("Content-Encoding", "gzip")]),
    ],
)
def test_a_feed_arrives_whole_and_without_a_token(reply: Reply) -> None:
    fetched, kept, requests = served(lambda _: reply)
    assert kept.data == BODY
    assert (fetched.bytes, fetched.http_status, fetched.requests) == (len(BODY), 200, 1)
    assert fetched.fetched_at == NOW
    assert not fetched.unchanged
    assert "authorization" not in requests[0].headers


def test_a_squeezed_file_is_kept_as_it_is_and_can_be_read() -> None:
    _, kept, _ = served(lambda _: Reply(SQUEEZED, headers=[("Content-Type", "application/gzip")]))
    assert kept.data == SQUEEZED
    assert sum(len(held) for held in split_stream([bytes(kept.data)])) == 500


def publisher(request: Request) -> Reply:
    validators = [("ETag", '"v1"'), ("Last-Modified", "Sun, 01 Nov 2026 10:00:00 GMT")]
    if request.headers.get("if-none-match") == '"v1"':
        return Reply(status=304, headers=validators[:1])
    return Reply(BODY, headers=validators)


def test_an_unchanged_feed_is_not_fetched_again() -> None:
    first, _, _ = served(publisher)
    known = Validators('"v1"', "Sun, 01 Nov 2026 10:00:00 GMT")
    assert (first.headers["etag"], first.headers["last-modified"]) == (
        known.etag,
        known.last_modified,
    )
    second, kept, requests = served(publisher, known=known)
    assert second.unchanged
    assert (second.http_status, second.bytes, kept.restarts) == (304, 0, 0)
    assert requests[0].headers["if-modified-since"] == "Sun, 01 Nov 2026 10:00:00 GMT"


def first_then(fault: Reply, then: Reply) -> Handler:
    asked: list[Request] = []

    def handler(request: Request) -> Reply:
        asked.append(request)
        return fault if len(asked) == 1 else then

    return handler


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=503),
        Reply(status=429, headers=[("Retry-After", "3")]),
        Reply(BODY, cut_after=1000),
        Reply(BODY[:1000], length=len(BODY)),
        Reply(SQUEEZED[:-20]),
    ],
    ids=["503", "429", "reset", "short", "cut gzip"],
)
def test_a_broken_download_starts_again_from_nothing(fault: Reply) -> None:
    fetched, kept, _ = served(first_then(fault, Reply(BODY)))
    assert kept.data == BODY
    assert fetched.requests == 2
    assert fetched.bytes == len(BODY)


def test_what_stays_broken_is_told() -> None:
    with pytest.raises(BrokenConnectionError, match="ndw: the feed's gzip is damaged"):
        served(lambda _: Reply(SQUEEZED[:-20]))


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refused_feed_is_not_asked_again(status: int) -> None:
    with FakePartner(lambda _: Reply(status=status)) as server:
        with pytest.raises(HttpRefusedError, match=f"ndw: HTTP {status}"):
            fetch(f"{server.url}/x?key=hidden")
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", [BODY, gzip.compress(b" " * 5_000_000, mtime=0)])
def test_a_feed_over_the_bound_is_refused(body: bytes) -> None:
    with pytest.raises(TooLargeError, match=r"1,500 bytes|5,00\d bytes|raise max_page"):
        served(lambda _: Reply(body), max_bytes=1500)


def test_redirects_within_the_host_are_followed() -> None:
    def moved(request: Request) -> Reply:
        if request.path == "/locations.json":
            return Reply(status=302, headers=[("Location", "/2026/locations.json")])
        return Reply(BODY)

    fetched, kept, _ = served(moved)
    assert kept.data == BODY
    assert fetched.url.endswith("/2026/locations.json")


def test_redirects_to_other_hosts_are_not() -> None:
    with FakePartner(lambda _: Reply(BODY)) as elsewhere:
        away = Reply(status=302, headers=[("Location", f"{elsewhere.url}/x")])
        with pytest.raises(OriginRefusedError, match="ndw: the feed redirects to http://127"):
            served(lambda _: away)
        assert elsewhere.connections == 0


@pytest.mark.parametrize("location", ["/locations.json", ""])
def test_redirects_without_end_or_target_end(location: str) -> None:
    with pytest.raises(RedirectError, match="ndw"):
        served(lambda _: Reply(status=301, headers=[("Location", location)]))


def test_secrets_in_a_feed_s_url_are_not_shown() -> None:
    with FakePartner(lambda _: Reply(BODY)) as server:
        fetched, _ = fetch(f"{server.url}/feed?api_key=hidden&format=ocpi")
    assert fetched.url == f"{server.url}/feed?api_key=***&format=ocpi"


@pytest.mark.parametrize(("name", "body"), [("f.json", BODY), ("f.json.gz", SQUEEZED)])
def test_a_file_is_a_feed(tmp_path: Path, name: str, body: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    first, kept = fetch(str(path))
    assert kept.data == body
    assert (first.http_status, first.bytes, first.url) == (200, len(body), name)
    known = Validators(first.headers["etag"])
    again, kept = fetch(str(path), known)
    assert (again.unchanged, kept.restarts) == (True, 0)
    os.utime(path, (1, 1))
    assert not fetch(str(path), known)[0].unchanged


def absent(folder: Path) -> Path:
    return folder / "none.json"


def directory(folder: Path) -> Path:
    return folder


def damaged(folder: Path) -> Path:
    path = folder / "damaged.json.gz"
    path.write_bytes(SQUEEZED[:-20])
    return path


@pytest.mark.parametrize("make", [absent, directory, damaged])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(OcpiError, match=r"^ndw: ") as raised:
        fetch(str(make(tmp_path)))
    assert "\n" not in str(raised.value)


class FullDisk:
    """A sink that has no room left."""

    def write(self, data: bytes, /) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def restart(self) -> None:
        """Nothing was written."""


def test_a_full_disk_of_ours_is_not_the_publishers_fault(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_bytes(BODY)
    with pytest.raises(OSError, match="No space left") as raised:
        asyncio.run(fetch_feed(Feed("ndw", str(path)), FullDisk()))
    assert not isinstance(raised.value, OcpiError)


def test_a_file_over_the_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * 5_000_000))
    with pytest.raises(TooLargeError, match="ndw: the feed inflates to more than"):
        fetch(str(path), max_bytes=100_000)


SHARED = Path(os.environ.get("ROAMHOUSE_SHARED", Path(__file__).parents[3] / "shared")) / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real feeds are not here")
@pytest.mark.parametrize(("name", "count"), [("locations", 1038), ("tariffs", 328)])
def test_the_national_feed_arrives_whole(name: str, count: int) -> None:
    path = SHARED / "ndw" / f"{name}.json.gz"
    _, from_file = fetch(str(path))
    _, from_web, _ = served(lambda _: Reply(path.read_bytes()))
    assert from_file.data == from_web.data
    held = split_stream([bytes(from_web.data)], module=name)
    assert sum(len(batch) for batch in held) == count
