"""The queries of `models/sql/settle`."""

from __future__ import annotations

from functools import partial

from pipelines.warehouse.sql_files import statement

query = partial(statement, "settle")
