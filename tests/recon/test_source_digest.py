"""A change of the source that verdicts, prices or statements come from makes them anew."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from changing_world import ChangingWorld

from pipelines.stages.recon import changes as recon_changes
from pipelines.stages.settle import changes as settle_changes
from pipelines.stages.stage import source_digest


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of its own, with a rule and a query."""
    folder = tmp_path / "judging"
    (folder / "rules").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "rules" / "late.py").write_text("HOURS = 24\n")
    (folder / "rules" / "late.sql").write_text("select 24\n")
    monkeypatch.delitem(sys.modules, "judging", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    source_digest.cache_clear()
    yield folder
    source_digest.cache_clear()


@pytest.mark.parametrize("name", ["late.py", "late.sql"])
def test_a_changed_source_file_changes_the_digest(package: Path, name: str) -> None:
    before = source_digest("judging")
    (package / "rules" / name).write_text("25\n")
    source_digest.cache_clear()

    assert source_digest("judging") != before


def test_what_is_no_source_does_not(package: Path) -> None:
    before = source_digest("judging")
    (package / "rules" / "late.pyc").write_text("compiled")
    (package / "rules" / "notes.txt").write_text("about it")
    source_digest.cache_clear()

    assert source_digest("judging") == before


def test_a_place_that_is_not_there_is_an_error(package: Path) -> None:
    with pytest.raises(FileNotFoundError, match="judging/rulez"):
        source_digest("judging/rulez")


@pytest.mark.parametrize("stage", [recon_changes, settle_changes])
def test_a_later_run_of_another_source_makes_everything_anew(
    monkeypatch: pytest.MonkeyPatch, stage: object
) -> None:
    world = ChangingWorld().start()
    world.cdr(0, hub=False, session=1, token=1, evse=1, cost=10)
    world.run()
    table = "recon.cdrs" if stage is recon_changes else "settle.statement_lines"
    before = world.said()
    world.con.execute(f"update {table} set expected_excl_vat = 1")  # noqa: S608
    assert world.run() == 0
    assert world.said() != before

    monkeypatch.setattr(stage, "source_digest", lambda *places: "another")
    world.run()

    assert world.said() == before
