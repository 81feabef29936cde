"""Between columns and the kernel's integers, without a Python object per value.

In come polars columns, out go Arrow arrays.

A polars decimal is a 128-bit integer; every value of the warehouse's decimals fits in the lower
half, which is the kernel's number. Unknown is null on one side, `NONE` on the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from models.rating.kernel.scale import NONE
from models.rating.kernel.tables import Vector


def integers_of(column: pl.Series) -> Vector:
    """An integer or boolean column as 64-bit integers, null as `NONE`."""
    return column.cast(pl.Int64).fill_null(NONE).to_numpy()


def decimals_of(column: pl.Series, dtype: pl.DataType) -> Vector:
    """A decimal column as the integers it holds, null as `NONE`.

    Args:
        column: decimals, or numbers that are cast to them.
        dtype: the decimal type that says the scale (`models.tables.kinds`), precision 18.
    """
    column = column.cast(dtype)
    array = column.to_arrow()
    buffer = array.buffers()[1]
    if len(array) == 0 or buffer is None:
        return np.full(len(array), NONE, dtype=np.int64)
    halves = np.frombuffer(buffer, dtype=np.int64).reshape(-1, 2)
    values = halves[array.offset : array.offset + len(array), 0].copy()
    if column.null_count():
        values[column.is_null().to_numpy()] = NONE
    return values


def microseconds_of(column: pl.Series) -> Vector:
    """An instant column as microseconds since 1970, null as `NONE`."""
    return integers_of(column.dt.epoch("us"))


def decimal_array(values: Vector, scale: int) -> pa.Array:
    """Integers as decimals of precision 18, `NONE` as null.

    Args:
        values: integers of at most 18 digits.
        scale: decimals they count.
    """
    return _array(pa.decimal64(18, scale), values, values)


def integer_array(values: Vector, dtype: type[np.integer[Any]]) -> pa.Array:
    """Integers of a type that holds them, `NONE` as null."""
    return _array(pa.from_numpy_dtype(dtype), values, values.astype(dtype))


def named_array(codes: Vector, names: list[str]) -> pa.Array:
    """Names by their place in `names`, `NONE` as null."""
    return pa.DictionaryArray.from_arrays(integer_array(codes, np.int32), pa.array(names))


def list_array(first: Vector, members: pa.Array, *, empty_is_null: bool = False) -> pa.Array:
    """Lists of consecutive members.

    Args:
        first: the place of each list's first member, and the end of the last's.
        members: all members.
        empty_is_null: whether a list without members is null.
    """
    mask = pa.array(first[1:] == first[:-1]) if empty_is_null else None
    return pa.ListArray.from_arrays(pa.array(first.astype(np.int32)), members, mask=mask)


def _array(dtype: pa.DataType, values: Vector, stored: npt.NDArray[Any]) -> pa.Array:
    """An array of `stored`, in which null is what `values` says is `NONE`."""
    known = values != NONE
    validity = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    data = pa.py_buffer(np.ascontiguousarray(stored))
    return pa.Array.from_buffers(dtype, len(values), [validity, data])
