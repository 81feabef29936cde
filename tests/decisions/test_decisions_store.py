"""The decisions store: append-only, judged under the lock, the same for every reader."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from decided import decide
from hypothesis import given
from hypothesis import strategies as st

from models.settle import disputes
from models.settle.decisions import Event, IllegalDecision
from models.settle.disputes import FOLLOWS
from pipelines.decisions.schema import File
from pipelines.decisions.store import DecisionsStore
from pipelines.decisions.tables import carry
from pipelines.decisions.user import acting_user

OPENING = {
    "key": "voltix/NL/VOL/cdr-1",
    "reason_code": "WALL_CLOCK_TIME",
    "amount_excl_vat": "2.50",
}
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DecisionsStore]:
    with DecisionsStore(tmp_path / "decisions.sqlite", clock=clock) as opened:
        yield opened


def test_where_nothing_may_be_written_decisions_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a home #1?" / "decisions.sqlite"
    with DecisionsStore(path, clock=clock) as store:
        store.accept_removals("voltix.locations.1", "*", "ada", "sold")
    monkeypatch.setattr("pipelines.decisions.schema.os.access", lambda *_: False)
    with DecisionsStore(path, clock=clock) as store:
        assert [event.who for event in store.events("removal")] == ["ada"]
        assert store.walk_chain().broken_at is None
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            store.accept_removals("voltix.locations.2", "*", "ada", "sold")
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_removals_that_are_accepted_twice_are_one_decision(store: DecisionsStore) -> None:
    for party, who in (("NL/VOL", "ada"), ("NL/VOL", "bob"), ("*", "bob")):
        store.accept_removals("voltix.locations.1", party, who, "sold")
    kept = [(event.data["party"], event.who) for event in store.events("removal")]
    assert kept == [("NL/VOL", "ada"), ("*", "bob")]


def test_a_dispute_walks_from_open_to_closed(store: DecisionsStore) -> None:
    decide(store, "D-1", "open", "ada", {**OPENING, "due_on": "2026-12-01", "currency": "EUR"})
    decide(store, "D-1", "sent", "ada")
    decide(store, "D-1", "assigned", "bob", {"text": "carol"})
    decide(store, "D-1", "rejected", "bob", {"reason": "they show their tariff"})
    decide(store, "D-1", "written_off", "carol", {"reason": "2.50 is not worth a letter"})
    after = decide(store, "D-1", "closed", "carol")
    assert (after.state, after.owner, after.conceded) == ("closed", "carol", True)
    assert [(event.name, event.who) for event in after.history][:3] == [
        ("open", "ada"),
        ("sent", "ada"),
        ("assigned", "bob"),
    ]
    assert all(event.at == NOW for event in after.history)


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (["sent"], "is detected and cannot become sent; what may follow: open, withdrawn"),
        (["open", "accepted"], "is open and cannot become accepted"),
        (["open", "withdrawn", "closed", "open"], "what may follow: nothing: it is over"),
    ],
)
def test_an_illegal_step_is_refused_and_not_written(
    store: DecisionsStore, steps: list[str], says: str
) -> None:
    *legal, illegal = steps
    for step in legal:
        decide(store, "D-1", step, "ada", {**OPENING, "reason": "why"})
    with pytest.raises(IllegalDecision, match=says):
        decide(store, "D-1", illegal, "ada", OPENING)
    assert len(store.events()) == len(legal)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("withdrawn", {}, "withdrawn needs a reason"),
        ("commented", {"text": "  "}, "the text is empty"),
        ("due", {"text": "soon"}, "is no date"),
        ("recoded", {"text": "BECAUSE"}, "is no reason code"),
    ],
)
def test_what_a_decision_lacks_is_said(
    store: DecisionsStore, name: str, data: dict[str, str], says: str
) -> None:
    decide(store, "D-1", "open", "ada", OPENING)
    with pytest.raises(IllegalDecision, match=says):
        decide(store, "D-1", name, "ada", data)


def test_evidence_and_comments_leave_the_state_alone(store: DecisionsStore) -> None:
    decide(store, "D-1", "open", "ada", OPENING)
    decide(store, "D-1", "evidence", "ada", {"text": "photo 12 of the display"})
    after = decide(store, "D-1", "commented", "bob", {"text": "called them"})
    assert after.state == "open"
    assert [event.data["text"] for event in after.history[1:]] == [
        "photo 12 of the display",
        "called them",
    ]


def test_the_states_of_a_dispute_follow_one_another_as_written_here() -> None:
    assert {
        "detected": ("open", "withdrawn"),
        "open": ("sent", "credited", "withdrawn"),
        "sent": ("accepted", "rejected", "credited", "escalated", "withdrawn"),
        "accepted": ("credited", "escalated", "withdrawn"),
        "rejected": ("credited", "escalated", "withdrawn", "written_off"),
        "escalated": (*("accepted", "rejected", "credited", "withdrawn", "written_off", "closed"),),
        "credited": ("closed",),
        "withdrawn": ("closed",),
        "written_off": ("closed",),
        "closed": (),
    } == FOLLOWS


def test_a_write_off_after_a_credit_of_an_earlier_version_pays_nothing(
    store: DecisionsStore,
) -> None:
    steps = ("open", "sent", "accepted", "credited")
    events = [Event("dispute", "D", name, "ada", NOW, {**OPENING, "reason": "r"}) for name in steps]
    late = Event("dispute", "D", "written_off", "ada", NOW, {"reason": "r"})
    folded = disputes.fold("D", [*events, late])
    assert (folded.state, folded.conceded) == ("written_off", False)
    with pytest.raises(IllegalDecision, match="is credited and cannot become written off"):
        disputes.apply(disputes.fold("D", events), late)


@given(st.data())
def test_any_legal_walk_folds_to_its_last_step(data: st.DataObject) -> None:
    state, events = "detected", []
    while FOLLOWS[state] and data.draw(st.booleans() if events else st.just(True)):
        state = data.draw(st.sampled_from(FOLLOWS[state]))
        events.append(Event("dispute", "D", state, "ada", NOW, {**OPENING, "reason": "r"}))
    folded = disputes.fold("D", events)
    assert folded.state == state
    assert folded.conceded == any(event.name in disputes.CONCEDED for event in events)


@given(st.lists(st.sampled_from(sorted(FOLLOWS)), max_size=8))
def test_any_walk_at_all_is_folded_or_refused(steps: list[str]) -> None:
    state, legal = "detected", True
    for step in steps:
        former = (state, step) == ("credited", "written_off")
        legal = legal and (former or step in FOLLOWS[state])
        state = step
    events = [Event("dispute", "D", step, "a", NOW, {**OPENING, "reason": "r"}) for step in steps]
    if legal:
        assert disputes.fold("D", events).state == state
    else:
        with pytest.raises(IllegalDecision):
            disputes.fold("D", events)


def test_nothing_that_was_decided_can_be_changed(store: DecisionsStore, tmp_path: Path) -> None:
    decide(store, "D-1", "open", "ada", OPENING)
    other = sqlite3.connect(tmp_path / "decisions.sqlite")
    for change in ("delete from events", "update events set who = 'eve'"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            other.execute(change)
    other.close()


def _compete(path: str, who: str, results: multiprocessing.Queue[tuple[str, int]]) -> None:
    won = 0
    with DecisionsStore(Path(path), clock=clock) as store:
        for number in range(20):
            decide(store, "D-shared", "commented", who, {"text": f"{number}"})
            try:
                decide(store, f"D-{number}", "open", who, OPENING)
                won += 1
            except IllegalDecision:
                continue
    results.put((who, won))


def test_two_processes_decide_at_once_and_neither_loses(
    store: DecisionsStore, tmp_path: Path
) -> None:
    decide(store, "D-shared", "open", "ada", OPENING)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    path = str(tmp_path / "decisions.sqlite")
    people = [context.Process(target=_compete, args=(path, who, results)) for who in ("bob", "eve")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert [person.exitcode for person in people] == [0, 0]
    won = dict(results.get() for _ in people)
    assert won["bob"] + won["eve"] == 20  # each dispute was opened once
    said = [(e.who, e.data["text"]) for e in store.dispute("D-shared").history[1:]]
    assert sorted(said) == sorted((who, str(n)) for who in ("bob", "eve") for n in range(20))


def test_a_month_closes_step_by_step_and_reopens_with_a_reason(store: DecisionsStore) -> None:
    store.move_month("voltix", "2026-10", "soft_closed", "ada")
    signed = store.move_month("voltix", "2026-10", "signed_off", "bob")
    assert (signed.state, signed.signed_off_by) == ("soft_closed", "bob")
    with pytest.raises(IllegalDecision, match="needs a reason"):
        store.move_month("voltix", "2026-10", "reopened", "bob", {"reason": " "})
    again = store.move_month("voltix", "2026-10", "reopened", "bob", {"reason": "late file"})
    assert (again.state, again.signed_off_by, len(again.history)) == ("open", None, 3)
    with pytest.raises(IllegalDecision, match="is open already"):
        store.move_month("voltix", "2026-10", "reopened", "bob", {"reason": "twice"})


def test_the_file_is_its_owners_only(store: DecisionsStore, tmp_path: Path) -> None:
    mode = stat.S_IMODE((tmp_path / "decisions.sqlite").stat().st_mode)
    assert mode == 0o600


def test_a_later_versions_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "decisions.sqlite"
    con = sqlite3.connect(path)
    con.execute("pragma user_version = 99")
    con.close()
    with pytest.raises(sqlite3.DatabaseError, match="later version"):
        DecisionsStore(path, clock=clock)


def test_times_are_kept_in_utc(tmp_path: Path) -> None:
    from datetime import timezone

    amsterdam = NOW.astimezone(timezone(timedelta(hours=2)))
    with DecisionsStore(tmp_path / "d.sqlite", clock=lambda: amsterdam) as store:
        decide(store, "D-1", "open", "ada", OPENING)
        assert store.events()[0].at.isoformat() == "2026-11-02T09:00:00+00:00"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 81])
def test_a_decision_needs_a_name(name: str) -> None:
    with pytest.raises(IllegalDecision, match="who decides"):
        acting_user(name)


def test_the_systems_user_decides_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    assert (acting_user(), acting_user(" bob ")) == ("ada", "bob")


def test_nobody_decides_where_decisions_are_carried_from(tmp_path: Path) -> None:
    here, there = tmp_path / "decisions.sqlite", tmp_path / "other.sqlite"
    refused: list[str] = []

    def decide_meanwhile() -> None:
        with DecisionsStore(here, clock=clock) as beside:
            try:
                decide(beside, "late", "open", "bob", OPENING)
            except sqlite3.DatabaseError as error:
                refused.append(str(error))

    person = threading.Thread(target=decide_meanwhile)
    with closing(File(here)) as source, closing(File(there)) as target:
        decide(DecisionsStore(here, clock=clock), "early", "open", "ada", OPENING)
        carry(source, target, lambda: (person.start(), source.refuse_more()))
        person.join()
        assert carry(source, target, source.refuse_more) == 1
    assert ["moved" in why for why in refused] == [True]
