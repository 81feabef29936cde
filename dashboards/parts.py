"""The parts that views are made of: a figure with its meaning, a table with its download."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards.columns import column_config, has_long_texts, said_once, visible_columns
from dashboards.data import LISTED_AT_MOST, Listing
from dashboards.definitions import meaning
from dashboards.download import safe_csv
from dashboards.format import ABSENT, UNKNOWN, plain
from dashboards.services import EXPECTED
from models.counts import count_label

_ROW_PX: Final = 34
_HEADER_PX: Final = 37
_USUAL_PX: Final = 400
_HIGH_ROW_PX: Final = 62
"""A row of three lines: in lower ones the browser wraps no text."""
_BESIDE: Final = {6: 14, 3: 17, 2: 28}
"""Figures beside each other, to the characters that the longest of them may have."""


def heading(text: str, *terms: str) -> None:
    """Draw a heading, in our own words, with the definitions of the terms below it at hand."""
    help_text = "\n\n".join(f"**{_title(term)}**: {meaning(term)}" for term in terms) or None
    st.subheader(text, help=help_text)


Figure = tuple[str, str, str | None, str | None]
"""Label, value, the key of its definition, and what stands below it in small letters."""


def figure(
    label: str,
    value: str,
    term: str | None = None,
    *,
    note: str | None = None,
    trend: Sequence[float] | None = None,
) -> None:
    """Draw one figure.

    Args:
        label: our own words.
        value: as `dashboards.format` writes it.
        term: its definition's key, shown on hover.
        note: what is below it, in small letters; never a partner's string.
        trend: how it went until now, as a line.
    """
    # One element, not a frame with two in it: the browser's time goes by their number.
    st.metric(
        label,
        value,
        help=meaning(term) if term else None,
        delta_description=note,
        chart_data=list(trend) if trend else None,
        chart_type="line",
        border=True,
        height="stretch",
    )


def figures(*rows: Figure, trends: Mapping[str, Sequence[float]] | None = None) -> None:
    """Draw figures next to each other; `trends`: label → how it went until now."""
    lines = ceil(len(rows) / beside([value for _, value, _, _ in rows]))
    # As many in each line as in the others: the last one's would be as wide as the page.
    most = ceil(len(rows) / max(lines, 1)) or 1
    for line in (rows[start : start + most] for start in range(0, len(rows), most)):
        cells = st.columns(len(line), gap="small")
        for cell, (label, value, term, note) in zip(cells, line, strict=True):
            with cell:
                figure(label, value, term, note=note, trend=(trends or {}).get(label))


def beside(values: Sequence[str]) -> int:
    """Return how many figures stand beside each other, so that at 1024 pixels none is cut."""
    longest = max(map(len, values), default=0)
    return next((count for count, most in _BESIDE.items() if longest <= most), 1)


def table(
    rows: pl.DataFrame | Listing,
    key: str,
    *,
    empty: str,
    labels: Mapping[str, str] | None = None,
    hide: Sequence[str] = (),
    height: int | None = None,
    selectable: bool = False,
    first: bool = False,
    absent: str = UNKNOWN,
) -> dict[str, Any] | None:
    """Draw a table with a download of all its rows, or a sentence where there are none.

    Columns are formatted by their names' endings (`_excl_vat`, `_kwh`, `_at`, `_share` …), and
    amounts name their currency: in the heading where there is one, else next to them.

    Args:
        rows: all of them, or the first ones of a long answer.
        key: names the table; the downloaded file too.
        empty: what to say, and to do, where there are no rows.
        labels: column → heading, where the name does not say it.
        hide: columns that are downloaded and returned, but not shown.
        height: in pixels, at most; None: as tall as it needs, up to ten rows.
        selectable: whether a row can be chosen.
        first: whether the first row counts as chosen where none is.
        absent: what stands for a figure that is not there: it is unknown, unless it is said that
            there is nothing to say; a column that never says anything is then left out.

    Returns:
        The chosen row; None: none is.
    """
    listing = rows if isinstance(rows, Listing) else Listing(rows, rows.height, {}, lambda: rows)
    frame = listing.rows
    if frame.is_empty():
        st.info(empty, icon=":material/info:")
        return None
    visible, currency = visible_columns(frame.head(LISTED_AT_MOST), hide)
    if absent == ABSENT:
        visible = visible.select(column for column in visible if not _says_nothing(column))
    wrapped = has_long_texts(visible, often=selectable)
    row_px = _HIGH_ROW_PX if wrapped else _ROW_PX
    # Fewer high rows, but not that many fewer.
    most = (height * 3 // 2 if wrapped else height) if height else _USUAL_PX
    tall = min(most, visible.height * row_px + _HEADER_PX)
    choosing: dict[str, Any] = (
        {"on_select": "rerun", "selection_mode": "single-row"} if selectable else {}
    )
    if said := said_once(visible, currency):
        st.caption(said)
    event = st.dataframe(
        visible,
        key=key,
        width="stretch",
        height=tall,
        hide_index=True,
        row_height=row_px,
        placeholder=absent,
        column_config=column_config(visible, labels or {}, currency, wrapped=wrapped),
        **choosing,
    )
    _offer_download(listing, key, (tall - _HEADER_PX) // row_px)
    chosen = event.selection.rows if selectable else []
    if not chosen and first:
        chosen = [0]
    return frame.row(chosen[0], named=True) if chosen else None


def _offer_download(listing: Listing, key: str, visible_count: int) -> None:
    """Draw the download of all rows, and say so where only the first are in the table."""
    if listing.row_count > LISTED_AT_MOST:
        st.caption(
            f"The first {LISTED_AT_MOST:,} of {listing.row_count:,} rows are shown; filter for the "
            "others. The download holds all."
        )
    st.download_button(
        _download_label(key, listing.row_count, visible_count),
        data=lambda: safe_csv(listing.whole()),
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"{key}_download",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
    )


@contextmanager
def folded(label: str, key: str) -> Iterator[bool]:
    """Fold a part of a page away, and tell whether it is open: only then it need be drawn.

    `label`: our own words.
    """
    with st.expander(label, key=key, on_change="rerun") as part:
        yield bool(part.open)


def report_empty(text: str) -> None:
    """Say that there is nothing, and what to do about it."""
    st.info(text, icon=":material/info:")


def report_failure(message: str) -> None:
    """Say why something could not be done, in the words of what refused it."""
    st.error(plain(message), icon=":material/block:")


@contextmanager
def reporting_refusals() -> Iterator[None]:
    """Say why something was refused, and go on with the page after it."""
    try:
        yield
    except EXPECTED as error:
        report_failure(str(error))


def _download_label(key: str, row_count: int, in_sight: int) -> str:
    """Return a download's label; what follows the rows is on paper alone, in their stead."""
    label = f"Download {count_label(row_count, 'row')}"
    if row_count <= in_sight:
        return label
    printed = f"{in_sight:,} of {row_count:,} rows are printed"
    return f"{label} :gray[{printed}; {key}.csv, offered here for download, has all.]"


def _says_nothing(column: pl.Series) -> bool:
    return column.is_null().all() or (column.dtype == pl.String and (column == ABSENT).all())


def _title(term: str) -> str:
    return term.replace("_", " ").capitalize()
