"""The frame around every view: how old the figures are, who is there, what to do when they fail."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import duckdb
import streamlit as st

from dashboards import access, data, services
from dashboards.format import plain, span, timestamp
from models.errors import Refused

_OLD: Final = timedelta(hours=26)
"""Beyond it a daily run was missed."""
_LOOK_EVERY: Final = timedelta(seconds=2)

_log = logging.getLogger(__name__)


def sidebar(shown: data.Snapshot | None) -> None:
    """Say how old what is shown is, and who looks."""
    with st.sidebar:
        if shown is not None:
            _freshness(shown)
        visitor = access.visitor()
        st.caption(f"{plain(visitor.name or 'no address')} · {visitor.role}")
        access.offer_logout()


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
