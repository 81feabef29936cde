"""Overview: is everything there, what is at stake, what changed, what needs a person?"""

from __future__ import annotations

import streamlit as st

from dashboards import data
from dashboards.parts import heading, table


def draw() -> None:
    """Draw the page."""
    st.title("Overview")
    heading("Partners", "freshness")
    table(
        data.query("overview/partners"),
        "partners",
        empty="No partner was visited yet: run `roamhouse run`.",
    )


if __name__ == "__main__":
    draw()
