"""Cutting JSON text that arrives in pieces: whole values and runs of array elements.

Finds where values end by counting brackets outside strings, many bytes at a time; whether
a value is sound JSON is for its parser to say. Belongs here: bytes. Not here: OCPI.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from models.ocpi.json.parse import without_bom

_BLANK = b" \t\r\n"
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_LONGEST_SCALAR = 1 << 20  # of the envelope: it is scanned anew with each piece
_QUOTE, _COMMA = 0x22, 0x2C
_STEPS = np.zeros(256, dtype=np.int8)  # what a byte adds to the depth
_STEPS[list(b"{[")], _STEPS[list(b"}]")] = 1, -1
# One byte in eight says where values end; the others are not looked at.
_MARKED = bytes(byte in b'"{[,]}' for byte in range(256))


class TokenError(ValueError):
    """The text is not the JSON it should be here."""

    def __init__(self, message: str, *, truncated: bool = False) -> None:
        super().__init__(message)
        self.truncated = truncated


@dataclass
class _Nesting:
    """Where a scan stands: bracket depth, inside a string, behind a backslash."""

    depth: int = 0
    in_string: bool = False
    escaped: bool = False

    def scan(self, piece: bytes) -> tuple[int | None, int | None]:
        """Follow the text over one more piece.

        Returns:
            Where depth 0 was reached again, and the last comma at depth 1 before that;
            None: not in this piece.
        """
        plain = self._without_escapes(piece)
        at = np.flatnonzero(np.frombuffer(plain.translate(_MARKED), dtype=np.bool_))
        if not len(at):
            return None, None
        marks = np.frombuffer(plain, dtype=np.uint8)[at]
        quotes = np.cumsum(marks == _QUOTE, dtype=np.uint8)  # odd or even is all that counts
        outside = quotes & 1 == int(self.in_string)
        steps = _STEPS[marks] * outside
        depths = np.cumsum(steps, dtype=np.int32) + self.depth
        ends = np.flatnonzero((depths == 0) & (steps == -1))
        end = int(at[ends[0]]) if len(ends) else None
        commas = at[(marks == _COMMA) & outside & (depths == 1)]
        if end is not None:
            commas = commas[commas < end]
        self.depth, self.in_string = int(depths[-1]), not outside[-1]
        return end, int(commas[-1]) if len(commas) else None

    def _without_escapes(self, piece: bytes) -> bytes:
        """Blank out escaped characters, so that every quote left is a real one."""
        if self.escaped:
            piece = b"_" + piece[1:]
        if b"\\" not in piece:
            self.escaped = False
            return piece
        piece = _ESCAPED.sub(b"__", piece)
        self.escaped = piece.endswith(b"\\")
        return piece


class Tokenizer:
    """Reads JSON text from chunks, front to back.

    `longest`: most bytes of one value, or of one element of an array.
    """

    def __init__(self, chunks: Iterable[bytes], longest: int) -> None:
        self._chunks = (bytes(chunk) for chunk in chunks if chunk)
        self._longest = longest
        self._text = b""
        while len(self._text) < 3 and self._more():
            pass
        self._text = without_bom(self._text)

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._text += chunk
        return True

    def peek(self) -> bytes:
        """Return the next byte that is no blank, unread; empty: the text has ended."""
        while True:
            self._text = self._text.lstrip(_BLANK)
            if self._text:
                return self._text[:1]
            if not self._more():
                return b""

    def take(self, byte: bytes) -> None:
        """Read one given byte; another is a TokenError."""
        found = self.peek()
        if found != byte:
            at = f"not {found!r}" if found else "but the text ends"
            raise TokenError(f"expected {byte!r}, {at}", truncated=not found)
        self._text = self._text[1:]

    def value(self) -> bytes:
        """Read one whole value; a TokenError says that it does not end, or is too long."""
        kind = self.peek()
        if kind in (b"{", b"["):
            return self._container()
        if kind == b'"':
            return self._scalar(re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL), closed=True)
        return self._scalar(re.compile(rb"[^\s,\]}]+"), closed=False)

    def _scalar(self, pattern: re.Pattern[bytes], *, closed: bool) -> bytes:
        """Read a string, or a number or name, which ends where something else begins."""
        while True:
            found = pattern.match(self._text)
            if found and (closed or found.end() < len(self._text)):
                break
            self._bound(len(self._text), min(self._longest, _LONGEST_SCALAR))
            if not self._more():
                raise TokenError("the text ends in the middle of a value", truncated=True)
        self._text = self._text[found.end() :]
        return found[0]

    def _container(self) -> bytes:
        nesting, parts, length = _Nesting(), list[bytes](), 0
        while True:
            piece, self._text = self._text, b""
            end, _ = nesting.scan(piece)
            if end is not None:
                self._text = piece[end + 1 :]
                return b"".join([*parts, piece[: end + 1]])
            parts.append(piece)
            length += len(piece)
            self._bound(length, self._longest)
            if not self._more():
                raise TokenError("the text ends in the middle of a value", truncated=True)

    def arrays(self) -> Iterator[bytes]:
        """Read an array in runs of whole elements, never waiting for its end.

        Yields:
            Arrays that together have the elements of the one that was read.

        Raises:
            TokenError: it does not end, or an element is too long or missing.
        """
        self.take(b"[")
        nesting, held, ran = _Nesting(depth=1), bytearray(), False
        while True:
            if not self._text and not self._more():
                raise TokenError("the text ends in the middle of a list", truncated=True)
            piece, self._text = self._text, b""
            end, comma = nesting.scan(piece)
            if end is not None:
                yield from _last_run(bytes(held) + piece[:end], piece[end : end + 1], ran)
                self._text = piece[end + 1 :]
                return
            if comma is None:
                held += piece
            else:
                yield _run(bytes(held) + piece[:comma])
                held, ran = bytearray(piece[comma + 1 :]), True
            self._bound(len(held), self._longest)

    def end(self) -> None:
        """See that nothing follows, which would be a TokenError."""
        if found := self.peek():
            raise TokenError(f"something follows the end: {found!r}")

    def _bound(self, length: int, most: int) -> None:
        if length > most:
            raise TokenError(f"one value is longer than {most:,} bytes")


def _run(elements: bytes) -> bytes:
    if not elements.strip(_BLANK):
        raise TokenError("an element is missing between commas")
    return b"[" + elements + b"]"


def _last_run(elements: bytes, closing: bytes, ran: bool) -> Iterator[bytes]:
    if closing != b"]":
        raise TokenError(f"a list is closed by {closing!r}")
    if ran or elements.strip(_BLANK):
        yield _run(elements)
