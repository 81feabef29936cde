"""The server of `roamhouse dashboards`: Streamlit's own command, after what pages need is loaded.

Streamlit loads a library when a page first uses it, so that the first visitor would wait for all
of them. Here the server answers only once they are there.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Final

from streamlit.web.cli import main

from dashboards.navigation import MENU

_LATE: Final = ("altair", "numba", "pandas", "pyarrow", "streamlit.elements.arrow")
"""Libraries loaded with the first table, chart or price."""


def load() -> None:
    """Load the modules of every page, and what they would load later."""
    # Streamlit warns that no server runs yet, which is so.
    logging.disable(logging.WARNING)
    for entries in MENU.values():
        for address, _, _ in entries:
            import_module(f"dashboards.pages.{address}")
    for name in _LATE:
        import_module(name)
    logging.disable(logging.NOTSET)


if __name__ == "__main__":
    load()
    main()
