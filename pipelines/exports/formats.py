"""Formats of statements and of the ledger, and dialects of CSV: what commands offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FORMATS: Final = ("csv", "xlsx", "pdf", "ubl", "cii", "facturx", "json", "record")
LEDGER_FORMATS: Final = ("csv", "datev", "sap", "own")


@dataclass(frozen=True)
class Dialect:
    """The CSV that a program expects."""

    separator: str = ","  # between cells
    decimal: str = "."  # the decimal separator
    bom: bool = False  # whether a byte order mark says that it is UTF-8: Excel needs it


#: By name. Excel takes the list and decimal separators of the country that it is set to.
DIALECTS: Final = {
    "standard": Dialect(),
    "excel": Dialect(bom=True),
    "excel-semicolon": Dialect(";", ",", bom=True),
    "excel-semicolon-point": Dialect(";", ".", bom=True),
    "excel-tab": Dialect("\t", ",", bom=True),
}
