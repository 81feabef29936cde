"""Whole numbers of the sandbox: drawn at random, as local time, and as OCPI writes them.

Random numbers are the same on every machine, by position and not by turn. Times are epoch
seconds. Nothing here passes through a float.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

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
    """Return a 64-bit key for a purpose that names state: others give unrelated numbers."""
    text = "\x1f".join((str(seed), *names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def _mix(z: Any) -> Any:
    """Return the output of splitmix64 for a state: a number, or an array of uint64."""
    z = (z ^ (z >> 30)) * _MIX_A & _MASK
    z = (z ^ (z >> 27)) * _MIX_B & _MASK
    return z ^ (z >> 31)


def bits(key: int, index: Ints, draw: int) -> Bits:
    """Return 64 bits for each index: splitmix64 of the key, the index and the draw's number."""
    mixed: Bits = _mix((key + draw * _MIX_B & _MASK) + index.astype(np.uint64) * _GOLDEN)
    return mixed


def below(key: int, index: Ints, draw: int, bound: int) -> Ints:
    """Return a whole number in [0, bound) for each index."""
    return ((bits(key, index, draw) >> 32) * bound >> 32).astype(np.int64)


def sample(key: int, index: Ints, draw: int, quantiles: Sequence[int]) -> Ints:
    """Return a value for each index from evenly spaced quantiles, linear between them."""
    table = np.array(quantiles, dtype=np.int64)
    position = below(key, index, draw, (len(table) - 1) << 16)
    cell, within = position >> 16, position & 0xFFFF
    sampled: Ints = table[cell] + ((table[cell + 1] - table[cell]) * within >> 16)
    return sampled


class RandomSource:
    """A sequence of whole numbers for things that are made once, in order."""

    def __init__(self, seed: int, *names: str) -> None:
        self._state = key_of(seed, *names)

    def below(self, bound: int) -> int:
        """Return the next whole number in [0, bound)."""
        self._state = (self._state + _GOLDEN) & _MASK
        return int(_mix(self._state) >> 32) * bound >> 32

    def pick(self, items: Sequence[T]) -> T:
        """Return the next item drawn."""
        return items[self.below(len(items))]

    def between(self, low: int, high: int) -> int:
        """Return the next whole number in [low, high]."""
        return low + self.below(high - low + 1)


QUARTER_S = 900
DAY_S = 86_400


def iso(moment: int) -> str:
    """Return an epoch second as OCPI writes it: UTC, with Z."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


@lru_cache(maxsize=200_000)
def _offset_of_quarter(zone: str, quarter: int) -> int:
    local = datetime.fromtimestamp(quarter * QUARTER_S, ZoneInfo(zone))
    offset = local.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def offset(zone: str, moment: int) -> int:
    """Return how far local time is ahead of UTC; zones change at whole quarter hours of UTC."""
    return _offset_of_quarter(zone, moment // QUARTER_S)


@lru_cache(maxsize=4096)
def date_of(day: int) -> str:
    """Return the date of a day counted from 1970-01-01."""
    return datetime.fromtimestamp(day * DAY_S, UTC).strftime("%Y-%m-%d")


def clock_moments(zone: str, start: int, end: int, minutes: frozenset[int]) -> Iterator[int]:
    """Yield when, within (start, end), the local clock jumps or shows one of these minutes.

    `minutes`: of the day, whole quarters of an hour as the jumps are.
    """
    before = offset(zone, start)
    for moment in range((start // QUARTER_S + 1) * QUARTER_S, end, QUARTER_S):
        ahead = offset(zone, moment)
        if ahead != before or (moment + ahead) % DAY_S // 60 in minutes:
            yield moment
        before = ahead


def tax_of(net: int, percent: int) -> int:
    """Return the tax on cents at a rate in thousandths of a percent, half up."""
    return (2 * net * percent + 100_000) // 200_000


def money(cents: int) -> Decimal:
    """Return cents as an amount with two decimals."""
    return Decimal(cents).scaleb(-2)


def kwh(wh: int) -> Decimal:
    """Return Wh as kWh with three decimals."""
    return Decimal(wh).scaleb(-3)


def hours(seconds: int, decimals: int) -> Decimal:
    """Return seconds as hours with so many decimals, half up."""
    return Decimal((seconds * 10**decimals * 2 + 3600) // 7200).scaleb(-decimals)


def price(ten_thousandths: int) -> Decimal:
    """Return a unit price with two or four decimals."""
    even = ten_thousandths % 100 == 0
    return money(ten_thousandths // 100) if even else Decimal(ten_thousandths).scaleb(-4)


def rate(thousandths: int) -> Decimal:
    """Return a tax rate in percent with one or three decimals."""
    even = thousandths % 100 == 0
    return Decimal(thousandths // 100).scaleb(-1) if even else kwh(thousandths)


def degrees(millionths: int) -> str:
    """Write a coordinate with six decimals."""
    return str(Decimal(millionths).scaleb(-6))
