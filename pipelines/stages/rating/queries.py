"""The files of `models/sql/rating`."""

from __future__ import annotations

from functools import partial

from pipelines.warehouse import sql_files

statement = partial(sql_files.statement, "rating")
