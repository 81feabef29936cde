from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ocpi.json.inflate import InflateError, InflateLimitError, Inflater, inflate


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("squeeze", [gzip.compress, zlib.compress, raw_deflate])
@settings(deadline=None)
@given(data=st.binary(max_size=5000), size=st.integers(1, 700))
def test_any_coding_in_any_pieces(squeeze, data: bytes, size: int) -> None:  # type: ignore[no-untyped-def]
    squeezed = squeeze(data)
    inflater = Inflater(len(data))
    pieces = [squeezed[at : at + size] for at in range(0, len(squeezed), size)]
    out = b"".join(part for piece in pieces for part in inflater.feed(piece))
    inflater.finish()
    assert out == data


def test_members_follow_each_other_and_padding_is_ignored() -> None:
    assert (
        inflate(gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0) + b"\0" * 9, 100)
        == b"one two"
    )


def test_one_byte_more_than_the_limit_is_refused() -> None:
    squeezed = gzip.compress(b"x" * 1000, mtime=0)
    assert len(inflate(squeezed, 1000)) == 1000
    with pytest.raises(InflateLimitError, match="999 bytes"):
        inflate(squeezed, 999)


def test_a_bomb_is_stopped_before_it_unfolds() -> None:
    bomb, out = gzip.compress(b"\0" * (32 << 20), mtime=0), 0
    pieces = Inflater(1 << 20).feed(bomb)

    def drain() -> None:
        nonlocal out
        for piece in pieces:
            out += len(piece)

    with pytest.raises(InflateLimitError):
        drain()
    assert out <= 1 << 20


@pytest.mark.parametrize("damage", [b"nonsense", gzip.compress(b"x" * 99, mtime=0)[:20], b""])
def test_damage_and_early_ends_are_told(damage: bytes) -> None:
    with pytest.raises(InflateError):
        inflate(damage, 1000)


def test_a_wrong_checksum_is_damage() -> None:
    squeezed = bytearray(gzip.compress(b"hello world", mtime=0))
    squeezed[-6] ^= 0xFF
    with pytest.raises(InflateError, match="damaged"):
        inflate(bytes(squeezed), 1000)
