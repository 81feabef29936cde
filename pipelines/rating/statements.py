"""The files of `models/sql/rating`."""

from __future__ import annotations

from functools import partial

from pipelines import sql

statement = partial(sql.statement, "rating")
