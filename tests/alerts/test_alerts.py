"""Alerts: each cause is told once, with its cure and a link, and so is its end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import get_args

import duckdb
import pytest
from alert_home import HEALTH, NOW, Post, publish, tell
from click.testing import CliRunner, Result

from pipelines.alerts.causes import KINDS, Cause, find_causes
from pipelines.alerts.memory import FILE, load, save
from pipelines.alerts.metrics import current_metrics
from pipelines.alerts.send import send_alerts, sender
from pipelines.cli.main import cli
from pipelines.config.errors import ConfigError
from pipelines.config.home import Home
from pipelines.config.home_settings import AlertKind, AlertSettings
from pipelines.config.partners import Partners
from tests.in_memory import in_memory
from tests.mail_server import mail_server


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


def found(con: duckdb.DuckDBPyConnection, partners: Partners, **options: Decimal) -> list[Cause]:
    return find_causes(con, partners, now=NOW, **options)  # type: ignore[arg-type]


def test_every_kind_that_settings_know_has_words_and_the_page_lists_it() -> None:
    assert list(KINDS) == list(get_args(AlertKind))
    page = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
    assert [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")] == list(
        KINDS
    )


def test_nothing_needs_anybody_in_an_empty_warehouse(
    con: duckdb.DuckDBPyConnection, partners: Partners
) -> None:
    assert found(con, partners) == []


def test_failing_and_incomplete_partners_say_what_they_said(
    con: duckdb.DuckDBPyConnection, partners: Partners
) -> None:
    con.execute(HEALTH + "('voltix', 'failed', '401', 3), ('ndw', 'degraded', 'page 3 broke', 1)")
    assert found(con, partners) == [
        Cause("partner_failing", "voltix", "401"),
        Cause("list_incomplete", "ndw", "page 3 broke"),
    ]


def test_stale_is_what_the_partner_s_own_limit_says(
    con: duckdb.DuckDBPyConnection, partners: Partners
) -> None:
    con.execute(
        "insert into ops.watermarks (partner, module, party, complete_until_at, pull_id) values "
        "('voltix', 'cdrs', '*', $at, 'p'), ('ndw', 'locations', '*', $at, 'p')",
        {"at": NOW - timedelta(hours=30)},
    )
    assert found(con, partners) == [Cause("partner_stale", "voltix", "complete until 30 h ago")]
    con.execute(HEALTH + "('voltix', 'failed', '401', 1)")  # which is why
    assert found(con, partners) == [Cause("partner_failing", "voltix", "401")]


def test_money_counts_by_currency_above_the_limit(
    con: duckdb.DuckDBPyConnection, partners: Partners
) -> None:
    con.execute(
        "insert into settle.disputes (partner, state, currency, contested_excl_vat) values "
        "('voltix', 'open', 'EUR', 900), ('voltix', 'detected', 'EUR', -200.5), "
        "('voltix', 'sent', 'GBP', 900), ('voltix', 'credited', 'EUR', 5000)"
    )
    (cause,) = found(con, partners, money_above=Decimal(1000))
    assert cause == Cause("money_in_doubt", "voltix", "2 disputes, EUR 1,100.50")
    assert found(con, partners) == []


def test_amounts_of_several_months_and_currencies_are_one_cause(
    con: duckdb.DuckDBPyConnection, partners: Partners
) -> None:
    con.execute(
        "insert into mart.attention values "
        "('month_unlocked', 'voltix', '2026-09', 'EUR', 1, 100), "
        "('month_unlocked', 'voltix', '2026-08', 'EUR', 1, 50), "
        "('month_unlocked', 'voltix', '2026-09', 'GBP', 1, 7)"
    )
    (cause,) = found(con, partners)
    assert (
        cause.detail
        == "2 statements, EUR 150.00, 2026-08, 2026-09; 1 statements, GBP 7.00, 2026-09"
    )


def test_last_run_counts_and_no_earlier_one(
    con: duckdb.DuckDBPyConnection, partners: Partners
) -> None:
    insert = "insert into ops.runs (run_id, started_at, status, partners_failed) values "
    con.execute(insert + "('2', '2026-11-01', 'failed', 0)")
    assert [cause.title for cause in found(con, partners)] == [
        "The last run failed after the partners"
    ]
    con.execute(insert + "('1', '2026-11-02', 'complete', 0)")
    assert found(con, partners) == []


def test_cause_is_told_once_and_so_is_its_end(home: Home, partners: Partners) -> None:
    post = Post()
    publish(home, HEALTH + "('voltix', 'failed', '401', 1)")
    assert tell(home, partners, post) == [
        (
            "roamhouse: voltix brings nothing",
            "401\nRun `roamhouse doctor`: it says what to do.\n"
            "https://roamhouse.example/partners?partner=voltix",
        )
    ]
    publish(home, HEALTH + "('voltix', 'failed', '403 now', 2)")
    assert tell(home, partners, post) == []
    publish(home)
    assert tell(home, partners, post) == [
        ("roamhouse: it is over", "voltix brings nothing, since 2026-11-20T12:00:00+00:00")
    ]
    assert tell(home, partners, post) == []


@pytest.mark.withstands(
    "a message cannot be delivered", "it is sent again next time, and only once"
)
def test_message_that_did_not_get_there_is_sent_again(home: Home, partners: Partners) -> None:
    post = Post()
    post.arrives = False
    publish(home, HEALTH + "('voltix', 'failed', '401', 1)")
    assert tell(home, partners, post) == []
    post.arrives = True
    assert len(tell(home, partners, post)) == 1
    post.arrives = False
    publish(home)
    assert tell(home, partners, post) == []
    post.arrives = True
    assert [title for title, _ in tell(home, partners, post)] == ["roamhouse: it is over"]


def test_what_nobody_was_told_of_ends_in_silence(home: Home, partners: Partners) -> None:
    post = Post()
    post.arrives = False
    publish(home, HEALTH + "('voltix', 'failed', '401', 1)")
    tell(home, partners, post)
    publish(home)
    post.arrives = True
    assert tell(home, partners, post) == []


def test_many_at_once_are_one_message(home: Home, partners: Partners) -> None:
    rows = ", ".join(f"('p{number}', 'failed', 'why', 1)" for number in range(5))
    publish(home, HEALTH + rows)
    ((title, text),) = tell(home, partners, Post())
    assert title == "roamhouse: 5 things need a person"
    assert text.count("brings nothing") == 5


def test_quiet_kinds_are_found_and_not_told(home: Home, partners: Partners) -> None:
    home.settings.write_text("alerts: {quiet: [partner_failing]}", encoding="utf-8")
    publish(home, HEALTH + "('voltix', 'failed', '401', 1)")
    post = Post()
    report = send_alerts(home, partners, {}, NOW, send=post)
    assert (len(report.causes), post.sent) == (1, [])


def test_torn_memory_tells_once_more(tmp_path: Path) -> None:
    save(tmp_path / FILE, {})
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / FILE).write_text('{"a": ', encoding="utf-8")
    assert load(tmp_path / FILE) == {}


def test_address_that_is_missing_or_none_is_said_and_never_repeated() -> None:
    settings = AlertSettings.model_validate({"to_env": ["ALERTS"]})
    with pytest.raises(ConfigError, match="ALERTS is not set"):
        sender(settings, {})
    with pytest.raises(ConfigError) as refused:
        sender(settings, {"ALERTS": "nowhere-secret"})
    assert "secret" not in str(refused.value)
    assert sender(AlertSettings(), {}) is None


def test_figures_are_written_for_prometheus(home: Home, partners: Partners) -> None:
    file = home.path / "roamhouse.prom"
    home.settings.write_text(f"metrics: {{file: {file}}}", encoding="utf-8")
    publish(
        home,
        HEALTH + "('voltix', 'failed', '401', 3)",
        "insert into ops.runs (run_id, status, started_at, finished_at, partners_failed) "
        "values ('1', 'failed', '2026-11-20 11:00:00Z', '2026-11-20 11:00:30Z', 1)",
    )
    send_alerts(home, partners, {}, NOW)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert {
        "# TYPE roamhouse_partner_ok gauge",
        'roamhouse_partner_ok{partner="voltix"} 0',
        'roamhouse_partner_consecutive_failures{partner="voltix"} 3',
        'roamhouse_causes{kind="partner_failing"} 1',
        "roamhouse_run_ok 0",
        "roamhouse_run_duration_seconds 30",
        "roamhouse_run_finished_timestamp_seconds 1795172430",
    } <= set(lines)
    assert len(lines) == len(set(lines))
    asked = current_metrics(home, home.partners, NOW).splitlines()
    assert [line for line in asked if "disk_free" not in line] == [
        line for line in lines if "disk_free" not in line
    ]


class _Hook(BaseHTTPRequestHandler):
    heard: list[dict[str, str]]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.heard.append(json.loads(self.rfile.read(length)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A webhook on loopback: its address and what it heard."""
    heard: list[dict[str, str]] = []
    handler = type("Hook", (_Hook,), {"heard": heard})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_port}/hook", heard
        server.shutdown()


