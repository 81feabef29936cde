"""Two pairs of eyes: who may not decide alone, and that it is asked of the store itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from decided import decide
from settle_builder import SettleBuilder, rates
from test_closing import settled

from models.contract import Contract
from models.settle.approvals import Approvals
from models.settle.decisions import Event, IllegalDecision
from models.settle.months import SIGNED_ROWS, SettlementMonth
from pipelines.decisions.store import DecisionsStore
from pipelines.stages.settle.closing import Closing
from tests.in_memory import in_memory

NOW = datetime(2026, 11, 29, tzinfo=UTC)
OPENED = {
    "key": "voltix/NL/VLX/cdr/C-1",
    "partner": "voltix",
    "amount_excl_vat": "1500",
    "currency": "EUR",
    "reason_code": "TOKEN_BLOCKED",
    "due_on": "2026-12-24",
    "owner": "eva",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DecisionsStore]:
    approvals = Approvals(lock=True, write_off_above=Decimal(1000))
    path = tmp_path / "decisions.sqlite"
    with DecisionsStore(path, clock=lambda: NOW, approvals=approvals) as opened:
        yield opened


def lock(who: str, rows: str = "seen") -> Event:
    return Event("period", "voltix/2026-10", "locked", who, NOW, {SIGNED_ROWS: rows})


def refused(store: DecisionsStore) -> None:
    """Let the partner have refused a dispute."""
    decide(store, "d1", "open", "eva", OPENED)
    decide(store, "d1", "sent", "eva")
    decide(store, "d1", "rejected", "eva", {"reason": "they say no"})


def write_off(store: DecisionsStore, who: str, amount: str) -> str:
    data = {"reason": "not worth it", "contested_excl_vat": amount}
    return decide(store, "d1", "written_off", who, data).state


@pytest.mark.parametrize("amount", ["1000", "-1000.00", "0.01"])
def test_up_to_the_limit_one_person_is_enough(store: DecisionsStore, amount: str) -> None:
    refused(store)
    assert write_off(store, "eva", amount) == "written_off"


def test_above_it_another_person_approves_first(store: DecisionsStore) -> None:
    refused(store)
    with pytest.raises(IllegalDecision, match="more than 1000: somebody other than eva approves"):
        write_off(store, "eva", "-1000.01")
    decide(store, "d1", "approved", "Eva ", {"text": "fine with me"})
    with pytest.raises(IllegalDecision, match="somebody other"):
        write_off(store, "eva", "1500")
    decide(store, "d1", "approved", "mia", {"text": "fine with me, too"})
    assert write_off(store, "eva", "1500") == "written_off"


def test_approval_is_for_what_was_seen(store: DecisionsStore) -> None:
    refused(store)
    decide(store, "d1", "approved", "mia", {"text": "fine", "contested_excl_vat": "-1500"})
    with pytest.raises(IllegalDecision, match=r"has grown to 1,500\.01 since it was approved"):
        write_off(store, "eva", "1500.01")
    assert write_off(store, "eva", "1499") == "written_off"


def test_month_is_locked_as_it_was_signed_off() -> None:
    month = SettlementMonth("voltix", "2026-10", signed_off_by="eva", signed_off_sha256="seen")
    approvals = Approvals(lock=True)
    with pytest.raises(IllegalDecision, match="is not what eva signed off any more"):
        approvals.check_month(month, lock("mia", "other"))
    approvals.check_month(month, lock("mia", "seen"))


def test_lines_that_changed_are_signed_off_again(store: DecisionsStore) -> None:
    world = SettleBuilder(in_memory(settled))
    closing = Closing(world.con, store, Contract(), rates(), "1", datetime(2027, 6, 1, tzinfo=UTC))
    closing.soft_close("voltix", "2026-10", "eva")
    closing.sign_off("voltix", "2026-10", "eva")
    world.verdict("b", "agreed")
    world.settle(store.view())
    with pytest.raises(IllegalDecision, match="sign it off again"):
        closing.lock("voltix", "2026-10", "mia")
    closing.sign_off("voltix", "2026-10", "eva")
    assert closing.lock("voltix", "2026-10", "mia").locked


def test_month_is_locked_by_another_than_who_signed_it_off() -> None:
    month = SettlementMonth("voltix", "2026-10", signed_off_by="eva")
    approvals = Approvals(lock=True)
    event = lock("EVA")
    with pytest.raises(IllegalDecision, match="two pairs of eyes"):
        approvals.check_month(month, event)
    with pytest.raises(IllegalDecision, match=r"signs it off first$"):
        approvals.check_month(SettlementMonth("voltix", "2026-10"), event)
    approvals.check_month(month, lock("mia"))
    Approvals().check_month(SettlementMonth("voltix", "2026-10"), event)
