"""Filters whose choice stands in the address, so that a view is a link that can be sent.

The key of a filter is its name in the address. An option that is not there any more is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st


def any_of(label: str, options: Sequence[str], key: str, *, every: str = "All") -> str | None:
    """One value of a list, or none: then everything is meant.

    Args:
        label: our own words.
        options: the values; partners' strings are fine.
        key: the name in the address.
        every: what is shown where nothing is chosen.
    """
    return st.selectbox(label, options, index=None, placeholder=every, key=key, bind="query-params")


def one_of(
    label: str,
    options: Sequence[str],
    key: str,
    *,
    first: int = 0,
    shown: Callable[[str], str] = str,
) -> str | None:
    """One value of a list; None only where the list is empty.

    Args:
        label: our own words.
        options: the values.
        key: the name in the address.
        first: the position chosen without a choice.
        shown: how a value reads.
    """
    return st.selectbox(
        label,
        options,
        index=first if options else None,
        format_func=shown,
        key=key,
        bind="query-params",
        required=True,
    )


def some_of(label: str, options: Sequence[str], key: str, *, every: str = "All") -> list[str]:
    """Several values of a list; an empty list: everything is meant."""
    return st.multiselect(label, options, key=key, placeholder=every, bind="query-params")


def switch(label: str, key: str, *, on: bool = False) -> bool:
    """Yes or no."""
    return st.toggle(label, value=on, key=key, bind="query-params")
