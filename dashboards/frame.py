"""The frame around every view: how old the figures are, who is there, what to do when they fail."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import duckdb
import polars as pl
import streamlit as st

from dashboards import access, data, services
from dashboards.format import plain, span, timestamp
from models.errors import Refused

_OLD: Final = timedelta(hours=26)
"""Beyond it a daily run was missed."""
_LOOK_EVERY: Final = timedelta(seconds=2)

_PREPARED: Final = "prepared"

_log = logging.getLogger(__name__)


def sidebar(shown: data.Snapshot | None) -> None:
    """Say how old what is shown is, and who looks."""
    with st.sidebar:
        if shown is not None:
            _freshness(shown)
        visitor = access.visitor()
        st.caption(f"{plain(visitor.name or 'no address')} · {visitor.role}")
        access.offer_logout()


def prepare() -> None:
    """Let the browser load what pages are made of while the first of them is asked for, once.

    It shows a placeholder for each kind of element that it meets for the first time, and leaves it
    for three tenths of a second, however soon the program for it was there.
    """
    with st.container(key=_PREPARED):
        if _PREPARED in st.session_state:
            return
        st.session_state[_PREPARED] = True
        st.metric(_PREPARED, "")
        st.multiselect(_PREPARED, (), key="prepared_several")
        st.selectbox(_PREPARED, (), key="prepared_one")
        st.toggle(_PREPARED, key="prepared_switch")
        st.text_input(_PREPARED, key="prepared_text")
        st.number_input(_PREPARED, key="prepared_number")
        st.date_input(_PREPARED, None, key="prepared_day")
        st.time_input(_PREPARED, None, key="prepared_time")
        st.vega_lite_chart({"mark": "point", "data": {"values": []}})
        st.components.v2.component(_PREPARED, html="<i></i>")(key="prepared_map")
        st.dataframe(pl.DataFrame())
        st.download_button(_PREPARED, "", key="prepared_file")


@st.fragment(run_every=_LOOK_EVERY)
def follow_newest() -> None:
    """Draw the view again as soon as a newer snapshot is published: what it shows is live."""
    if data.is_superseded():
        st.rerun()


def nothing_published() -> None:
    """Say what to do before there is anything to show."""
    st.title("Nothing to show yet")
    st.info("No run has published a snapshot in this home directory.", icon=":material/info:")
    st.text("Run it once, and reload this page:")
    st.code(
        "roamhouse run\nroamhouse demo     # with sandbox partners, from nothing", language=None
    )


@contextmanager
def guarded() -> Iterator[None]:
    """Guard a view: a failure says what to do, and what was drawn stays."""
    try:
        yield
    except (duckdb.CatalogException, duckdb.BinderException, KeyError):
        _log.exception("a table or a column is missing from the snapshot")
        st.error(
            "The snapshot was published by another version and lacks what this page shows. "
            "Run `roamhouse replay`, then reload.",
            icon=":material/error:",
        )
    except (duckdb.Error, LookupError, OSError) as error:
        _log.exception("the snapshot cannot be read")
        st.error(
            f"The snapshot cannot be read ({type(error).__name__}). Reload; if it stays, run "
            "`roamhouse doctor`.",
            icon=":material/error:",
        )
    except (sqlite3.Error, Refused) as error:
        _log.exception("the decisions cannot be read")
        st.error(plain(str(error)), icon=":material/error:")


def _freshness(shown: data.Snapshot) -> None:
    age = shown.age(services.now())
    if age is None:
        st.caption(f"{shown.name}: empty")
        return
    text = f"Data as of {timestamp(shown.as_of)}, {span(age)} ago"
    if age > _OLD:
        st.warning(text, icon=":material/schedule:")
    else:
        st.caption(f":material/schedule: {text}")
