from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ocpi.envelope import EnvelopeError, read_envelope
from models.ocpi.json.stream import split_stream


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


def streamed(body: bytes, size: int, module: str | None = None) -> list[bytes]:
    return [text for held in split_stream(pieces(body, size), 3, module=module) for text in held]


def whole(body: bytes, module: str | None = None) -> list[bytes]:
    return [bytes(raw) for raw in read_envelope(body, module=module).objects]


text = st.text(alphabet=st.sampled_from('ab"\\[]{},: \n\t\u00e9\U0001f600'), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A body in any of the known wrappings, in any spelling, sometimes cut or squeezed."""
    # Its objects share some names and values: to draw all of them takes longer than to read them.
    names = st.sampled_from(draw(st.lists(text, min_size=4, max_size=8, unique=True)))
    shared = st.sampled_from(draw(st.lists(values, min_size=1, max_size=4)))
    members = st.dictionaries(names, shared, max_size=4)
    listed = draw(st.lists(members.map(lambda o: {**o, "id": 1}), max_size=7))
    body: object = draw(
        st.sampled_from(
            [
                listed,
                {"data": listed},
                {"items": listed, "next": "n"},
                {"locations": listed},
                {"data": {"locations": listed}},
                {"data": {"locations": {str(n): o for n, o in enumerate(listed)}}},
                {"data": listed[0] if listed else None},
                {"data": None, "status_code": 1000},
            ]
        )
    )
    if isinstance(body, dict):
        status = draw(st.sampled_from([{}, {"status_code": 1000}]))
        beside = st.sampled_from(["name", "message", "timestamp", "x"])
        others = draw(st.dictionaries(beside, shared, max_size=3))
        body = dict(draw(st.permutations([*body.items(), *others.items(), *status.items()])))
    raw = json.dumps(
        body, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1]))
    ).encode()
    if draw(st.booleans()):
        raw = raw[: draw(st.integers(0, len(raw)))]
    return draw(
        st.sampled_from([raw, b"\xef\xbb\xbf" + raw, b" \n" + raw, gzip.compress(raw, mtime=0)])
    )


@settings(max_examples=500, deadline=None)
@given(body=bodies(), size=st.integers(1, 40))
def test_the_stream_and_the_whole_agree(body: bytes, size: int) -> None:
    try:
        expected = whole(body, "locations")
    except EnvelopeError:
        with pytest.raises(EnvelopeError):
            streamed(body, size, "locations")
    else:
        found = streamed(body, size, "locations")
        assert [json.loads(raw) for raw in found] == [json.loads(raw) for raw in expected]


@settings(deadline=None)
@given(body=st.binary(max_size=80), size=st.integers(1, 9))
def test_any_bytes_are_split_or_refused(body: bytes, size: int) -> None:
    try:
        streamed(body, size)
    except EnvelopeError as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"<html>", "web page"),
        (b"[1, 2", "ends in the middle"),
        (b'{"data": [1, 2]', "the text ends"),
        (b"[1,,2]", "malformed|missing"),
        (b"[1,]", "malformed|missing"),
        (b"[,1]", "malformed|missing"),
        (b"[1}", "closed by"),
        (b"\x1f\x8b", "gzip that cannot be read"),
        (gzip.compress(b"[1, 2]", mtime=0)[:-9], "gzip that cannot be read"),
        (b"[1] [2]", "something follows"),
        (b'{"data": [1], "items": [2]}', "several lists"),
        (b'{"data": [], "status_code": 3000, "status_message": "down"}', "OCPI status 3000: down"),
        (b"{1: 2}", "expected b':'"),
        (b"{[]: 2}", "has no name"),
    ],
)
@pytest.mark.parametrize("size", [1, 4, 1000])
def test_what_cannot_be_split_says_why(body: bytes, says: str, size: int) -> None:
    with pytest.raises(EnvelopeError, match=says):
        streamed(body, size)


def test_batches_are_of_the_size_asked_for() -> None:
    body = json.dumps([{"id": n} for n in range(10)]).encode()
    assert [len(held) for held in split_stream(pieces(body, 7), 4)] == [4, 4, 2]


def test_objects_come_before_the_stream_has_ended() -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"data": ['
        while True:
            yield b'{"id": 1}, '

    assert next(split_stream(endless(), 5)) == [b'{"id": 1}'] * 5


def test_one_object_over_the_bound_is_refused() -> None:
    body = json.dumps([{"id": "x" * 5000}]).encode()
    with pytest.raises(EnvelopeError, match="longer than 1,000 bytes"):
        list(split_stream(pieces(body, 100), max_object=1000))
    assert len(list(split_stream(pieces(body, 100), max_object=6000))) == 1


def test_a_bomb_is_refused() -> None:
    body = gzip.compress(b"[" + b" " * 5_000_000 + b"]", mtime=0)
    with pytest.raises(EnvelopeError, match="more than 1,000,000 bytes"):
        list(split_stream(pieces(body, 100), max_inflated=1_000_000))


def test_memory_does_not_grow_with_the_stream() -> None:
    def peak(count: int) -> int:
        one = json.dumps({"id": "x" * 200, "evses": [{"uid": "[{"}] * 20}).encode()

        def feed() -> Iterator[bytes]:
            yield b'{"data": ['
            for number in range(count):
                yield (b"," if number else b"") + one
            yield b"]}"

        tracemalloc.start()
        seen = sum(len(held) for held in split_stream(feed(), 100))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert seen == count
        return most

    peak(100)
    assert peak(4000) < 2 * peak(400)


SHARED = Path(os.environ.get("ROAMHOUSE_SHARED", Path(__file__).parents[3] / "shared")) / "data"
FEEDS = sorted([*SHARED.glob("uk/*.json"), *SHARED.glob("ndw/*.json.gz")])


@pytest.mark.skipif(not FEEDS, reason="the real feeds are not here")
def test_real_feeds_are_split_as_they_are_read() -> None:
    for path in FEEDS:
        module = "tariffs" if "tariffs" in path.name else "locations"
        body = path.read_bytes()
        assert streamed(body, 4096, module) == whole(body, module), path.name
