"""Deterministic chance: the same numbers on every machine, by position and not by turn."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
T = TypeVar("T")

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_MIX_A = 0xBF58476D1CE4E5B9
_MIX_B = 0x94D049BB133111EB


def key_of(seed: int, *names: str) -> int:
    """A 64-bit key for one purpose: other names give unrelated numbers.

    Args:
        seed: the sandbox's seed.
        names: what the numbers are for, for example a party and a stream.
    """
    text = "\x1f".join((str(seed), *names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def bits(key: int, index: Ints, draw: int) -> Bits:
    """64 random bits for each index: splitmix64 of the key, the index and the draw's number."""
    base = np.uint64((key + draw * _MIX_B) & _MASK)
    with np.errstate(over="ignore"):
        z = base + index.astype(np.uint64) * np.uint64(_GOLDEN)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(_MIX_A)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(_MIX_B)
    return z ^ (z >> np.uint64(31))


def below(key: int, index: Ints, draw: int, bound: int) -> Ints:
    """A whole number in [0, bound) for each index."""
    return ((bits(key, index, draw) >> np.uint64(32)) * np.uint64(bound) >> np.uint64(32)).astype(
        np.int64
    )


def sample(key: int, index: Ints, draw: int, quantiles: Sequence[int]) -> Ints:
    """A value for each index from evenly spaced quantiles, linear between them.

    Args:
        key: from `key_of`.
        index: positions.
        draw: number of the draw at each position.
        quantiles: whole numbers, ascending, evenly spaced in probability.
    """
    table = np.array(quantiles, dtype=np.int64)
    position = below(key, index, draw, (len(table) - 1) << 16)
    cell, within = position >> 16, position & 0xFFFF
    sampled: Ints = table[cell] + ((table[cell + 1] - table[cell]) * within >> 16)
    return sampled


class Dice:
    """A sequence of whole numbers for things that are made once, in order."""

    def __init__(self, seed: int, *names: str) -> None:
        self._state = key_of(seed, *names)

    def below(self, bound: int) -> int:
        """The next whole number in [0, bound)."""
        self._state = (self._state + _GOLDEN) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * _MIX_A) & _MASK
        z = ((z ^ (z >> 27)) * _MIX_B) & _MASK
        return ((z ^ (z >> 31)) >> 32) * bound >> 32

    def pick(self, items: Sequence[T]) -> T:
        """The next item drawn."""
        return items[self.below(len(items))]

    def between(self, low: int, high: int) -> int:
        """The next whole number in [low, high]."""
        return low + self.below(high - low + 1)
