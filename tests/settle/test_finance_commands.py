"""`statement`, `dispute`, `close`, `reopen`: what they do, and how they refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from finance_desk import PARTNERS, Desk
from settle_builder import AS_OF, SettleBuilder

from models.contract import Contract
from pipelines.cli.main import cli


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("ROAMHOUSE_PARTNERS", raising=False)
    monkeypatch.setenv("LOGNAME", "ada")
    for module in ("close", "dispute", "workspace"):
        monkeypatch.setattr(f"pipelines.cli.{module}.utc_now", lambda: AS_OF)
    return Desk(tmp_path / "home")


OCTOBER = ("--partner", "voltix", "--month", "2026-10")


def test_a_statement_goes_to_standard_output_or_a_file(desk: Desk, tmp_path: Path) -> None:
    shown = desk("statement", *OCTOBER)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[0].startswith("partner,month,")
    target = tmp_path / "october.xlsx"
    assert desk("statement", *OCTOBER, "-o", str(target)).exit_code == 0
    assert target.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--partner", "voltix", "--month", "october"), 2, "is no month"),
        (("--partner", "voltix", "--month", "2025-01"), 2, "nothing was claimed; there is 2026-10"),
        (("--partner", "nobody", "--month", "2026-10"), 2, "there is voltix, quiet"),
        (("--partner", "quiet", "--month", "2026-10"), 2, "there are statements of voltix"),
        ((*OCTOBER, "--party", "VOL"), 2, "write it as NL/VOL"),
        ((*OCTOBER, "--format", "ubl"), 1, "nobody stated the VAT of 10.00 EUR in NL"),
        ((*OCTOBER, "--format", "record"), 1, "the counterparty writes this invoice"),
    ],
)
def test_a_statement_that_cannot_be_says_why(
    desk: Desk, words: tuple[str, ...], code: int, says: str
) -> None:
    refused = desk("statement", *words)
    assert (refused.exit_code, says in refused.stderr) == (code, True), refused.output


def test_without_a_run_there_is_nothing_to_show(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "partners.yaml").write_text(PARTNERS, encoding="utf-8")
    refused = CliRunner().invoke(cli, ["statement", *OCTOBER, "--home", str(home)])
    assert (refused.exit_code, "start with `roamhouse run`" in refused.stderr) == (2, True)


def test_a_dispute_is_worked_from_the_command_line(desk: Desk) -> None:
    wanted = desk.dispute_id()
    assert wanted in desk("dispute", "list").stdout
    opened = desk("dispute", "open", wanted[:8], "--due", "2026-12-24")
    assert "open, WALL_CLOCK_TIME, due 2026-12-24" in opened.stdout
    assert desk("dispute", "send", wanted, "--as", "bob").exit_code == 0
    assert desk("dispute", "comment", wanted, "called them").exit_code == 0
    told = desk("dispute", "show", wanted).stdout
    assert "state: sent" in told
    assert "ada: open" in told
    assert "bob: sent" in told
    assert "text=called them" in told
    listed = json.loads(desk("dispute", "list", "--state", "sent", "--json").stdout)["disputes"]
    assert [case["owner"] for case in listed] == ["ada"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("accept",), 1, "is detected and cannot become accepted"),
        (("withdraw",), 1, "withdrawn needs a reason"),
        (("comment", "hm"), 1, "open it first"),
    ],
)
def test_an_illegal_decision_is_refused(
    desk: Desk, words: tuple[str, ...], code: int, says: str
) -> None:
    refused = desk("dispute", words[0], desk.dispute_id(), *words[1:])
    assert (refused.exit_code, says in refused.stderr) == (code, True), refused.output


def test_an_unknown_dispute_is_said(desk: Desk) -> None:
    refused = desk("dispute", "send", "D-nonesuch")
    assert (refused.exit_code, "no dispute 'D-nonesuch'" in refused.stderr) == (2, True)


def test_a_letter_is_a_pdf_and_its_evidence(desk: Desk, tmp_path: Path) -> None:
    written = desk("dispute", "letter", *OCTOBER, "-o", str(tmp_path / "letter.pdf"))
    assert written.exit_code == 0
    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF")
    assert "WALL_CLOCK_TIME" in (tmp_path / "letter.csv").read_text(encoding="utf-8")


def test_a_month_is_locked_proven_and_reopened(desk: Desk) -> None:
    assert "locked (" in desk("close", "--month", "2026-10").stdout
    again = desk("close", *OCTOBER)
    assert (again.exit_code, "is locked: nothing changes it" in again.stderr) == (1, True)
    desk.publish()
    proven = desk("close", "--month", "2026-10", "--verify")
    assert (proven.exit_code, "2 CDRs: proven equal" in proven.stdout) == (0, True), proven.output
    assert desk("reopen", *OCTOBER, "--reason", "late file", "--as", "bob").exit_code == 0
    refused = desk("reopen", *OCTOBER, "--reason", "again")
    assert (refused.exit_code, "is open already" in refused.stderr) == (1, True)


def test_a_month_is_soft_closed_and_signed_off_first(desk: Desk) -> None:
    refused = desk("close", *OCTOBER, "--sign-off")
    assert (refused.exit_code, "cannot be signed off" in refused.stderr) == (1, True)
    assert desk("close", *OCTOBER, "--soft").exit_code == 0
    assert "signed off by bob" in desk("close", *OCTOBER, "--sign-off", "--as", "bob").stdout
    assert desk("close", *OCTOBER).exit_code == 0


def test_a_month_of_a_partner_that_failed_is_not_closed(desk: Desk) -> None:
    desk.publish(complete_until=datetime(2026, 10, 20, tzinfo=UTC))
    refused = desk("close", "--month", "2026-10")
    assert (refused.exit_code, "complete only until 2026-10-20" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("close", "--month", "2025-01"), "nothing to close"),
        (("close", "--month", "2026-10", "--verify"), "nothing of 2026-10 is locked"),
        (("reopen", *OCTOBER), "Missing option '--reason'"),
    ],
)
def test_closing_nothing_is_a_usage_error(desk: Desk, words: tuple[str, ...], says: str) -> None:
    refused = desk(*words)
    assert (refused.exit_code, says in refused.stderr) == (2, True), refused.output


def test_a_partner_that_left_keeps_its_locked_months(desk: Desk) -> None:
    assert desk("close", "--month", "2026-10", "--partner", "voltix").exit_code == 0
    partners = desk.home / "partners.yaml"
    partners.write_text(PARTNERS.replace("name: voltix", "name: volt"), encoding="utf-8")
    desk.publish(contracts={"volt": Contract()})
    assert desk("statement", *OCTOBER).stdout.count("voltix") == 2
    assert desk("close", "--month", "2026-10", "--verify").exit_code == 0
    for refused in (desk("close", *OCTOBER), desk("reopen", *OCTOBER, "--reason", "why not")):
        assert refused.exit_code == 2
        assert "'voltix' is not in the partners file" in refused.stderr


def test_a_partner_that_left_has_no_open_months(desk: Desk) -> None:
    partners = desk.home / "partners.yaml"
    partners.write_text(PARTNERS.replace("name: voltix", "name: volt"), encoding="utf-8")
    desk.publish(contracts={"volt": Contract()})
    refused = desk("statement", *OCTOBER)
    assert (refused.exit_code, "terms of its 2 CDRs" in refused.stderr) == (2, True)


def test_a_list_of_disputes_is_not_squeezed_into_a_file(desk: Desk) -> None:
    listed = desk("dispute", "list")
    (line,) = [line for line in listed.stdout.splitlines() if "voltix" in line]
    assert all(
        word in line for word in (desk.dispute_id(), "2026-10", "WALL_CLOCK_TIME", "2.00 EUR")
    )


def test_a_list_of_disputes_of_nobody_is_refused(desk: Desk) -> None:
    refused = desk("dispute", "list", "--partner", "nobody")
    assert (refused.exit_code, "there is voltix, quiet" in refused.stderr) == (2, True)
    assert desk("dispute", "list", "--partner", "quiet").exit_code == 0


def test_disputes_are_opened_all_or_none(desk: Desk) -> None:
    wanted = desk.dispute_id()
    refused = desk("dispute", "open", wanted, "D-nonesuch")
    assert (refused.exit_code, "no dispute 'D-nonesuch'" in refused.stderr) == (2, True)
    assert "nothing was written" in refused.stderr
    assert desk("dispute", "open", wanted).exit_code == 0
    again = desk("dispute", "open", wanted, wanted)
    assert again.exit_code == 1
    assert again.stderr.count("is open and cannot become open") == 2


def test_disputes_are_decided_by_filter(desk: Desk) -> None:
    bare = desk("dispute", "open")
    assert (bare.exit_code, "choose them by --partner" in bare.stderr) == (2, True)
    opened = desk("dispute", "open", *OCTOBER, "--cause", "WALL_CLOCK_TIME")
    assert (opened.exit_code, "open, WALL_CLOCK_TIME" in opened.stdout) == (0, True)
    sent = desk("dispute", "send", "--partner", "voltix")
    assert sent.stdout == f"{desk.dispute_id()}: sent\n"
    again = desk("dispute", "send", "--partner", "voltix")
    assert (again.exit_code, "no dispute of voltix matches" in again.stderr) == (2, True)


def test_a_letter_after_a_withdrawal_does_not_contest_it(desk: Desk, tmp_path: Path) -> None:
    wanted = desk.dispute_id()
    assert desk("dispute", "withdraw", wanted, "--reason", "they are right").exit_code == 0
    letter = desk("dispute", "letter", *OCTOBER, "-o", str(tmp_path / "letter.pdf"))
    assert (letter.exit_code, "is contested" in letter.stderr) == (1, True)
    stated = desk("statement", *OCTOBER)
    assert (stated.exit_code, "does not show yet" in stated.stderr) == (1, True)
    desk.publish()
    assert desk("statement", *OCTOBER).exit_code == 0


def test_each_party_of_a_hub_gets_files_of_its_own(desk: Desk, tmp_path: Path) -> None:
    world = SettleBuilder.open(str(desk.path))
    doubt = {"verdict": "overclaimed", "disputed": "3", "rule": "TOTAL_COST_MISMATCH"}
    world.cdr("other", "9.00", party=("DE", "ABC"), **doubt)
    world.con.close()
    desk.publish()
    written = desk("dispute", "letter", *OCTOBER, "-o", str(tmp_path / "letter.pdf"))
    assert written.exit_code == 0, written.output
    names = {path.name for path in tmp_path.glob("letter*")}
    whose = ("DE-ABC", "NL-VOL")
    assert names == {f"letter-{who}.{kind}" for who in whose for kind in ("pdf", "csv")}
    one = ("--party", "de/abc", "-o", str(tmp_path / "one.pdf"), "--csv-dialect", "excel-semicolon")
    assert desk("dispute", "letter", *OCTOBER, *one).exit_code == 0
    text = (tmp_path / "one.csv").read_text(encoding="utf-8-sig")
    assert (";3,00;" in text, "NL" in text.replace("NL*VOL*E1", "")) == (True, False)


def test_a_close_says_what_is_undecided(desk: Desk) -> None:
    closed = desk("close", *OCTOBER)
    assert "still open: 1 dispute over 2.00 EUR is undecided" in closed.stdout
    assert "still open: nobody stated the VAT of 10.00 EUR" in closed.stdout


def test_files_are_dated_today_or_as_typed(desk: Desk, tmp_path: Path) -> None:
    for words, dated in (((), b"D:20261201"), (("--date", "2026-11-03"), b"D:20261103")):
        target = tmp_path / "october.pdf"
        assert desk("statement", *OCTOBER, "-o", str(target), *words).exit_code == 0
        assert dated in target.read_bytes()


def test_a_month_is_not_closed_before_the_clock_says_it_is_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish(complete_until=datetime(2027, 6, 1, tzinfo=UTC))
    early = datetime(2026, 10, 31, 23, tzinfo=UTC)
    monkeypatch.setattr("pipelines.cli.workspace.utc_now", lambda: early)
    refused = desk("close", *OCTOBER)
    assert (refused.exit_code, "2026-10 of voltix is not over" in refused.stderr) == (1, True)
