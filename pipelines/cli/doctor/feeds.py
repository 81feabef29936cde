"""An open-data feed: can it be fetched, and does it begin like one?

Only the beginning is fetched: national feeds are large.
"""

from __future__ import annotations

from pipelines.cli.doctor.results import Check
from pipelines.config import FeedPartner
from pipelines.feeds import Feed, fetch_feed
from pipelines.ocpi import OcpiError, RetryPolicy

_IMPATIENT = RetryPolicy(attempts=2, total_wait_s=5)
_BEGINNING = 4096
_GZIP = b"\x1f\x8b"


class _SeenEnough(Exception):
    """The beginning has come; the rest is not wanted."""


class _Beginning:
    """A sink that keeps the first bytes and then ends the fetch."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes, /) -> None:
        self.data += data[:_BEGINNING]
        if len(self.data) >= _BEGINNING:
            raise _SeenEnough

    def restart(self) -> None:
        self.data = b""


async def check_feed(partner: FeedPartner) -> list[Check]:
    """Fetch the beginning of each of a feed's files.

    Args:
        partner: its entry in the partners file.
    """
    return [await _check_file(partner, module, place) for module, place in partner.urls.items()]


async def _check_file(partner: FeedPartner, module: str, place: str) -> Check:
    feed = Feed(
        name=partner.name,
        location=place,
        timeout_s=partner.timeout.total_seconds(),
        whole_timeout_s=partner.page_timeout.total_seconds(),
        max_bytes=partner.max_page,
        retry=_IMPATIENT,
        proxy=partner.proxy,
        ca_file=partner.ca_file,
    )
    beginning = _Beginning()
    try:
        await fetch_feed(feed, beginning)
    except _SeenEnough:
        return _judge(partner.name, module, beginning.data)
    except OcpiError as error:
        return Check(partner.name, module, "fail", str(error).removeprefix(f"{partner.name}: "))
    return _judge(partner.name, module, beginning.data)


def _judge(name: str, module: str, data: bytes) -> Check:
    if data.startswith(_GZIP):
        return Check(name, module, "ok", "readable, compressed")
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"[", b"{")):
        return Check(name, module, "ok", "readable")
    what = "HTML" if data.lstrip().startswith(b"<") else "something else" if data else "nothing"
    message = f"JSON is expected, {what} came; look at {module}_url in a browser"
    return Check(name, module, "fail", message)