def roamhouse(home: Home, address: str, *words: str) -> Result:
    environ = {"ROAMHOUSE_HOME": str(home.path), "ALERTS": address}
    return CliRunner().invoke(cli, ["alerts", *words], env=environ)


def test_command_reaches_a_webhook_and_says_what_it_would_say(
    home: Home, hook: tuple[str, list[dict[str, str]]]
) -> None:
    address, heard = hook
    publish(home, HEALTH + "('voltix', 'failed', '401', 1)")
    result = roamhouse(home, address, "--dry-run")
    assert (result.exit_code, heard) == (0, [])
    assert "voltix brings nothing" in result.output
    result = roamhouse(home, address, "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["told"] == ["roamhouse: voltix brings nothing"]
    assert [one["title"] for one in heard] == ["roamhouse: voltix brings nothing"]
    assert roamhouse(home, address, "--test").exit_code == 0
    assert heard[-1]["title"] == "roamhouse: messages arrive"


def test_cause_and_its_end_arrive_by_mail(home: Home) -> None:
    with mail_server() as (address, post):
        publish(home, HEALTH + "('voltix', 'failed', '401', 1)")
        assert roamhouse(home, address).exit_code == 0
        assert roamhouse(home, address).exit_code == 0
        publish(home)
        assert roamhouse(home, address).exit_code == 0
    assert [letter["Subject"] for letter in post] == [
        "roamhouse: voltix brings nothing",
        "roamhouse: it is over",
    ]
    body = post[0].get_body()
    assert body is not None
    assert "https://roamhouse.example/partners?partner=voltix" in body.get_content()


def test_words_of_a_partner_are_no_markup_and_call_nobody(home: Home) -> None:
    hostile = "<img src=x> <!channel> @everyone"
    with mail_server() as (address, post):
        publish(home, HEALTH + f"('voltix', 'failed', '{hostile}', 1)")
        assert roamhouse(home, address).exit_code == 0
    parts = [part.get_content() for part in post[0].walk() if not part.is_multipart()]
    assert all("img src=x" in part and "Run `roamhouse doctor`" in part for part in parts)
    assert not any(word in part for part in parts for word in ("<img", "<!channel", "@everyone"))


def test_command_fails_where_nobody_hears(home: Home) -> None:
    publish(home, HEALTH + "('voltix', 'failed', '401', 1)")
    result = roamhouse(home, "json://127.0.0.1:9/nobody")
    assert result.exit_code == 1
    home.settings.write_text("", encoding="utf-8")
    assert roamhouse(home, "", "--test").exit_code == 2
