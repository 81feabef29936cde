"""Fault injection: pages that do not conform, requests that fail, replies broken on their way."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from time import time
from urllib.parse import urlencode, urlsplit

from pipelines.sandbox.replies import Reply
from pipelines.sandbox.scenario import NonConformities

JSON_TYPE = {"Content-Type": "application/json"}
RETRY_AFTER_S = 1
DRIP_BYTES = 16
DRIP_PAUSE_S = 0.05
BOMB_BYTES = 512 * 1024 * 1024
INTERNAL = "http://ocpi-node-3.internal:8080"


@dataclass(frozen=True)
class Page:
    """The part of a list that a request asks for."""

    total: int  # objects selected
    offset: int  # position of the first object
    limit: int  # most objects
    url: str  # of the endpoint, without query
    query: dict[str, str]  # of the request

    @property
    def is_last(self) -> bool:
        """True where nothing follows."""
        return self.offset + self.limit >= self.total


def page_headers(page: Page, deviations: NonConformities) -> dict[str, str]:
    """Return X-Total-Count, X-Limit and Link (OCPI transport_and_format, paginated response)."""
    headers = {}
    if not deviations.no_total:
        headers["X-Total-Count"] = str(page.total + deviations.short)
    if deviations.x_limit != "none":
        headers["X-Limit"] = "0" if deviations.x_limit == "zero" else str(page.limit)
    if not page.is_last and deviations.link != "none":
        headers["Link"] = f'<{_next(page, deviations)}>; rel="next"'
    elif deviations.link == "loop" and page.offset:
        headers["Link"] = f'<{page.url}?{urlencode(page.query)}>; rel="next"'
    elif deviations.empty_link:
        headers["Link"] = ""
    return headers


def _next(page: Page, deviations: NonConformities) -> str:
    query = {**page.query, "offset": str(page.offset + page.limit), "limit": str(page.limit)}
    if deviations.link == "without_limit":
        del query["limit"]
    if deviations.link == "date_from_none":
        query["date_from"] = "None"
    path = urlsplit(page.url).path
    start = {"internal": INTERNAL + path, "relative": path}.get(deviations.link, page.url)
    return f"{start}?{urlencode(query)}"


def failure(deviations: NonConformities, count: int, url: str) -> Reply | None:
    """Return the failing reply to the request with this number, counted from 1; None: none fails.

    A fault that breaks a good reply (`reset`, `drip`, `truncated`) is made by `break_reply`.
    """
    if not is_due(deviations, count):
        return None
    fault = deviations.fault
    match fault:
        case "429" | "429_date":
            date = formatdate(time() + RETRY_AFTER_S, usegmt=True)
            wait = date if fault == "429_date" else str(RETRY_AFTER_S)
            return Reply(b"slow down", 429, {"Retry-After": wait})
        case "500" | "503":
            return Reply(b"oops", int(fault), {"Content-Type": "text/plain"})
        case "html":
            body = b"<!DOCTYPE html><html><body>Maintenance</body></html>"
            return Reply(body, 200, {"Content-Type": "text/html"})
        case "ocpi_2001" | "ocpi_3000" | "ocpi_3001":
            code = fault.removeprefix("ocpi_")
            body = f'{{"status_code": {code}, "status_message": "Not now"}}'.encode()
            return Reply(body, 200, JSON_TYPE)
        case "redirect":
            return Reply(b"", 302, {"Location": url})
        case "bomb":
            return Reply(_bomb(), 200, {"Content-Encoding": "gzip"})
    return None


def is_due(deviations: NonConformities, count: int) -> bool:
    """Tell whether the request with this number, counted from 1, fails."""
    every = deviations.fault_every
    return bool(deviations.fault) and (
        count <= deviations.fault_first or (every > 0 and count % every == 0)
    )


def break_reply(reply: Reply, deviations: NonConformities, count: int) -> Reply:
    """Break a good reply on its way: at the connection, or within its bytes."""
    body = bytes(reply.body)
    if deviations.duplicate_keys:
        body = body.replace(b'"status_code":1000', b'"status_code":1000,"status_code":1000')
    if deviations.nan:
        body = body.removesuffix(b"}") + b',"took":NaN}'
    if deviations.bom:
        body = b"\xef\xbb\xbf" + body
    if deviations.gzip_unsaid:
        body = gzip.compress(body, compresslevel=1, mtime=0)
    reply.body = body
    match deviations.fault if is_due(deviations, count) else "":
        case "reset":
            reply.cut_after = len(body) // 2
        case "drip":
            reply.drip_s, reply.drip_bytes = DRIP_PAUSE_S, DRIP_BYTES
        case "truncated":
            reply.body = body[: len(body) * 2 // 3]
    return reply


def envelope(objects: Sequence[bytes], shape: str, module: str, timestamp: str) -> bytes:
    """Return the body of a list: an OCPI envelope, or what stands for one."""
    status = f'"status_code":1000,"status_message":"Success","timestamp":"{timestamp}"}}'.encode()
    listed = b"[%b]" % b",".join(objects)
    name = module.encode()
    match shape:
        case "bare":
            return listed
        case "null" if not objects:
            return b'{"data":null,' + status
        case "absent" if not objects:
            return b"{" + status
        case "object" if len(objects) == 1:
            return b'{"data":%b,%b' % (objects[0], status)
        case "keyed":
            return b'{"%b":%b,%b' % (name, listed, status)
        case "nested":
            return b'{"data":{"%b":%b},%b' % (name, listed, status)
        case "items":
            return b'{"items":%b,"next":null,%b' % (listed, status)
    return b'{"data":%b,%b' % (listed, status)


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    return gzip.compress(b'{"data":["' + b"0" * BOMB_BYTES, compresslevel=9, mtime=0)
