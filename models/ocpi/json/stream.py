"""Splitting a JSON stream of any size into its objects, holding little more than a batch.

The streaming twin of `models.ocpi.envelope`: the same wrappings, the same objects, for
feeds of gigabytes. Belongs here: finding the list in the stream. Not here: reading it.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

import msgspec

from models.ocpi.envelope import (
    DEEPEST_LIST,
    Envelope,
    EnvelopeError,
    list_keys,
    read_envelope,
    says_more,
    split_elements,
    unreadable,
)
from models.ocpi.issues import Issues
from models.ocpi.json.inflate import GZIP_MAGIC, InflateError, Inflater
from models.ocpi.json.parse import NOT_JSON, parse_object, repair_json
from models.ocpi.json.tokenizer import TokenError, Tokenizer

_FACTS = ("status_code", "status_message", "next")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def split_stream(
    chunks: Iterable[bytes],
    batch: int = 1000,
    *,
    module: str | None = None,
    max_object: int = 64 << 20,
    max_inflated: int = 4 << 30,
    report: Callable[[Envelope], None] | None = None,
) -> Iterator[list[bytes]]:
    """Split a streamed body into its objects.

    Agrees with `read_envelope` on the bodies that OCPI partners and feeds send. What is
    not the list itself (the envelope's other members, one object sent for a list) must fit
    into `max_object`.

    Args:
        chunks: the body in pieces of any size; gzip is recognised.
        batch: objects to hand out at once.
        module: OCPI module; where a body names several lists, its own counts.
        max_object: most bytes of one object.
        max_inflated: most bytes that a compressed body may become.
        report: takes, at the end, what is around the list; a bare list has nothing around it.

    Yields:
        Lists of at most `batch` objects, each as its JSON text.

    Raises:
        EnvelopeError: the body is no JSON, holds no list, ends early, reports an OCPI
            error, or an object is too large. Batches before that were sound.
    """
    head, text = _peeked(plain_text(chunks, max_inflated))
    try:
        objects = _Walk(text, module, max_object, report).objects()
        while held := list(islice(objects, batch)):
            yield held
    except TokenError as error:
        raise _envelope_error(error, head) from error


def plain_text(chunks: Iterable[bytes], max_inflated: int) -> Iterator[bytes]:
    """Inflate a streamed body that is gzip without saying so (as `read_envelope` does)."""
    head, text = _peeked(chunks)
    if not head.startswith(GZIP_MAGIC):
        yield from text
        return
    inflater = Inflater(max_inflated)
    try:
        for chunk in text:
            yield from inflater.feed(chunk)
        inflater.finish()
    except InflateError as error:
        raise EnvelopeError(f"the body is gzip that cannot be read: {error}") from error


def _envelope_error(error: TokenError, head: bytes) -> EnvelopeError:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return unreadable(head, error)
    return EnvelopeError(f"the JSON cannot be read: {error}", truncated=error.truncated)


def _peeked(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Look at the first bytes and leave them in the stream."""
    rest = (chunk for chunk in chunks if chunk)
    head = b""
    while len(head) < 3 and (chunk := next(rest, None)) is not None:
        head += chunk
    return head[:512], chain([head], rest)


class _Walk:
    """One walk through a body; what is not streamed is kept and read as an envelope."""

    def __init__(
        self,
        chunks: Iterable[bytes],
        module: str | None,
        max_object: int,
        report: Callable[[Envelope], None] | None,
    ) -> None:
        self._report = report
        self._cutter = Tokenizer(chunks, max_object)
        self._module = module
        self._keys = list_keys(module)
        self._lists = 0

    def objects(self) -> Iterator[bytes]:
        """Yield each object's text."""
        if self._cutter.peek() == b"[":
            yield from self._elements()
            self._cutter.end()
            return
        kept = yield from self._members(depth=0)
        self._cutter.end()
        around = _members_of(kept) if self._lists else {}
        envelope = read_envelope(_as_answer(around) if self._lists else kept, module=self._module)
        code = envelope.status_code
        if code is not None and not 1000 <= code < 2000:
            raise EnvelopeError(f"OCPI status {code}: {envelope.status_message or 'no message'}")
        yield from (bytes(raw) for raw in envelope.objects)
        if self._report is not None:
            more = says_more(parse_object(msgspec.json.encode(around), Issues()) or {})
            shape = "list" if self._lists else envelope.shape
            self._report(replace(envelope, shape=shape, has_more=more))

    def _elements(self) -> Iterator[bytes]:
        for array in self._cutter.arrays():
            yield from (bytes(raw) for raw in split_elements(array))

    def _members(self, *, depth: int) -> Generator[bytes, None, bytes]:
        """Walk an object's members, streaming the list among them; return the others' text."""
        cutter, kept = self._cutter, list[bytes]()
        cutter.take(b"{")
        if cutter.peek() == b"}":
            cutter.take(b"}")
            return b"{}"
        while True:
            name = cutter.value()
            cutter.take(b":")
            listed, kind = _name(name) in self._keys, cutter.peek()
            if listed and kind == b"[":
                self._lists += 1
                if self._lists > 1:
                    raise EnvelopeError("the body holds several lists")
                yield from self._elements()
            elif listed and depth < DEEPEST_LIST and kind == b"{":
                inner = yield from self._members(depth=depth + 1)
                kept.append(name + b":" + inner)
            else:
                kept.append(name + b":" + cutter.value())
            if cutter.peek() != b",":
                break
            cutter.take(b",")
        cutter.take(b"}")
        return b"{" + b",".join(kept) + b"}"


def _name(text: bytes) -> str:
    try:
        name = msgspec.json.decode(text)
    except NOT_JSON as error:
        raise TokenError(f"a member's name is malformed: {error}") from error
    if not isinstance(name, str):
        raise TokenError("a member has no name")
    return name


def _members_of(kept: bytes) -> dict[str, msgspec.Raw]:
    """Return what stands around a streamed list."""
    try:
        return _MEMBERS.decode(kept)
    except NOT_JSON as refusal:
        try:
            return _MEMBERS.decode(repair_json(kept))
        except NOT_JSON as error:
            raise TokenError(f"the envelope is malformed: {refusal}") from error


def _as_answer(members: dict[str, msgspec.Raw]) -> bytes:
    """Keep only what an envelope whose list was streamed says of itself."""
    facts = {key: members[key] for key in _FACTS if key in members}
    return msgspec.json.encode({**facts, "data": None})
