"""The table of how each partner's last visit went, which two views show."""

from __future__ import annotations

from typing import Any

from dashboards import data
from dashboards.parts import heading, table


def health(partner: str | None, *terms: str, selectable: bool = False) -> dict[str, Any] | None:
    """Draw how each partner's last visit went, with all that its run had to say.

    Args:
        partner: the only one to show; None: all.
        terms: keys of `dashboards.definitions`.
        selectable: whether a row can be chosen.

    Returns:
        The chosen row; None: none is.
    """
    heading("Partners" if partner is None else "Last visit", *terms)
    return table(
        data.query("partners/health", partner=partner),
        "partners",
        empty="No partner was visited yet: run `roamhouse run`.",
        labels={
            "last_success_at": "Complete",
            "score_share": "Quality",
            "cdr_count": "CDRs, 90 d",
            "consecutive_failures": "Failures",
            "message": "What went wrong",
        },
        height=300,
        selectable=selectable,
    )
