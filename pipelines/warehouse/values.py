"""Values of queries without pandas.

With the first value of a query DuckDB's client imports pandas wherever there is one, to ask of each
whether it is pandas' `NaT` or `NA`. Where nobody else imported it none is, and importing it takes
longer than most commands do.
"""

import sys
from importlib import import_module
from types import ModuleType

import duckdb


class _Pandas(ModuleType):
    """Stands for pandas, and imports it only for what is not about values."""

    def __getattr__(self, name: str) -> object:
        if name in ("NaT", "NA") and "pandas" not in sys.modules:
            raise AttributeError(name)
        return getattr(import_module("pandas"), name)


def spare_pandas(con: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB's client in this process leave pandas alone: it keeps what it finds first."""
    if "pandas" in sys.modules:
        return
    sys.modules["pandas"] = _Pandas("pandas")
    try:
        con.execute("select $1", [0]).fetchall()
    finally:
        del sys.modules["pandas"]
