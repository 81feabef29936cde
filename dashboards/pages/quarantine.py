"""Refused and repaired: what partners sent that broke the OCPI text, with the JSON itself."""

from __future__ import annotations

import streamlit as st

from dashboards import data
from dashboards.filters import partner
from dashboards.format import timestamp
from dashboards.parts import heading, table


def draw() -> None:
    """Draw the page."""
    st.title("Refused and repaired")
    left, _ = st.columns([1, 2])
    with left:
        who = partner()
    _refused(who)
    _repaired(who)


def _refused(who: str | None) -> None:
    heading("Refused, by reason", "quarantine")
    chosen = table(
        data.query("quarantine/reasons", partner=who),
        "refused",
        empty="Nothing was refused.",
        selectable=True,
    )
    if chosen is None:
        st.caption("Choose a reason for the objects and their JSON.")
        return
    key = {name: chosen[name] for name in ("partner", "module", "reason")}
    one = table(
        data.query("quarantine/objects", **key),
        "refused_objects",
        empty="They are gone from this snapshot.",
        hide=["payload_hash", "page_id"],
        selectable=True,
        first=True,
    )
    if one:
        _payload(one)


def _payload(row: dict[str, str]) -> None:
    found = data.one(
        "quarantine/payload",
        **{name: row[name] for name in ("partner", "module", "payload_hash")},
    )
    if found is None:
        return
    st.text(f"Fetched {timestamp(found['fetched_at'])}, page {found['page_id']}")
    st.code(found["payload"], language="json", wrap_lines=True, height=360)


def _repaired(who: str | None) -> None:
    heading("Repaired, by kind and place", "deviations")
    chosen = table(
        data.query("quarantine/deviations", partner=who),
        "repaired",
        empty="Nothing had to be repaired.",
        labels={
            "deviating_count": "Objects",
            "example_original": "For example",
            "example_repaired": "Taken as",
        },
        height=420,
        selectable=True,
    )
    if chosen:
        key = {name: chosen[name] for name in ("partner", "module", "kind", "path")}
        table(
            data.query("quarantine/deviating", **key),
            "repaired_fields",
            empty="They are gone from this snapshot.",
            hide=["page_id"],
        )


if __name__ == "__main__":
    draw()
