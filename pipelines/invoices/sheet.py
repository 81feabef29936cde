"""Sheets of partners: CSV in whatever dialect, and XLSX, as columns of texts."""

import io
import zlib
from typing import Final
from zipfile import BadZipFile, ZipFile

import polars as pl

from models.settle.received import UnreadableInvoice

_SEPARATORS: Final = (";", ",", "\t", "|")
_MAX_INFLATED: Final = 512 << 20
_CHUNK: Final = 1 << 20
# A workbook that is encrypted, or packed in another way than is known, is a RuntimeError.
_BROKEN: Final = (
    *(pl.exceptions.PolarsError, BadZipFile, zlib.error),
    *(OSError, EOFError, RuntimeError, ValueError),
)


def read_sheet(data: bytes, kind: str) -> pl.DataFrame:
    """Return the rows of a sheet; every cell is a text, an empty one null.

    `kind`: csv or xlsx; of a workbook the first sheet counts.

    Raises:
        UnreadableInvoice: it is no such file, or has no rows.
    """
    try:
        frame = _csv(data) if kind == "csv" else _xlsx(data)
    except _BROKEN as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableInvoice(f"no sheet that can be read: {reason[:200]}") from None
    frame = frame.rename({name: name.strip() for name in frame.columns}).select(
        pl.col(pl.String).str.strip_chars()
    )
    filled = frame.with_columns(pl.when(pl.all() != "").then(pl.all())).filter(
        pl.any_horizontal(pl.all().is_not_null())
    )
    if filled.is_empty():
        raise UnreadableInvoice("the sheet has no rows")
    return filled


def _csv(data: bytes) -> pl.DataFrame:
    text = _decoded(data)
    header = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    return pl.read_csv(
        io.BytesIO(text.encode()),
        separator=separator,
        infer_schema=False,
        truncate_ragged_lines=True,
    )


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _xlsx(data: bytes) -> pl.DataFrame:
    _check_inflated(data)
    frame = pl.read_excel(io.BytesIO(data), engine="calamine", infer_schema_length=0)
    return frame.cast(pl.String)


def _check_inflated(data: bytes) -> None:
    """Inflate the workbook's parts once, and refuse one that grows beyond measure.

    Raises:
        UnreadableInvoice: it does.
    """
    total = 0
    with ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            with archive.open(name) as part:
                while chunk := part.read(_CHUNK):
                    total += len(chunk)
                    if total > _MAX_INFLATED:
                        raise UnreadableInvoice(
                            f"the workbook inflates to more than {_MAX_INFLATED >> 20} MiB"
                        )
