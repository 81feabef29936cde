"""The catalogue of tables in `docs/` is the one that the code declares."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from models.tables import TABLES
from models.tables.kinds import Table, required, text
from pipelines.docs import tables


def test_the_committed_page_is_current() -> None:
    assert tables.PAGE.read_text(encoding="utf-8") == tables.render(TABLES), "run `make docs`"


def test_keys_are_bold_and_columns_that_are_never_null_are_marked() -> None:
    table = Table(
        "core.things", "A thing.", ("id",), (required("id", "Which."), text("note", "A | b."))
    )
    page = tables.render((table,))
    assert "### core.things\n\nA thing.\n" in page
    assert "| **`id`** * | VARCHAR | Which. |" in page
    assert "| `note` | VARCHAR | A \\| b. |" in page


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "PAGE", tmp_path / "tables.md")
    result = CliRunner().invoke(tables.main)
    assert result.exit_code == 0
    assert (tmp_path / "tables.md").read_text(encoding="utf-8") == tables.render(TABLES)
