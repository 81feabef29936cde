"""A command whose machine gives out: a sentence with what to do, and a next time that works."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from children import give
from test_killed_commands import published

from pipelines.config.home import Home

LACKING = (
    ({"RLIMIT_FSIZE": 100_000}, "make room"),
    ({"RLIMIT_NOFILE": 14}, "allow more open files"),
)


@pytest.mark.withstands(
    "the disk or open files give out in the middle of a command",
    "one sentence says which and what to do; readers keep theirs, the next time it is done",
)
def test_command_that_lacks_something_says_so_and_heals(run_home: Path, tmp_path: Path) -> None:
    shutil.copytree(run_home, tmp_path / "ground" / "home")
    home = Home(tmp_path / "ground" / "home")
    text = home.partners.read_text(encoding="utf-8")  # every CDR has to be judged anew
    home.partners.write_text(text.replace("currency: GBP", "currency: EUR"), encoding="utf-8")
    before = published(home)
    for limits, said in LACKING:
        starved = give(home.path, "settle", limits=limits)
        assert (starved.code, "Traceback" in starved.output) == (1, False), starved.output
        assert said in starved.output
        assert published(home) == before
    assert give(home.path, "settle").code == 0
    assert published(home) != before
