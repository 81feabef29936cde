"""The chain over decisions: whatever is changed behind our back is seen."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import cli
from pipelines.config.home import Home
from pipelines.decisions.chain import BEGIN
from pipelines.decisions.store import DecisionsStore

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    with DecisionsStore(home.decisions, clock=lambda: NOW) as store:
        for number in range(3):
            store.accept_removals(f"voltix.cdrs.{number}", "*", "eva", "they closed")
    return home


def tamper(home: Home, query: str) -> None:
    """Change the file as somebody with access to it could."""
    con = sqlite3.connect(home.decisions)
    for (name,) in con.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        con.execute(f"drop trigger {name}")
    con.execute(query)
    con.commit()
    con.close()


def audit(home: Home, *words: str) -> Result:
    return CliRunner().invoke(cli, ["audit", *words], env={"ROAMHOUSE_HOME": str(home.path)})


def test_every_decision_bears_its_link(home: Home) -> None:
    result = audit(home)
    assert result.exit_code == 0
    assert "3 decisions, the chain holds" in result.output
    lines = [json.loads(line) for line in result.output.splitlines()[:3]]
    assert [line["who"] for line in lines] == ["eva"] * 3
    assert len({line["sha256"] for line in lines} | {BEGIN}) == 4


@pytest.mark.withstands(
    "somebody changes the decisions' file", "`roamhouse audit` names the first that does not hold"
)
@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("update events set who = 'mia' where seq = 2", 2),
        ("update events set data = '{}' where seq = 1", 1),
        ("delete from events where seq = 2", 3),
        ("delete from events where seq = 3", 3),
        ("update events set at = '2026-11-30T12:00:00+00:00' where seq = 3", 3),
        ("delete from chain where seq = 2", 2),
        (
            "insert into events (seq, kind, stream, name, who, at, data) "
            "values (4, 'removal', 's', 'accepted', 'mia', '2026-11-29T12:00:00+00:00', '{}')",
            4,
        ),
    ],
)
def test_whatever_is_changed_is_seen(home: Home, query: str, place: int) -> None:
    tamper(home, query)
    result = audit(home)
    assert result.exit_code == 1
    assert f"Decision {place} is not what was decided" in result.output


def test_chain_made_anew_over_changed_decisions_lacks_the_link_that_was_kept(home: Home) -> None:
    kept = json.loads(audit(home).output.splitlines()[2])["sha256"]
    assert audit(home, "--head", kept).exit_code == 0
    tamper(home, "update events set who = 'mia' where seq = 2")
    tamper(home, "delete from chain")
    tamper(home, "pragma user_version = 1")
    DecisionsStore(home.decisions, clock=lambda: NOW).close()
    assert audit(home).exit_code == 0
    result = audit(home, "--head", kept)
    assert (result.exit_code, "not in the chain" in result.output) == (1, True)


def test_decisions_of_an_earlier_version_get_their_links(home: Home) -> None:
    before = audit(home).output
    tamper(home, "drop table chain")
    tamper(home, "pragma user_version = 1")
    assert audit(home).output == before


def test_nothing_decided_is_said(tmp_path: Path) -> None:
    assert audit(Home(tmp_path / "new")).exit_code == 2
