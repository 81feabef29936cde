"""The menu of views, and how one leads to another.

Views are files, so that each can be opened by its own address and tested on its own.
"""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage

_Entry = tuple[str, str, str]
"""Address (the file's name), title and icon of a view."""

MENU: Final[dict[str, tuple[_Entry, ...]]] = {
    "": (
        ("overview", "Overview", "dashboard"),
        ("pricing_changes", "What changed", "difference"),
    ),
    "Availability": (
        ("availability", "Map and uptime", "map"),
        ("availability_outages", "Outages and doubts", "power_off"),
        ("availability_usage", "Utilisation", "calendar_view_week"),
        ("availability_rules", "Rules: AFIR, NEVI, UK", "rule_settings"),
        ("location", "A location", "location_on"),
    ),
    "Our charging": (
        ("charges", "Charging and cost", "ev_station"),
        ("drivers", "How drivers fare", "sentiment_satisfied"),
        ("margin", "Margin", "balance"),
    ),
    "Pricing": (
        ("pricing_cheapest", "Cheapest for a charge", "savings"),
        ("pricing", "Prices", "sell"),
        ("pricing_missing", "Without a price", "money_off"),
        ("tariff", "A tariff", "article"),
        ("simulator", "Simulator", "calculate"),
    ),
    "Settlement": (
        ("settlement", "Statements", "account_balance"),
        ("statement", "A partner's month", "description"),
        ("invoices", "Invoices", "receipt"),
        ("disputes", "Disputes", "gavel"),
        ("cdr", "A CDR", "receipt_long"),
    ),
    "Data": (
        ("partners", "Partners", "monitoring"),
        ("quarantine", "Refused and repaired", "rule"),
    ),
}
DEFAULT: Final = "overview"
LIVE: Final = frozenset({"availability", "location"})
"""Views of what is so now, which follow the newest snapshot by themselves."""
_OBJECTS: Final = frozenset({"cdr", "location", "simulator", "tariff"})
"""Views of one thing: their parameters name it, and are no filters."""
_UNDERWAY: Final = "underway"


def navigation() -> StreamlitPage:
    """Draw the menu, and return the view that the address names."""
    return st.navigation(
        {group: [_page(*entry) for entry in entries] for group, entries in MENU.items()},
        expanded=True,
    )


def go(view: str, **parameters: str | list[str]) -> None:
    """Leave for another view.

    Args:
        view: its address, as `cdr`.
        parameters: what it is to show; they end up in its address.
    """
    st.session_state[_UNDERWAY] = (view, parameters)
    # Streamlit refuses to change a parameter that a filter of the view being left is bound to.
    st.switch_page(_file(view), query_params={})


def arrive() -> None:
    """Show what `go` asked for, in the address and in the filters; before a view draws them."""
    view, parameters = st.session_state.pop(_UNDERWAY, (None, {}))
    if view is None:
        return
    st.query_params.from_dict(parameters)
    if view not in _OBJECTS:
        st.session_state.update(parameters)


def link(view: str, label: str, *, icon: str | None = None, **parameters: str) -> None:
    """Draw a link to another view.

    Args:
        view: its address, as `cdr`.
        label: our own words; never a partner's.
        icon: a Material symbol, as `arrow_forward`.
        parameters: what it is to show.
    """
    symbol = f":material/{icon}:" if icon else None
    st.page_link(_file(view), label=label, icon=symbol, query_params=parameters or None)


def _page(address: str, title: str, icon: str) -> StreamlitPage:
    return st.Page(
        _file(address),
        title=title,
        icon=f":material/{icon}:",
        url_path=address,
        default=address == DEFAULT,
    )


def _file(address: str) -> str:
    return f"../pages/{address}.py"
