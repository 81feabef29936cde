"""Closing months whose CDRs no list proves: of partners that only push, or left the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from finance_desk import PARTNERS, Desk
from settle_builder import AS_OF, SettleBuilder, insert

PUSHING = PARTNERS.replace("party: NL/EMS", "party: NL/EMS\n    modules: []")
WITHOUT = (
    PARTNERS[: PARTNERS.index("  - name: voltix")] + PARTNERS[PARTNERS.index("  - name: quiet") :]
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path / "home")
    monkeypatch.setattr("pipelines.cli.workspace.utc_now", lambda: AS_OF)
    world = SettleBuilder.open(str(desk.path))
    world.con.execute("delete from ops.watermarks")
    world.con.execute("insert into recon.inputs values ('contract', 'voltix|{}')")
    world.con.close()
    return desk


def land(desk: Desk) -> None:
    world = SettleBuilder.open(str(desk.path))
    insert(world.con, "ops.pages", [{"page_id": "p", "partner": "quiet", "fetched_at": AS_OF}])
    world.con.close()


@pytest.mark.parametrize("partners", [PUSHING, WITHOUT], ids=["only pushes", "left"])
def test_month_of_a_partner_without_lists_is_closed_once_anything_came_after_it(
    desk: Desk, partners: str
) -> None:
    (desk.home / "partners.yaml").write_text(partners, encoding="utf-8")
    words = ("close", "--month", "2026-10", "--partner", "voltix", "--as", "ada")
    refused = desk(*words)
    assert refused.exit_code == 1
    assert "nothing of any partner came since" in refused.stderr

    land(desk)
    closed = desk(*words)
    assert closed.exit_code == 0, closed.stderr
    assert "still open: no list proves that all of its CDRs came" in closed.stdout


def test_month_of_a_partner_with_lists_waits_for_them(desk: Desk) -> None:
    land(desk)
    refused = desk("close", "--month", "2026-10", "--partner", "voltix", "--as", "ada")
    assert refused.exit_code == 1
    assert "its CDRs came never completely" in refused.stderr
