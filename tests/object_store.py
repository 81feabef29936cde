"""An object store on loopback: as much of its protocol as we and the engine use."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4


@contextmanager
def object_store() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Run a store; yield its address, and what it keeps by /bucket/key."""
    kept: dict[str, bytes] = {}
    handler = type("Store", (_Store,), {"kept": kept, "parts": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", kept
        server.shutdown()


class _Store(BaseHTTPRequestHandler):
    kept: dict[str, bytes]
    parts: dict[str, dict[int, bytes]]  # of each upload under way, by its id
    protocol_version = "HTTP/1.1"  # or the client waits a second for each "100 Continue"

    def do_POST(self) -> None:
        body, path, query = self._read(), self._path, self._query
        bucket, _, key = path[1:].partition("/")
        if "delete" in query:
            for text in body.decode().split("<Key>")[1:]:
                self.kept.pop(f"/{bucket}/{text.partition('<')[0]}", None)
            self._answer("<DeleteResult></DeleteResult>")
        elif "uploads" in query:
            upload = uuid4().hex  # two may write one object at once
            self.parts[upload] = {}
            names = f"<Bucket>{bucket}</Bucket><Key>{key}</Key><UploadId>{upload}</UploadId>"
            self._answer(f"<InitiateMultipartUploadResult>{names}</InitiateMultipartUploadResult>")
        else:
            parts = self.parts.pop(query["uploadId"][0])
            self.kept[path] = b"".join(parts[number] for number in sorted(parts))
            self._answer(
                "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"
            )

    def do_PUT(self) -> None:
        if number := self._query.get("partNumber"):
            self.parts[self._query["uploadId"][0]][int(number[0])] = self._read()
        else:
            self.kept[self._path] = self._read()
        self._answer("")

    def do_HEAD(self) -> None:
        self._give(with_body=False)

    def do_GET(self) -> None:
        if "list-type" in self._query:
            self._list()
        else:
            self._give(with_body=True)

    def do_DELETE(self) -> None:
        self.kept.pop(self._path, None)
        self._answer("", status=204)

    @property
    def _path(self) -> str:
        return urlsplit(self.path).path

    @property
    def _query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def _list(self) -> None:
        bucket = self._path.strip("/")
        prefix = f"/{bucket}/{self._query.get('prefix', [''])[0]}"
        names = {path for path in self.kept if path.startswith(prefix)}
        folders = set()
        if "delimiter" in self._query:
            folders = {
                f"{prefix}{path.removeprefix(prefix).partition('/')[0]}/"
                for path in names
                if "/" in path.removeprefix(prefix)
            }
            names = {path for path in names if "/" not in path.removeprefix(prefix)}
        found = "".join(
            f"<Contents><Key>{path.removeprefix(f'/{bucket}/')}</Key>"
            f"<Size>{len(self.kept[path])}</Size>"
            "<LastModified>2026-11-01T00:00:00.000Z</LastModified></Contents>"
            for path in sorted(names)
        )
        found += "".join(
            f"<CommonPrefixes><Prefix>{path.removeprefix(f'/{bucket}/')}</Prefix></CommonPrefixes>"
            for path in sorted(folders)
        )
        self._answer(
            f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>"
        )

    def _give(self, *, with_body: bool) -> None:
        body = self.kept.get(self._path)
        if body is None:
            # An upload asks first whether its bucket is there.
            self._answer("", status=404 if "/" in self._path[1:] else 200)
            return
        first, last = 0, len(body) - 1
        if asked := self.headers.get("Range"):
            start, _, end = asked.removeprefix("bytes=").partition("-")
            first, last = int(start), min(int(end or last), last)
        self.send_response(206 if asked else 200)
        self.send_header("ETag", "e")
        self.send_header("Last-Modified", "Sun, 01 Nov 2026 00:00:00 GMT")
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        if with_body:
            self.wfile.write(body[first : last + 1])

    def _read(self) -> bytes:
        chunked = self.headers.get("Transfer-Encoding") == "chunked"
        length = int(self.headers.get("Content-Length") or 0)
        body = _joined(self.rfile) if chunked else self.rfile.read(length)
        signed = "aws-chunked" in self.headers.get("Content-Encoding", "")
        return _joined(BytesIO(body)) if signed else body

    def _answer(self, body: str, *, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("ETag", "e")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def _joined(stream: BinaryIO) -> bytes:
    """Return a body that comes in chunks, each behind its length."""
    body = b""
    while size := int(stream.readline().split(b";")[0], 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return body
