"""Inflating what partners compressed, with a bound: a bomb is refused while it unfolds.

Belongs here: gzip and deflate streams, in pieces or whole. Not here: HTTP, JSON.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 256 * 1024
_AUTO_HEADER = zlib.MAX_WBITS | 32  # gzip or zlib, whichever the first bytes say
_NO_HEADER = -zlib.MAX_WBITS  # the raw deflate that some servers call "deflate"


class InflateError(ValueError):
    """The compressed bytes are damaged or end too early."""


class InflateLimitError(InflateError):
    """More came out of the compressed bytes than was allowed."""


class Inflater:
    """Inflates a gzip, zlib or raw deflate stream piece by piece.

    Args:
        limit: the most bytes that may come out; one more raises.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._produced = 0
        self._started = False
        self._stream = zlib.decompressobj(_AUTO_HEADER)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Inflate one more piece of the stream.

        Args:
            chunk: the next compressed bytes.

        Yields:
            Inflated pieces of at most 256 KiB each.

        Raises:
            InflateLimitError: more than the limit came out.
            InflateError: the bytes are no gzip or deflate.
        """
        while chunk:
            if self._stream.eof:
                if not chunk.strip(
                    b"\0"
                ):  # padding behind the last member, as tape writers left it
                    return
                self._stream = zlib.decompressobj(_AUTO_HEADER)
            piece = self._inflate(chunk)
            if piece:
                yield piece
            chunk = self._stream.unconsumed_tail or self._stream.unused_data

    def _inflate(self, chunk: bytes) -> bytes:
        try:
            piece = self._stream.decompress(chunk, _PIECE)
        except zlib.error as error:
            if self._started:
                raise InflateError(f"damaged compressed data: {error}") from error
            piece = self._inflate_raw(chunk)
        self._started = True
        self._produced += len(piece)
        if self._produced > self._limit:
            raise InflateLimitError(f"more than {self._limit:,} bytes come out of it")
        return piece

    def _inflate_raw(self, chunk: bytes) -> bytes:
        self._stream = zlib.decompressobj(_NO_HEADER)
        try:
            return self._stream.decompress(chunk, _PIECE)
        except zlib.error as error:
            raise InflateError(f"neither gzip nor deflate: {error}") from error

    def finish(self) -> None:
        """Say that the stream has ended.

        Raises:
            InflateError: it ended in the middle.
        """
        if not self._stream.eof:
            raise InflateError("the compressed data ends too early")


def inflate(data: bytes, limit: int) -> bytes:
    """Inflate a whole gzip or deflate body.

    Args:
        data: the compressed bytes.
        limit: the most bytes that may come out.

    Returns:
        The inflated bytes.

    Raises:
        InflateLimitError: more than the limit came out.
        InflateError: the bytes are damaged or end too early.
    """
    inflater = Inflater(limit)
    body = b"".join(inflater.feed(data))
    inflater.finish()
    return body
