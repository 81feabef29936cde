"""Papers that go out by themselves: by mail and to a folder, once, and again after a reopening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from finance_desk import Desk
from settle_builder import AS_OF

from pipelines.alerts.deliveries import Deliveries, deliver_papers
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from tests.mail_server import mail_server

PAPERS = {
    "2026-10-voltix-letter.csv",
    "2026-10-voltix-letter.pdf",
    "2026-10-voltix-statement.pdf",
    "2026-10-voltix-statement.xlsx",
}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("LOGNAME", "ada")
    for module in ("close", "dispute", "workspace"):
        monkeypatch.setattr(f"pipelines.cli.{module}.utc_now", lambda: AS_OF)
    return Desk(tmp_path / "home")


def deliver(
    desk: Desk, now: datetime = AS_OF, *, only_say: bool = False, **environ: str
) -> Deliveries:
    home = Home(desk.home)
    return deliver_papers(home, load_partners(home.partners), environ, now, only_say=only_say)


def ask_for(desk: Desk, text: str) -> None:
    Home(desk.home).settings.write_text(f"deliveries: [{text}]", encoding="utf-8")


def lock(desk: Desk) -> None:
    assert desk("close", "--month", "2026-10", "--partner", "voltix", "--yes").exit_code == 0


@pytest.mark.withstands(
    "the place that papers go to is not there", "they wait, with why, and go out once it is"
)
def test_locked_month_goes_to_a_folder_once_and_again_after_a_reopening(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "finance"
    ask_for(desk, f"{{to: {folder}}}")
    assert deliver(desk) == Deliveries((), ())
    lock(desk)
    (waiting,) = deliver(desk).waiting
    assert "roamhouse settle" in waiting
    desk.publish()
    folder.write_text("in the way")
    (waiting,) = deliver(desk).waiting
    assert str(folder) in waiting
    folder.unlink()
    assert deliver(desk, only_say=True).sent == (f"2026-10 of voltix to {folder}",)
    assert deliver(desk).sent == (f"2026-10 of voltix to {folder}",)
    assert {path.name for path in (folder / "2026-10").iterdir()} == PAPERS
    assert deliver(desk) == Deliveries((), ())

    reopened = desk("reopen", "--month", "2026-10", "--partner", "voltix", "--reason", "late")
    assert reopened.exit_code == 0
    desk.publish()
    lock(desk)
    desk.publish()
    assert len(deliver(desk).sent) == 1


def test_month_goes_by_mail_so_many_days_after_its_end(desk: Desk) -> None:
    ask_for(desk, "{to: FINANCE, after_days: 5, partners: [voltix], formats: [pdf]}")
    sixth = datetime(2026, 11, 6, tzinfo=UTC)
    with mail_server() as (address, post):
        assert deliver(desk, sixth - timedelta(days=1), FINANCE=address) == Deliveries((), ())
        assert len(deliver(desk, sixth, FINANCE=address).sent) == 1
        assert deliver(desk, sixth, FINANCE=address) == Deliveries((), ())
    (letter,) = post
    assert letter["Subject"] == "Statement of voltix for 2026-10"
    attached = {part.get_filename(): part.get_content() for part in letter.iter_attachments()}
    assert set(attached) == PAPERS - {"2026-10-voltix-statement.xlsx"}
    assert attached["2026-10-voltix-statement.pdf"].startswith(b"%PDF")


def test_mail_that_nobody_takes_waits_and_history_stays_at_home(desk: Desk) -> None:
    ask_for(desk, "{to: FINANCE, after_days: 5}")
    sixth = datetime(2026, 11, 6, tzinfo=UTC)
    with mail_server() as (address, _):
        pass
    assert len(deliver(desk, sixth, FINANCE=address).waiting) == 1
    assert deliver(desk, sixth + timedelta(days=40)) == Deliveries((), ())
