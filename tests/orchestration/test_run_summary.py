"""The summary in words: whoever reads it knows which lists failed, and why."""

from datetime import UTC, datetime

from pipelines.cli.rich_terminal import Terminal
from pipelines.cli.run_output import print_summary
from pipelines.orchestration.summary import (
    ListSummary,
    Month,
    MonthStatement,
    PartnerSummary,
    RunSummary,
)

NOW = datetime(2026, 11, 2, tzinfo=UTC)
REFUSED = "voltix: HTTP 401, the partner rejects our token"
TABLES = ("core.locations", "core.evses", "core.tariffs", "core.sessions", "core.cdrs",
          "rating.lines", "recon.findings")  # fmt: skip


def partner(errors, message=None):
    lists = tuple(
        ListSummary(module, "full", "failed" if error else "complete", 0, 0, None, error)
        for module, error in errors.items()
    )
    return PartnerSummary("voltix", "failed", None, message, None, 0, 0, 0, 0, lists)


def shown(capsys, one, settled=None):
    summary = RunSummary(
        "R1", "run", "failed", NOW, 1.0, (one,), (), dict.fromkeys(TABLES, 0), (), (), settled
    )
    print_summary(Terminal(width=200), summary)
    return capsys.readouterr().out


def test_every_reason_is_said_once_with_the_lists_it_stopped(capsys):
    short = "voltix: cdrs: the partner promised 61 objects, 36 different ones came"
    errors = {"locations": REFUSED, "tariffs": None, "cdrs": short, "tokens": REFUSED}
    output = shown(capsys, partner(errors, message=REFUSED))
    assert "voltix locations, tokens: HTTP 401, the partner rejects our token\n" in output
    assert "voltix cdrs: the partner promised 61 objects, 36 different ones came\n" in output
    assert output.count("HTTP 401") == 1


def test_a_partner_that_was_not_asked_keeps_its_last_reason(capsys):
    assert "\nvoltix: HTTP 401, the partner" in shown(capsys, partner({}, message=REFUSED))


def test_a_month_that_nobody_contests_has_no_empty_table(capsys):
    agreed = MonthStatement("voltix", "NL/VLX", "EUR", "payable", 1, None, None, None, None)
    output = shown(capsys, partner({}), Month("2026-10", (agreed,), ()))
    assert "Settlement of 2026-10" in output
    assert "contested" not in output
