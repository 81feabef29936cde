"""Bends pages and responses as a scenario wants: the quirks of paging, faults and envelopes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate
from time import time
from urllib.parse import urlencode

from pipelines.sandbox.http import Reply
from pipelines.sandbox.quirks import Quirks

RETRY_AFTER_S = 1
BOMB_BYTES = 512 * 1024 * 1024
INTERNAL = "http://ocpi-node-3.internal:8080"


@dataclass(frozen=True)
class Page:
    """What a request for a list came to.

    Args:
        total: objects selected.
        offset: position of the first object.
        limit: most objects.
        url: of the endpoint, without query.
        query: of the request.
    """

    total: int
    offset: int
    limit: int
    url: str
    query: dict[str, str]

    @property
    def is_last(self) -> bool:
        """Whether nothing follows."""
        return self.offset + self.limit >= self.total


def page_headers(page: Page, quirks: Quirks) -> dict[str, str]:
    """X-Total-Count, X-Limit and Link (OCPI transport_and_format, paginated response)."""
    headers = {}
    if not quirks.no_total:
        headers["X-Total-Count"] = str(page.total + quirks.short)
    if quirks.x_limit != "none":
        headers["X-Limit"] = "0" if quirks.x_limit == "zero" else str(page.limit)
    if not page.is_last and quirks.link != "none":
        headers["Link"] = f'<{_next(page, quirks)}>; rel="next"'
    elif quirks.link == "loop" and page.offset:
        headers["Link"] = f'<{page.url}?{urlencode(page.query)}>; rel="next"'
    elif quirks.empty_link:
        headers["Link"] = ""
    return headers


def _next(page: Page, quirks: Quirks) -> str:
    query = {**page.query, "offset": str(page.offset + page.limit), "limit": str(page.limit)}
    if quirks.link == "without_limit":
        del query["limit"]
    if quirks.link == "date_from_none":
        query["date_from"] = "None"
    _, _, path = page.url.split("/", 2)[2].partition("/")
    start = {"internal": f"{INTERNAL}/{path}", "relative": f"/{path}"}.get(quirks.link, page.url)
    return f"{start}?{urlencode(query)}"


def failure(quirks: Quirks, count: int, path: str) -> Reply | None:
    """The failing reply to the request with this number, counted from 1; None: it is answered.

    A fault that spoils a good body (`reset`, `drip`, `truncated`) is made by `spoil_body`.
    """
    if not is_due(quirks, count):
        return None
    match quirks.fault:
        case "429" | "429_date":
            date = formatdate(time() + RETRY_AFTER_S, usegmt=True)
            wait = date if quirks.fault == "429_date" else str(RETRY_AFTER_S)
            return Reply(b"slow down", 429, {"Retry-After": wait})
        case "500" | "503":
            return Reply(b"oops", int(quirks.fault), {"Content-Type": "text/plain"})
        case "html":
            body = b"<!DOCTYPE html><html><body>Maintenance</body></html>"
            return Reply(body, 200, {"Content-Type": "text/html"})
        case "ocpi_2001" | "ocpi_3000" | "ocpi_3001":
            code = int(quirks.fault.removeprefix("ocpi_"))
            body = json.dumps({"status_code": code, "status_message": "Not now"}).encode()
            return Reply(body, 200, {"Content-Type": "application/json"})
        case "redirect":
            return Reply(b"", 302, {"Location": path})
        case "bomb":
            return Reply(_bomb(), 200, {"Content-Encoding": "gzip"})
    return None


def is_due(quirks: Quirks, count: int) -> bool:
    """Whether the request with this number, counted from 1, fails."""
    every = quirks.fault_every
    return bool(quirks.fault) and (
        count <= quirks.fault_first or (every > 0 and count % every == 0)
    )


def spoil_body(reply: Reply, quirks: Quirks, count: int) -> Reply:
    """Breaks a good reply on its way: at the connection, or within its bytes."""
    body = bytes(reply.body)
    if is_due(quirks, count):
        match quirks.fault:
            case "reset" | "drip":
                reply.ending = quirks.fault
            case "truncated":
                body = body[: len(body) * 2 // 3]
    if quirks.duplicate_keys:
        body = body.replace(b'"status_code":1000', b'"status_code":1000,"status_code":1000')
    if quirks.nan:
        body = body.removesuffix(b"}") + b',"took":NaN}'
    if quirks.bom:
        body = b"\xef\xbb\xbf" + body
    if quirks.gzip_unsaid:
        body = gzip.compress(body, compresslevel=1, mtime=0)
    reply.body = body
    return reply


def shaped(objects: Sequence[str], quirks: Quirks, module: str, timestamp: str) -> bytes:
    """The body: an OCPI envelope, or what stands for one."""
    status = f'"status_code":1000,"status_message":"Success","timestamp":"{timestamp}"'
    listed = f"[{','.join(objects)}]"
    match quirks.shape:
        case "bare":
            body = listed
        case "null" if not objects:
            body = f'{{"data":null,{status}}}'
        case "absent" if not objects:
            body = f"{{{status}}}"
        case "object" if len(objects) == 1:
            body = f'{{"data":{objects[0]},{status}}}'
        case "keyed":
            body = f'{{"{module}":{listed},{status}}}'
        case "nested":
            body = f'{{"data":{{"{module}":{listed}}},{status}}}'
        case "items":
            body = f'{{"items":{listed},"next":null,{status}}}'
        case _:
            body = f'{{"data":{listed},{status}}}'
    return body.encode()


def _bomb() -> bytes:
    return gzip.compress(b'{"data":["' + b"0" * BOMB_BYTES, compresslevel=9, mtime=0)
