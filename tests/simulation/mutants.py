"""Faults that the instrument must find, each with the short year in which it shows.

A patch puts a fault into the product: dotted names of the product, and what makes the faulty thing
of what is there.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from simulation.steps import (
    Backfill,
    BreakPage,
    Charge,
    Close,
    Credit,
    Decide,
    Down,
    Price,
    Resend,
    Run,
    Session,
    Status,
    Step,
    Vanish,
    Wait,
    WhileRead,
)
from simulation.world import PartnerSetup
from simulation.year import Year

AAA, BBB = PartnerSetup("aaa"), PartnerSetup("bbb", terms=(("tolerance", "0"), ("relative", "0")))


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Args:
        name: its switch in `features`, or a name of its own for one that never was there.
        says: what the auditor says of it, a part of a sentence.
        steps: what happens.
        setups: the partners.
        patches: dotted name → makes, of what is there, what puts the fault back; none: it is there,
            or nobody has written how to put it back, and its year is played as a regression.
    """

    name: str
    says: str
    steps: tuple[Step, ...]
    setups: tuple[PartnerSetup, ...] = (AAA, BBB)
    patches: dict[str, Callable[..., Any]] = field(default_factory=dict)

    @property
    def year(self) -> Year:
        """The year in which it shows."""
        return Year(self.setups, self.steps)


def _decided(*verbs: str) -> tuple[Step, ...]:
    return tuple(Decide("aaa", "c1", verb) for verb in verbs)


_DEAR = (Charge("aaa", "c1", "T1", 10, extra="1.11"), Run())


def _every_pull_tells(pull: Any) -> bool:
    return bool(pull.status == "complete")


