"""Filters whose choice stands in the address, so that a view is a link that can be sent.

The key of a filter is its name in the address. An option that is not there any more is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboards import data


def any_of(label: str, options: Sequence[str], key: str, *, every: str = "All") -> str | None:
    """Ask for one value of a list, or none: then everything is meant.

    Args:
        label: our own words.
        options: the values; partners' strings are fine.
        key: the name in the address.
        every: what is shown where nothing is chosen.
    """
    forget_stale(key, options)
    return st.selectbox(label, options, index=None, placeholder=every, key=key, bind="query-params")


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
        first: the position chosen without a choice.
        shown: how a value reads.
    """
    forget_stale(key, options)
    return st.selectbox(
        label,
        options,
        index=first if options else None,
        format_func=shown,
        key=key,
        bind="query-params",
    )


def forget_stale(key: str, options: Sequence[str]) -> None:
    """Forget a choice made on another page, under the same name, that is no option here."""
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)


def some_of(label: str, options: Sequence[str], key: str, *, every: str = "All") -> list[str]:
    """Ask for several values of a list; an empty list: everything is meant."""
    return st.multiselect(label, options, key=key, placeholder=every, bind="query-params")


def switch(label: str, key: str, *, on: bool = False) -> bool:
    """Ask for yes or no."""
    return st.toggle(label, value=on, key=key, bind="query-params")


def partner() -> str | None:
    """Ask for the partner, or none for all; the same filter on every page."""
    names = data.query("partners")["partner"].to_list()
    return any_of("Partner", names, "partner", every="All partners")


def month() -> str | None:
    """Ask for the month of settlement; without a choice the newest that is not in the future."""
    months = data.query("months")
    first = int(months["ahead"].sum())
    names = months["month"].to_list()
    return one_of("Month", names, "month", first=min(first, max(len(names) - 1, 0)))


def month_or_all() -> str | None:
    """Ask for the month of settlement, or none for all."""
    names = data.query("months")["month"].to_list()
    return any_of("Month", names, "month", every="All months")


def text(label: str, key: str, *, hint: str) -> str:
    """Ask for a text; empty: nothing was typed."""
    return (st.text_input(label, key=key, placeholder=hint, bind="query-params") or "").strip()
