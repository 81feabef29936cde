"""Settlement against the warehouse: statements, closes and what exports read from them."""

from functools import partial

from pipelines.warehouse import sql_files

query = partial(sql_files.query, "settle")
