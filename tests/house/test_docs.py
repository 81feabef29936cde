"""What `docs/` and README say about the code is what the code says."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from models.recon.registry import RULES
from models.tables.kinds import Table, required, text
from pipelines import docs
from pipelines.cli.main import cli

README = Path(__file__).parents[2] / "README.md"
PAGES = docs.pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_committed_page_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path], "run `make docs`"


def test_keys_are_bold_and_columns_that_are_never_null_are_marked() -> None:
    table = Table(
        "core.things", "A thing.", ("id",), (required("id", "Which."), text("note", "A | b."))
    )
    page = docs.tables_page((table,))
    assert "### core.things\n\nA thing.\n" in page
    assert "| **`id`** * | VARCHAR | Which. |" in page
    assert "| `note` | VARCHAR | A \\| b. |" in page


def test_every_rule_is_on_the_page() -> None:
    page = (docs.DOCS / "reconciliation.md").read_text(encoding="utf-8")
    assert [rule.id for rule in RULES if f"`{rule.id}`" not in page] == []


def test_options_show_their_values_their_help_and_their_default() -> None:
    @click.group()
    def tool() -> None:
        """Do things."""

    @tool.command()
    @click.argument("file")
    @click.option("--port", default=8501, show_default=True, help="The port | door.")
    @click.option("--json", "as_json", is_flag=True, help="As JSON.")
    def serve(file: str, port: int, as_json: bool) -> None:
        """Serve FILE."""

    page = docs.commands_page(tool)
    assert "`roamhouse serve [OPTIONS] FILE`\n\nServe FILE." in page
    assert "| `--port INTEGER` | The port \\| door. [default: 8501] |" in page
    assert "| `--json` | As JSON. |" in page


def test_only_what_is_stale_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    current, stale = tmp_path / "current.md", tmp_path / "stale.md"
    current.write_text("same", encoding="utf-8")
    before = current.stat().st_mtime_ns
    monkeypatch.setattr(docs, "pages", lambda: {current: "same", stale: "new"})
    docs.main()
    assert stale.read_text(encoding="utf-8") == "new"
    assert current.stat().st_mtime_ns == before


def readme_commands() -> list[list[str]]:
    """The commands in README's table, those that share a row apart, each as its words."""
    rows = re.findall(r"^\| (`roamhouse .*?) \| ", README.read_text(encoding="utf-8"), re.M)
    quoted = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    return [re.findall(r"^[a-z][a-z-]*|(?<= )[a-z][a-z-]*", name.removeprefix("roamhouse "))
            for name in quoted]  # fmt: skip


@pytest.mark.parametrize("words", readme_commands(), ids=" ".join)
def test_every_command_in_the_readme_exists(words: list[str]) -> None:
    result = CliRunner().invoke(cli, [*words, "--help"])
    assert result.exit_code == 0, result.output


def test_the_readme_names_every_command() -> None:
    named = {words[0] for words in readme_commands()}
    assert named == set(cli.list_commands(click.Context(cli)))