def _as_if_complete(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda known, reach: original(known, replace(reach, is_complete=True))


def _from_now_on(original: Callable[..., Any]) -> Callable[..., Any]:
    def plan(module: Any, party: Any, watermark: Any, **rest: Any) -> Any:
        made = original(module, party, watermark, **rest)
        begins = made.date_from is not None and made.mode == "incremental"
        return replace(made, date_from=rest["now"] - timedelta(hours=1)) if begins else made

    return plan


def _always(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


def _written_off_after_credit(follows: dict[str, Any]) -> dict[str, Any]:
    return {**follows, "credited": ("written_off", "closed")}


def _until_now(original: Callable[..., Any]) -> Callable[..., Any]:
    def plan(*given: Any, **rest: Any) -> Any:
        return replace(original(*given, **rest), date_to=rest["now"])

    return plan


def _of_those_asked(original: Callable[..., Any]) -> Callable[..., Any]:
    def contracts(partners: Any) -> dict[str, Any]:
        asked = {partner.name for partner in partners.asked}
        return {name: terms for name, terms in original(partners).items() if name in asked}

    return contracts


def _without_window(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: replace(original(*given), window=None)


MENDED = (
    Mutant(
        "announced",
        "verdict is unpriceable, should be agreed",
        (
            Run(),
            Price("aaa", "T1", "0.40", starts_in_h=200),
            Wait(30),
            Charge("aaa", "c1", "T1", 10),
            Run(),
        ),
    ),
    Mutant(
        "id_case",
        "verdict is unpriceable, should be agreed",
        (Charge("aaa", "c1", "T1", 10, case=True), Run()),
    ),
    Mutant(
        "while_read",
        "gone is True, should be False",
        (
            Run(),
            WhileRead("aaa", "locations", Status("aaa", "Loc6", "CHARGING")),
            Run(full=True),
        ),
        (PartnerSetup("aaa", locations=6),),
    ),
    Mutant(
        "stamps_ahead",
        "is listed, was not fetched",
        (Charge("aaa", "c1", "T1", 10, year_2099=True), Run()),
        patches={"pipelines.ingest.partner.plan_pull": _until_now},
    ),
    Mutant(
        "stamps_back",
        "evse of loc1 status",
        (Run(), Status("aaa", "Loc1", "OUTOFORDER", ahead_h=-2000), Run(full=True)),
    ),
    Mutant(
        "broken_page",
        "is listed, was not fetched",
        (BreakPage("aaa", "locations", 1), Run()),
        (PartnerSetup("aaa", locations=10),),
    ),
    Mutant(
        "many_vanish",
        "nobody is told",
        (
            Run(),
            Vanish("aaa", tuple(f"Loc{number}" for number in range(8, 15))),
            *(step for _ in range(3) for step in (Wait(5), Run(full=True))),
        ),
        (PartnerSetup("aaa", locations=14),),
    ),
    Mutant(
        "clock_ahead",
        "is listed, was not fetched",
        (
            Run(),
            Run(clock_ahead_h=8760),
            Wait(1),
            Charge("aaa", "c1", "T1", 10),
            Wait(1),
            Run(),
        ),
    ),
    Mutant(
        "more_after_concession",
        "line c1 of 2025-01 payable is 3.61, should be 1.11",
        (
            *_DEAR,
            *_decided("open", "sent", "rejected", "written_off"),
            Run(),
            Session("aaa", "c1", "INVALID"),
            Wait(1),
            Run(),
        ),
    ),
    Mutant(
        "inexact_credit",
        "payable, at most",
        (Charge("aaa", "c1", "T1", 10), Credit("aaa", "k1", "c1", "-2.00"), Run()),
    ),
    Mutant(
        "settled",
        "disputed is 1.11, should be 0",
        (*_DEAR, *_decided("open", "sent", "accepted", "credited", "closed"), Run()),
    ),
    Mutant(
        "every_finding_queued",
        "CDR_DUPLICATE_ID_CHANGED of c1 is in no queue",
        (
            Charge("aaa", "c1", "T1", 10),
            Run(),
            Resend("aaa", "c1", extra="0.70"),
            Wait(1),
            Run(),
        ),
    ),
    Mutant(
        "wh",
        "verdict is",
        (Charge("aaa", "c1", "T1", 10, in_wh=True), Run()),
    ),
    Mutant(
        "negative_credit_energy",
        "energy is",
        (
            Charge("aaa", "c1", "T1", 10),
            Credit("aaa", "k1", "c1", negative_energy=True),
            Run(),
        ),
    ),
    Mutant(
        "only",
        "bbb: statements: 2025-01 is missing",
        (
            Charge("aaa", "c1", "T1", 10),
            Charge("bbb", "c2", "T1", 10, extra="0.01"),
            Run(),
            Run(only=("aaa",)),
        ),
        patches={"pipelines.stages.sequence.contracts_of": _of_those_asked},
    ),
    Mutant(
        "backfill",
        "is of a day that was filled",
        (
            Run(),
            Wait(72),
            Run(),
            Charge("aaa", "c1", "T1", 10, ended_h=33, made_h=30),
            Backfill("aaa", 2, 2),
        ),
        patches={"pipelines.orchestration.landing_assets._pull_request": _without_window},
    ),
    Mutant(
        "credited_is_final",
        "what was credited is paid again",
        (*_DEAR, *_decided("open", "sent", "accepted", "credited", "written_off")),
        patches={"models.settle.disputes.FOLLOWS": _written_off_after_credit},
    ),
)
"""Faults that the product had: their switches are on."""

PLANTED = (
    Mutant(
        "an incremental list tells what is gone",
        "gone is True, should be False",
        (Run(), Wait(26), Status("aaa", "Loc1", "CHARGING"), Wait(1), Run()),
        patches={"pipelines.warehouse.removal.is_complete_list": _always(_every_pull_tells)},
    ),
    Mutant(
        "a failed pull moves the watermark",
        "was locked, its CDRs are complete until",
        (
            Run(),
            Charge("aaa", "c1", "T1", 10),
            Wait(1),
            Run(),
            Wait(740),
            Down("aaa"),
            Run(),
            Close("aaa"),
        ),
        patches={"pipelines.warehouse.operations.moved_watermark": _as_if_complete},
    ),
    Mutant(
        "an incremental pull begins an hour ago",
        "is listed, was not fetched",
        (Run(), Wait(5), Charge("aaa", "c1", "T1", 10), Wait(5), Run()),
        patches={"pipelines.ingest.partner.plan_pull": _from_now_on},
    ),
    Mutant(
        "a late charge posts into the locked month",
        "lines: ('2025-01', 'c2') should not be there",
        (
            Run(),
            Charge("aaa", "c1", "T1", 10),
            Wait(740),
            Run(),
            Close("aaa"),
            Charge("aaa", "c2", "T1", 10, ended_h=730),
            Wait(1),
            Run(),
        ),
        patches={"models.settle.view.posting_month": lambda _: lambda month, locked: month},
    ),
    Mutant(
        "a concession is forgotten",
        "payable is 2.5, should be 3.61",
        (*_DEAR, *_decided("open", "withdrawn"), Run()),
        patches={"models.settle.disputes.Dispute.resolution": _always(property(lambda _: None))},
    ),
    Mutant(
        "default contracts judge everybody",
        "verdict is tolerated, should be overclaimed",
        (Charge("bbb", "c1", "T1", 10, extra="0.01"), Run()),
        patches={"pipelines.stages.sequence.contracts_of": _always(lambda partners: {})},
    ),
)
"""Faults that never were: the instrument must find what nobody has thought of, too."""


@contextmanager
def put_in(mutant: Mutant) -> Iterator[None]:
    """Put a fault into the product while the block runs."""
    with ExitStack() as stack:
        for target, make in mutant.patches.items():
            stack.enter_context(patch(target, make(pkgutil.resolve_name(target))))
        yield
