"""Inflating what partners compressed, with a bound: a bomb is refused while it unfolds.

Belongs here: gzip and deflate streams, in pieces or whole. Not here: HTTP, JSON.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 256 * 1024
_GZIP, _ZLIB = zlib.MAX_WBITS | 16, zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS  # without a header: what some servers call "deflate"


class InflateError(ValueError):
    """The compressed bytes are damaged or end too early."""


class InflateLimitError(InflateError):
    """More came out of the compressed bytes than was allowed."""


class Inflater:
    """Inflates a gzip, zlib or raw deflate stream piece by piece.

    `limit`: the most bytes that may come out; one more raises.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._produced = 0
        self._head = b""
        self._stream: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Inflate one more piece of the stream.

        Yields:
            Inflated pieces of at most 256 KiB each.

        Raises:
            InflateLimitError: more than the limit came out.
            InflateError: the bytes are damaged.
        """
        if self._stream is None:
            self._head += chunk
            if len(self._head) < 2:  # the first two bytes tell the format
                return
            chunk = self._head
            self._stream = zlib.decompressobj(_format(chunk))
        while chunk:
            if self._stream.eof:
                if not chunk.strip(b"\0"):  # padding behind the last member, as on tapes
                    return
                self._stream = zlib.decompressobj(_GZIP)
            if piece := self._inflate(self._stream, chunk):
                yield piece
            chunk = self._stream.unconsumed_tail or self._stream.unused_data

    def _inflate(self, stream: zlib._Decompress, chunk: bytes) -> bytes:
        try:
            piece = stream.decompress(chunk, _PIECE)
        except zlib.error as error:
            raise InflateError(f"damaged compressed data: {error}") from error
        self._produced += len(piece)
        if self._produced > self._limit:
            raise InflateLimitError(f"more than {self._limit:,} bytes come out of it")
        return piece

    def finish(self) -> None:
        """Say that the stream has ended; an InflateError says that it ended in the middle."""
        if self._stream is None or not self._stream.eof:
            raise InflateError("the compressed data ends too early")


def _format(head: bytes) -> int:
    if head.startswith(GZIP_MAGIC):
        return _GZIP
    method, check = head[0] & 0x0F, (head[0] << 8 | head[1]) % 31
    return _ZLIB if (method, check) == (8, 0) else _RAW


def inflate(data: bytes, limit: int) -> bytes:
    """Inflate a whole gzip or deflate body into at most `limit` bytes (see `Inflater.feed`)."""
    inflater = Inflater(limit)
    body = b"".join(inflater.feed(data))
    inflater.finish()
    return body
