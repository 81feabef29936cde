"""The annex of an invoice: a sheet with a row for each charge, its columns mapped to fields.

A mapping is learned once for a partner: it stands in the import, and the next one starts from it.
"""

import re
from collections.abc import Mapping

import polars as pl

from models.settle.received import LINE_SCHEMA, UnreadableInvoice
from models.tables.kinds import MONEY, QUANTITY
from pipelines.invoices.line_fields import FIELD_NAMES, field_called

ZONE, DECIMAL = "time_zone", "decimal"
_OPTIONS = (ZONE, DECIMAL)
_NAMING = ("cdr_id", "session_id", "evse_id")
_DAY_FIRST = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M")
_YEAR_FIRST = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
_NOT_DIGITS = re.compile(r"[^0-9.,]")


def parse_columns(words: tuple[str, ...]) -> dict[str, str]:
    """Return what a person says of the columns: `cdr_id=CDR number`.

    Raises:
        UnreadableInvoice: a word names no field.
    """
    columns = {}
    for word in words:
        name, equals, column = word.partition("=")
        if not equals or name not in (*FIELD_NAMES, *_OPTIONS):
            known = ", ".join((*FIELD_NAMES, *_OPTIONS))
            raise UnreadableInvoice(f"{word!r} is no mapping; write FIELD=COLUMN, FIELD of {known}")
        columns[name] = column
    return columns


def complete_columns(
    sheet: pl.DataFrame, named: Mapping[str, str], learned: Mapping[str, str], zone: str
) -> dict[str, str]:
    """Return the mapping for a sheet: as named, else as learned, else by the columns' own names.

    Args:
        sheet: as read.
        named: field → column, as a person said.
        learned: field → column, of the partner's import before; columns that are not there do not
            count.
        zone: of times that do not say in which zone they are.

    Raises:
        UnreadableInvoice: a named column is not there, or the amount or what names a charge is
            missing; the message lists the columns.
    """
    columns = {**_known_columns(sheet.columns, learned), **named}
    learned_mark = columns.pop(DECIMAL, None)
    missing = [columns[f] for f in columns if f != ZONE and columns[f] not in sheet.columns]
    listed = ", ".join(repr(name) for name in sheet.columns[:40])
    if missing:
        raise UnreadableInvoice(f"no column {missing[0]!r}; there are {listed}")
    if "amount" not in columns or columns.keys().isdisjoint(_NAMING):
        raise UnreadableInvoice(
            "nobody knows which column is the net amount, and which one names the charge; say "
            "--map amount=COLUMN and --map cdr_id=COLUMN (or session_id, or evse_id and "
            f"start_at); there are {listed}"
        )
    columns.setdefault(ZONE, zone)
    usual = "," if sheet[columns["amount"]].str.contains(",", literal=True).any() else "."
    columns[DECIMAL] = named.get(DECIMAL) or _decimal_mark(sheet, columns) or learned_mark or usual
    return columns


def _known_columns(there: list[str], learned: Mapping[str, str]) -> dict[str, str]:
    """Return field → column as it was learned, then as the names of the other columns say."""
    columns = {
        field: column for field, column in learned.items() if column in there or field in _OPTIONS
    }
    for column in there:
        field = field_called(column)
        if field is not None and field not in columns and column not in columns.values():
            columns[field] = column
    return columns


def _decimal_mark(sheet: pl.DataFrame, columns: Mapping[str, str]) -> str | None:
    """Return the decimal mark of the amounts, else that of other numbers; None: nobody knows.

    Raises:
        UnreadableInvoice: amounts have both.
    """
    for field in ("amount", "energy_kwh", "vat_rate"):
        texts = sheet[columns[field]].drop_nulls().unique() if field in columns else ()
        marks = {mark for mark in map(_mark_of, texts) if mark}
        if len(marks) == 1:
            return marks.pop()
        if marks and field == "amount":
            raise UnreadableInvoice(
                "some amounts have decimal commas and some decimal points; say which is right: "
                "--map decimal=, or --map decimal=."
            )
    return None


