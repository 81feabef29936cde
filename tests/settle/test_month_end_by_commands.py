"""The month end by the commands of docs/month-end.md, run as they are written there."""

from __future__ import annotations

import csv
import json
import re
import shlex
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from finance_desk import Desk
from settle_builder import AS_OF, SettleBuilder

from pipelines.cli.main import cli
from pipelines.orchestration.replay import SettlingResult
from pipelines.sandbox.invoicing import BilledCdr, PartnerInvoice, invoice_xml

DOCS = Path(__file__).parents[2] / "docs" / "month-end.md"
SETTLE = "roamhouse settle"
D = Decimal
PLANTED = (
    BilledCdr("a", D("10.00"), D(21)),
    BilledCdr("a", D("10.00"), D(21)),  # twice
    BilledCdr("b", D("13.00"), D(21)),  # dearer than its CDR
    BilledCdr("NOBODYS", D("7.00"), D(21)),  # of no CDR
)


def documented() -> list[str]:
    """Return the commands of the page that are whole, in their order."""
    text = DOCS.read_text(encoding="utf-8")
    found = re.findall(r"`(roamhouse [^`…]+)`|^(roamhouse .+)$", text, re.M)
    # Of those within a sentence some are names alone.
    wanted = [
        (inline, line) for inline, line in found if line or "--" in inline or inline == SETTLE
    ]
    return [(inline or line).split("#")[0].strip() for inline, line in wanted]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path / "home")
    listed = {"verdict": "overclaimed", "disputed": "3", "rule": "TOTAL_COST_MISMATCH"}
    world = SettleBuilder.open(str(desk.path))
    world.cdr("c", "9.00", rates={"21": "6"}, cause="LIST_PRICE", **listed)
    world.con.close()
    desk.publish()
    monkeypatch.setenv("ROAMHOUSE_HOME", str(desk.home))
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.delenv("ROAMHOUSE_PARTNERS", raising=False)
    monkeypatch.chdir(tmp_path)
    for command in ("close", "dispute", "invoice"):
        monkeypatch.setattr(f"pipelines.cli.{command}.utc_now", lambda: AS_OF)

    def settle(*_: object, **__: object) -> SettlingResult:
        desk.publish()
        return SettlingResult(0.1, ())

    monkeypatch.setattr("pipelines.orchestration.replay.settle_again", settle)
    parties = (("Voltix BV", "NL123456789B01"), ("EMS", "NL987654321B01"))
    period = (date(2026, 10, 1), date(2026, 10, 31))
    sent = PartnerInvoice("INV-2026-10", date(2026, 11, 3), "EUR", period, *parties, PLANTED)
    Path("october.xml").write_bytes(invoice_xml(sent))
    return desk


def answer_of_the_partner(file: Path) -> None:
    """Fill in that the partner accepts what it billed by the wall clock."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    for row in rows:
        row["answer"] = "accepted" if row["subject_id"] == "b" else ""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def let_it_become_overdue() -> None:
    listed = CliRunner().invoke(cli, ["dispute", "list", "--state", "open", "--json"])
    (open_one,) = json.loads(listed.stdout)["disputes"]
    for words in (("due", open_one["dispute_id"], "2026-11-20"), ("send", open_one["dispute_id"])):
        assert CliRunner().invoke(cli, ["dispute", *words]).exit_code == 0


def test_every_command_of_the_page_does_what_it_says(desk: Desk) -> None:
    said: dict[str, Result] = {}
    for command in documented():
        if command.startswith("roamhouse dispute answer"):
            answer_of_the_partner(Path("disputes.csv"))
        if command.startswith("roamhouse dispute escalate"):
            let_it_become_overdue()
        result = CliRunner().invoke(cli, shlex.split(command)[1:])
        assert result.exit_code == 0, f"{command}: {result.output}"
        said[command] = result

    assert "INVOICE_LINE_TWICE" in said["roamhouse invoice import october.xml --dry-run"].stdout
    shown = said["roamhouse invoice show INV-2026-10"].stdout
    for rule in ("INVOICE_LINE_TWICE", "INVOICE_LINE_UNKNOWN", "INVOICE_LINE_MISMATCH"):
        assert rule in shown
    locked = said["roamhouse close --month 2026-10"].stdout
    assert "2026-10 of voltix: locked" in locked
    assert "invoice is not payable in full" in locked

    verified = CliRunner().invoke(cli, ["close", "--month", "2026-10", "--verify"])
    assert "proven equal" in verified.stdout, verified.output
    CliRunner().invoke(cli, shlex.split("ledger --month 2026-10 -o closed.csv"))
    with Path("closed.csv").open(encoding="utf-8-sig", newline="") as opened:
        entries = list(csv.DictReader(opened))
    for kind, amount in (("charging", D("26.00")), ("dispute_reserve", D("3.00"))):
        assert sum(D(row["amount"]) for row in entries if row["kind"] == kind) == amount
