"""What is inserted is let go of: a run of millions of rows holds no more than a part of them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from pipelines.stages.recon import create_table
from pipelines.warehouse.sql_files import insert_frame


@pytest.mark.parametrize("put", [insert_frame, create_table])
def test_an_open_transaction_keeps_no_frame_whose_rows_it_took(
    put: Callable[[duckdb.DuckDBPyConnection, str, pl.DataFrame], None],
) -> None:
    with duckdb.connect() as con:
        con.execute("create temp table numbers (number bigint)")
        con.begin()
        numbers = np.arange(10)
        freed = weakref.ref(numbers)
        column = pa.Array.from_buffers(pa.int64(), 10, [None, pa.py_buffer(numbers)])
        put(con, "numbers", pl.DataFrame({"number": column}))
        del numbers, column
        # With the next query the connection lets go of what the last one read.
        assert con.execute("select count(*), sum(number) from numbers").fetchall() == [(10, 45)]
        gc.collect()  # what the first frame of a process has imported leaves cycles
        assert freed() is None
