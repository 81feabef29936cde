"""Writes `docs/tables.md`, the catalogue of the warehouse, from the tables' declarations.

Run as `python -m pipelines.docs.tables`; a test keeps the committed page current.
"""

from __future__ import annotations

from pathlib import Path

import click

from models.tables import TABLES, Column, Table

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"

_STAGES = {
    "ops": "What was asked of whom, when, and how it went.",
    "core": "What partners sent, in one canonical model.",
    "rating": "What each CDR should have cost, and why.",
    "recon": "What is wrong with a claim, and the verdict on it.",
    "settle": "What is owed, and what is contested.",
    "mart": "What the dashboards show.",
}

_OPENING = """\
# Tables

Written by `make docs` from `models/tables`; do not edit.

Times end in `_at` and are `TIMESTAMPTZ` in UTC; energy ends in `_kwh`, hours in `_h`; an amount of
money ends in `_excl_vat` or `_incl_vat` and is in the row's `currency`. A null is an unknown value,
never zero and never free. **Bold** columns identify the row; a `*` marks columns that are never
null. Uniqueness is asserted by checks, not by the engine.
"""


def render(tables: tuple[Table, ...]) -> str:
    """The whole page.

    Args:
        tables: every table, in the order of the page.

    Returns:
        Markdown.
    """
    parts = [_OPENING]
    stages = dict.fromkeys(table.stage for table in tables)
    for stage in stages:
        mine = [table for table in tables if table.stage == stage]
        parts.append(f"## {stage}\n\n{_STAGES[stage]}\n")
        parts.extend(_section(table) for table in mine)
    return "\n".join(parts)


def _section(table: Table) -> str:
    kind = "" if table.query is None else "A view. "
    rows = "\n".join(_row(table, column) for column in table.columns)
    return (
        f"### {table.name}\n\n{kind}{table.description}\n\n"
        f"| column | type | what it means |\n|---|---|---|\n{rows}\n"
    )


def _row(table: Table, column: Column) -> str:
    name = f"`{column.name}`"
    if column.name in table.key:
        name = f"**{name}**"
    always = "" if column.nullable else " *"
    meaning = column.description.replace("|", "\\|")
    return f"| {name}{always} | {column.duckdb_type} | {meaning} |"


@click.command()
def main() -> None:
    """Write docs/tables.md."""
    PAGE.write_text(render(TABLES), encoding="utf-8")
    click.echo(f"{len(TABLES)} tables written to {PAGE.name}")


if __name__ == "__main__":
    main()
