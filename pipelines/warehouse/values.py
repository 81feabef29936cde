"""Values and frames for queries without pandas, which takes longer to import than most commands.

With the first value of a query DuckDB's client imports pandas wherever there is one, to ask of each
whether it is pandas' `NaT` or `NA`: where nobody else imported it none is. With the first frame it
imports `pyarrow.dataset`, which imports pandas to ask whether a number is an array of its own.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import duckdb

_ASKS = "pyarrow.dataset"


class _Pandas(ModuleType):
    """Stands for pandas, and imports it only for what is not about values."""

    def __getattr__(self, name: str) -> object:
        if name in ("NaT", "NA") and "pandas" not in sys.modules:
            raise AttributeError(name)
        return getattr(import_module("pandas"), name)


class _UnknownToArrow:
    """A finder that knows of no pandas while `pyarrow.dataset` is imported."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Deny it pandas; leave all else to the other finders."""
        asking = sys.modules.get(_ASKS) if name == "pandas" else None
        if getattr(getattr(asking, "__spec__", None), "_initializing", False):
            raise ModuleNotFoundError("No module named 'pandas'", name=name)


def spare_pandas(con: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB's client in this process leave pandas alone: it keeps what it finds first."""
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _UnknownToArrow)
    sys.modules["pandas"] = _Pandas("pandas")
    try:
        con.execute("select $1", [0]).fetchall()
    finally:
        del sys.modules["pandas"]