def _mark_of(text: str) -> str | None:
    """Return the decimal mark that a number must have; None: none, or it may be of thousands."""
    number = _NOT_DIGITS.sub("", text)
    marks = [character for character in number if not character.isdigit()]
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:  # of thousands
        return "," if marks[0] == "." else "."
    before, _, after = number.partition(marks[0] if marks else ".")
    is_of_thousands = len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0")
    return None if not marks or is_of_thousands else marks[0]


def annex_lines(sheet: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return the rows of a sheet as lines of an invoice, columns of `LINE_SCHEMA`.

    Rows without a charge that have an amount, as totals at the end, are left out.

    Raises:
        UnreadableInvoice: an amount or a time cannot be read; the message names the row.
    """
    mark = columns[DECIMAL]

    def text(field: str) -> pl.Expr:
        return pl.col(columns[field]) if field in columns else pl.lit(None, pl.String)

    named = pl.any_horizontal(text(name).is_not_null() for name in _NAMING)
    rows = sheet.with_row_index("row", 2).filter(named)
    lines = rows.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("line_number"),
        pl.col("row").cast(pl.String).alias("line_id"),
        text("description").alias("description"),
        text("cdr_id").alias("cdr_reference"),
        text("session_id").alias("session_reference"),
        pl.lit(None, pl.List(pl.String())).alias("other_references"),
        text("evse_id").alias("evse_id"),
        _timestamp(text("start_at"), columns[ZONE]).alias("start_at"),
        _number(text("energy_kwh"), mark).cast(QUANTITY, strict=False).alias("energy_kwh"),
        _number(text("amount"), mark).cast(MONEY, strict=False).alias("amount_excl_vat"),
        pl.lit(None, pl.String).alias("vat_category"),
        _number(text("vat_rate").str.strip_suffix("%"), mark)
        .cast(MONEY, strict=False)
        .pipe(lambda rate: pl.when(rate.is_between(0, 100)).then(rate))
        .alias("vat_rate"),
        text("amount").alias("stated_amount"),
        text("start_at").alias("stated_start"),
    )
    _refuse_unread(lines, "amount_excl_vat", "stated_amount", "amount")
    _refuse_unread(
        lines.filter(pl.col("stated_start").is_not_null()), "start_at", "stated_start", "time"
    )
    return lines.select(list(LINE_SCHEMA))


def _refuse_unread(lines: pl.DataFrame, column: str, stated: str, what: str) -> None:
    unread = lines.filter(pl.col(column).is_null())
    if unread.height:
        row, text = unread.select("line_id", stated).row(0)
        raise UnreadableInvoice(f"row {row} of the sheet: {str(text)[:40]!r} is no {what}")


def _number(text: pl.Expr, mark: str) -> pl.Expr:
    bare = text.str.replace_all(r"[\s'€$£]", "")
    if mark == ",":
        return bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return bare.str.replace_all(",", "", literal=True)


def _timestamp(text: pl.Expr, zone: str) -> pl.Expr:
    """Return moments in UTC; those without an offset are by the clock of the zone."""
    utc = pl.Datetime("us", "UTC")
    iso = text.str.replace("T", " ", literal=True)
    zoned = iso.str.replace(r"[Zz]$", "+0000").str.to_datetime(
        "%Y-%m-%d %H:%M:%S%.f%#z", time_unit="us", strict=False, time_zone="UTC"
    )
    local = pl.coalesce(
        iso.str.strip_suffix(".000").str.to_datetime(pattern, time_unit="us", strict=False)
        for pattern in (*_YEAR_FIRST, *_DAY_FIRST)
    )
    by_clock = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(zoned.cast(utc), by_clock.dt.convert_time_zone("UTC").cast(utc))
