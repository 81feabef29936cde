"""Filters whose choice stands in the address, so that a view is a link that can be sent.

The key of a filter is its name in the address, and what stands there are our codes and the values
themselves, never how a value reads: a link holds whatever we call a thing later. An address that
asks for what is not there is refused in words: all of it would answer another question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, time, timedelta
from typing import Final, TypeVar

import streamlit as st

from dashboards import data

N = TypeVar("N", int, float)
_FAR: Final = timedelta(days=3652)
_USUAL: Final = "usual_filters"
"""Filter → what it shows without a choice: nobody chose that, so it holds for one page only."""
_WRITTEN: Final = "written_filters"
"""Filter → what it last put into the address; another value there is somebody else's."""


def any_of(
    label: str,
    options: Sequence[str],
    key: str,
    *,
    every: str = "All",
    shown: Callable[[str], str] = str,
) -> str | None:
    """Ask for one value of a list, or none: then everything is meant.

    Args:
        label: our own words.
        options: the values; partners' strings are fine.
        key: the name in the address.
        every: what is shown where nothing is chosen.
        shown: how a value reads.
    """
    _restore(label, options, key)
    chosen = st.selectbox(label, options, index=None, placeholder=every, format_func=shown, key=key)
    _write(key, [chosen] if chosen else [])
    return chosen


def one_of(
    label: str,
    options: Sequence[str],
    key: str,
    *,
    first: int = 0,
    shown: Callable[[str], str] = str,
) -> str | None:
    """Ask for one value of a list; None only where the list is empty.

    Args:
        label: our own words.
        options: the values.
        key: the name in the address.
        first: the position chosen without a choice, which the address then leaves out.
        shown: how a value reads.
    """
    _restore(label, options, key)
    usual = options[first] if options else None
    if usual is not None:
        st.session_state.setdefault(key, usual)
    chosen = st.selectbox(
        label, options, index=None if usual is None else 0, format_func=shown, key=key
    )
    _write(key, [chosen] if chosen and chosen != usual else [], usual)
    return chosen


def some_of(label: str, options: Sequence[str], key: str, *, every: str = "All") -> list[str]:
    """Ask for several values of a list; an empty list: everything is meant."""
    _restore(label, options, key, several=True)
    chosen = st.multiselect(label, options, key=key, placeholder=every)
    _write(key, chosen)
    return chosen


def switch(label: str, key: str) -> bool:
    """Ask for yes or no."""
    return st.toggle(label, key=key, bind="query-params")


def partner() -> str | None:
    """Ask for the partner, or none for all."""
    return any_of("Partner", _partners(), "partner", every="All partners")


def partners() -> list[str] | None:
    """Ask for partners; None: for all."""
    return some_of("Partners", _partners(), "partner", every="All partners") or None


def month() -> str | None:
    """Ask for the month of settlement; without a choice the newest that is a week old."""
    months = data.query("months")
    first = int(months["is_early"].sum())
    names = months["month"].to_list()
    return one_of("Month", names, "month", first=min(first, max(len(names) - 1, 0)))


def month_or_all() -> str | None:
    """Ask for the month of settlement, or none for all."""
    names = data.query("months")["month"].to_list()
    return any_of("Month", names, "month", every="All months")


def text(label: str, key: str, *, hint: str) -> str:
    """Ask for a text; empty: nothing was typed."""
    return (st.text_input(label, key=key, placeholder=hint, bind="query-params") or "").strip()


def amount(label: str, key: str, usual: N, low: N, high: N, step: N) -> N:
    """Ask for a number within bounds."""
    _check(label, key, lambda stated: low <= float(stated) <= high)
    return st.number_input(label, low, high, usual, step, key=key, bind="query-params")


def day(
    label: str, key: str, usual: date, earliest: date | None = None, latest: date | None = None
) -> date:
    """Ask for a day within bounds; without them, of ten years around the usual one."""
    first, last = earliest or usual - _FAR, latest or usual + _FAR
    _check(label, key, lambda stated: first <= date.fromisoformat(stated) <= last)
    return st.date_input(label, usual, first, last, key=key, bind="query-params")


def clock(label: str, key: str, usual: time) -> time:
    """Ask for a time of the day."""
    _check(label, key, lambda stated: time.fromisoformat(stated) >= time.min)
    return st.time_input(label, usual, key=key, bind="query-params")


def _check(label: str, key: str, is_known: Callable[[str], bool]) -> None:
    """Refuse what the address states for a field that would show its usual value instead.

    `is_known`: whether the field takes a text; a ValueError says no, too.
    """

    def is_unknown(stated: str) -> bool:
        try:
            return not is_known(stated)
        except ValueError:
            return True

    if unknown := [stated for stated in st.query_params.get_all(key) if is_unknown(stated)]:
        _refuse(label, unknown, key)


def _partners() -> list[str]:
    names: list[str] = data.query("partners")["partner"].to_list()
    return names


def _restore(label: str, options: Sequence[str], key: str, *, several: bool = False) -> None:
    """Take over what somebody else put into the address, or a choice made on another page."""
    stated = st.query_params.get_all(key)
    if stated and stated != st.session_state.get(_WRITTEN, {}).get(key):
        unknown = [value for value in stated if value not in options]
        if unknown:
            _refuse(label, unknown, key)
        st.session_state[key] = stated if several else stated[-1]
        return
    before = st.session_state.get(key)
    if before == st.session_state.get(_USUAL, {}).get(key):
        before = None
    kept = [value for value in _listed(before) if value in options]
    if several and kept:
        st.session_state[key] = kept
    elif kept:
        st.session_state[key] = kept[0]
    else:
        st.session_state.pop(key, None)


def _write(key: str, chosen: list[str], usual: str | None = None) -> None:
    if chosen != st.query_params.get_all(key):
        if chosen:
            st.query_params[key] = chosen
        else:
            st.query_params.pop(key, None)
    for name, value in ((_WRITTEN, chosen), (_USUAL, usual)):
        st.session_state[name] = {**st.session_state.get(name, {}), key: value}


def _listed(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, list | tuple) else ()


def _refuse(label: str, unknown: Sequence[str], key: str) -> None:
    st.warning(
        f"{label}: the address asks for what is not in this snapshot, so nothing is shown.",
        icon=":material/filter_alt_off:",
    )
    for value in unknown:
        st.text(value)
    if st.button("Show everything", key=f"{key}_forgotten", icon=":material/filter_alt:"):
        st.query_params.pop(key, None)
        st.session_state.pop(key, None)
        st.rerun()
    st.stop()
