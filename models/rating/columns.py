"""Between polars columns and the kernel's integers, without a Python object per value.

A decimal column holds 128-bit integers; every value of the warehouse's decimals fits in the
lower half, which is the kernel's number. Unknown is null on one side, `NONE` on the other.
"""

from __future__ import annotations

import numpy as np
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


def decimal_column(name: str, values: Vector, scale: int) -> pl.Series:
    """Integers as a decimal column of precision 18, `NONE` as null.

    Args:
        name: of the column.
        values: integers of at most 18 digits.
        scale: decimals they count.
    """
    validity = _validity(values)
    halves = np.empty((len(values), 2), dtype=np.int64)
    halves[:, 0] = values if validity is None else np.where(values == NONE, 0, values)
    halves[:, 1] = halves[:, 0] >> 63
    buffers = [validity, pa.py_buffer(halves)]
    array = pa.Decimal128Array.from_buffers(pa.decimal128(18, scale), len(values), buffers)
    return pl.Series(name, array)


def integer_column(name: str, values: Vector, dtype: pl.DataType) -> pl.Series:
    """Integers as an integer column, `NONE` as null."""
    buffers = [_validity(values), pa.py_buffer(np.ascontiguousarray(values))]
    return pl.Series(name, pa.Int64Array.from_buffers(pa.int64(), len(values), buffers)).cast(dtype)


def _validity(values: Vector) -> pa.Buffer | None:
    """Arrow's bits of which values are known; None: all."""
    known = values != NONE
    if known.all():
        return None
    return pa.py_buffer(np.packbits(known, bitorder="little"))
