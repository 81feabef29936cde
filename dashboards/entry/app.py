"""The app: one frame around every page, and nothing that belongs to a single page.

Streamlit runs this file for every visit; `roamhouse dashboards` starts it. It has a folder of
its own because Streamlit takes a folder `pages` beside it for an app of another kind, in which
this file has no say.
"""

from pathlib import Path
from typing import Final

import streamlit as st

from dashboards import access, data, frame
from dashboards.navigation import LIVE, arrive, navigation

# A symbol by name would be fetched from its maker's server.
_ASSETS: Final = Path(__file__).parents[1] / "assets"


def main() -> None:
    """Draw the frame, then the page that the address names."""
    st.set_page_config(page_title="roamhouse", page_icon=str(_ASSETS / "icon.svg"), layout="wide")
    st.html(_ASSETS / "house.css")
    access.require_login()
    page = navigation()
    frame.prepare()
    with frame.guarded():
        shown = data.snapshot()
        frame.sidebar(shown)
        if shown is None:
            frame.nothing_published()
        else:
            arrive()
            page.run()
            if page.url_path in LIVE:
                frame.follow_newest()


if __name__ == "__main__":
    main()
