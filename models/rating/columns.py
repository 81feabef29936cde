"""Between Arrow columns and the kernel's integers, without a Python object per value.

A decimal is an integer of 64 bits or of 128, whose lower half holds every value of the warehouse's
decimals: the kernel's number. Unknown is null on one side, `NONE` on the other.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from models.rating.kernel.scale import NONE
from models.rating.kernel.tables import Vector


def integers_of(column: pa.ChunkedArray) -> Vector:
    """Return an integer or boolean column as 64-bit integers, null as `NONE`."""
    return _values_of(column.combine_chunks().cast(pa.int64()))


def decimals_of(column: pa.ChunkedArray, scale: int) -> Vector:
    """Return decimals as the integers that count `scale` decimals, null as `NONE`."""
    array = column.combine_chunks()
    if not (pa.types.is_decimal(array.type) and array.type.scale == scale):
        array = array.cast(pa.decimal128(18, scale))
    return _values_of(array)


def _values_of(array: pa.Array) -> Vector:
    """Return the lower 64 bits of each value, null as `NONE`.

    Not by `fill_null` and `is_null`, which import pandas wherever there is one.
    """
    validity, buffer = array.buffers()
    if array.null_count == len(array) or buffer is None:
        return np.full(len(array), NONE, dtype=np.int64)
    pieces = np.frombuffer(buffer, dtype=np.int64).reshape(-1, array.type.bit_width // 64)
    values: Vector = pieces[array.offset : array.offset + len(array), 0]
    if not array.null_count:
        return values
    known = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")
    return np.where(known[array.offset : array.offset + len(array)], values, NONE)


def stated_decimals(table: pa.Table, name: str, scale: int) -> Vector:
    """Return a decimal column as `decimals_of` does; one that is not there states nothing."""
    if name not in table.column_names:
        return np.full(len(table), NONE, dtype=np.int64)
    return decimals_of(table[name], scale)


def microseconds_of(column: pa.ChunkedArray) -> Vector:
    """Return an instant column as microseconds since 1970, null as `NONE`."""
    return integers_of(column.cast(pa.timestamp("us", column.type.tz)))


def codes_of(column: pa.ChunkedArray) -> tuple[Vector, list[str]]:
    """Return a text column as places (`NONE`: null) in a list of its distinct values."""
    coded = column.combine_chunks().cast(pa.string()).dictionary_encode()
    return integers_of(pa.chunked_array([coded.indices])), coded.dictionary.to_pylist()


def lengths_of(column: pa.ChunkedArray) -> Vector:
    """Return the length of each list of a column; of null 0."""
    return np.maximum(integers_of(pc.list_value_length(column)), 0)


def decimal_array(values: Vector, scale: int) -> pa.Array:
    """Integers of at most 18 digits, counting `scale` decimals, as decimals, `NONE` as null."""
    return _array(pa.decimal64(18, scale), values, values)


def integer_array(values: Vector, dtype: type[np.integer[Any]]) -> pa.Array:
    """Integers of a type that holds them, `NONE` as null."""
    return _array(pa.from_numpy_dtype(dtype), values, values.astype(dtype))


def named_array(codes: Vector, names: list[str]) -> pa.Array:
    """Names by their place in `names`, `NONE` as null."""
    return pa.DictionaryArray.from_arrays(integer_array(codes, np.int32), text_array(names))


def text_array(texts: Sequence[str]) -> pa.Array:
    """Texts, none of them null.

    Not by `pa.array`, which imports pandas wherever there is one, to ask whether these are its own.
    """
    data = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, data)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(data))]
    return pa.Array.from_buffers(pa.string(), len(data), buffers)


def places_array(places: Vector) -> pa.Array:
    """Places in another array, none of them null."""
    return pa.Array.from_buffers(
        pa.int64(), len(places), [None, pa.py_buffer(np.ascontiguousarray(places, np.int64))]
    )


def list_array(first: Vector, members: pa.Array, *, empty_is_null: bool = False) -> pa.Array:
    """Return lists of consecutive members.

    Args:
        first: the place of each list's first member, and the end of the last's.
        members: all members.
        empty_is_null: whether a list without members is null.
    """
    data = pa.py_buffer(first.astype(np.int32))
    validity = None
    if empty_is_null:
        validity = pa.py_buffer(np.packbits(first[1:] != first[:-1], bitorder="little"))
    return pa.Array.from_buffers(
        pa.list_(members.type), len(first) - 1, [validity, data], children=[members]
    )


def _array(dtype: pa.DataType, values: Vector, stored: npt.NDArray[Any]) -> pa.Array:
    """Return an array of `stored`, in which null is what `values` says is `NONE`."""
    known = values != NONE
    validity = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    data = pa.py_buffer(np.ascontiguousarray(stored))
    return pa.Array.from_buffers(dtype, len(values), [validity, data])
