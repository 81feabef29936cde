"""Faults that the instrument must find, each with the short year in which it shows.

`sabotage` holds what puts each into the product.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulation import sabotage
from simulation.objects import PartnerSetup
from simulation.sabotage import Patches
from simulation.steps import (
    Backfill,
    BreakPage,
    Charge,
    Credit,
    Decide,
    Price,
    Recase,
    Resend,
    Run,
    Session,
    Status,
    Step,
    Vanish,
    Wait,
    WhileRead,
)
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
        patches: what puts it into the product.
        more: further parts of the fault, each with what is said of it and what happens.
    """

    name: str
    says: str
    steps: tuple[Step, ...]
    patches: Patches
    setups: tuple[PartnerSetup, ...] = (AAA,)
    more: tuple[tuple[str, tuple[Step, ...]], ...] = ()

    @property
    def years(self) -> list[tuple[str, Year]]:
        """What is said of each part, and the year in which that shows."""
        parts = ((self.says, self.steps), *self.more)
        return [(says, Year(self.setups, steps)) for says, steps in parts]


def decided(*verbs: str) -> tuple[Step, ...]:
    return tuple(Decide("aaa", "c1", verb) for verb in verbs)


DEAR = (Charge("aaa", "c1", "T1", 10, extra="1.11"), Run())


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
        patches=sabotage.ANNOUNCED_AT_ONCE,
    ),
    Mutant(
        "id_case",
        "verdict is unpriceable, should be agreed",
        (Charge("aaa", "c1", "T1", 10, case=True), Run()),
        patches=sabotage.IDS_IN_THEIR_CASE,
        more=(
            (
                "2 rows for 1 ids",
                (Charge("aaa", "c1", "T1", 10), Resend("aaa", "c1", case=True), Run()),
            ),
            (
                "locations: 4 rows for 3 ids",
                (Run(), Recase("aaa", "Loc1"), Wait(1), Run()),
            ),
        ),
    ),
    Mutant(
        "while_read",
        "gone is True, should be False",
        (
            Run(),
            WhileRead("aaa", "locations", Status("aaa", "Loc6", "CHARGING")),
            Run(full=True),
        ),
        setups=(PartnerSetup("aaa", locations=6),),
        patches=sabotage.DATE_TO,
    ),
    Mutant(
        "stamps_ahead",
        "is listed, was not fetched",
        (Charge("aaa", "c1", "T1", 10, year_2099=True), Run()),
        patches=sabotage.DATE_TO,
    ),
    Mutant(
        "a stamp that was ahead is believed",
        "evse of loc1 status is CHARGING, should be AVAILABLE",
        (
            Run(),
            Status("aaa", "Loc1", "CHARGING", ahead_h=43800),
            Run(),
            Wait(5),
            Status("aaa", "Loc1", "AVAILABLE"),
            Wait(5),
            Run(),
        ),
        patches=sabotage.STAMPS_BELIEVED,
    ),
    Mutant(
        "stamps_back",
        "evse of loc1 status",
        (Run(), Status("aaa", "Loc1", "OUTOFORDER", ahead_h=-2000), Run(full=True)),
        patches=sabotage.LATE_EVEN_IF_LISTED,
        more=(
            (
                "tariff t1 versions",
                (
                    Run(),
                    Price("aaa", "T1", "0.40"),
                    Wait(1),
                    Run(),
                    Price("aaa", "T1", "0.30", ahead_h=-300),
                    Run(full=True),
                ),
            ),
        ),
    ),
    Mutant(
        "broken_page",
        "is listed, was not fetched",
        (BreakPage("aaa", "locations", 1), Run()),
        setups=(PartnerSetup("aaa", locations=10),),
        patches=sabotage.STOP_AT_BROKEN_PAGE,
    ),
    Mutant(
        "many_vanish",
        "nobody is told",
        (
            Run(),
            Vanish("aaa", tuple(f"Loc{number}" for number in range(8, 15))),
            *(step for _ in range(3) for step in (Wait(5), Run(full=True))),
        ),
        setups=(PartnerSetup("aaa", locations=14),),
        patches=sabotage.REMOVALS_FORGOTTEN,
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
        patches=sabotage.WRONG_CLOCK_BELIEVED,
    ),
    Mutant(
        "more_after_concession",
        "line c1 of 2025-01 payable is 3.61, should be 1.11",
        (
            *DEAR,
            *decided("open", "sent", "rejected", "written_off"),
            Run(),
            Session("aaa", "c1", "INVALID"),
            Wait(1),
            Run(),
        ),
        patches=sabotage.CONCEDE_EVERYTHING,
    ),
    Mutant(
        "inexact_credit",
        "payable, at most",
        (Charge("aaa", "c1", "T1", 10), Credit("aaa", "k1", "c1", "-2.00"), Run()),
        patches=sabotage.EXACT_CREDITS_ONLY,
    ),
    Mutant(
        "settled",
        "disputed is 1.11, should be 0",
        (*DEAR, *decided("open", "sent", "accepted", "credited", "closed"), Run()),
        patches=sabotage.NOTHING_SETTLED,
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
        patches=sabotage.MONEY_QUEUED_ONLY,
        more=(
            (
                "tax in doubt: c1 is missing",
                (Charge("aaa", "c1", "T1", 20, vat=25), Run()),
            ),
        ),
    ),
    Mutant(
        "wh",
        "energy is 10000, should be 10",
        (Charge("aaa", "c1", "T1", 10, in_wh=True), Run()),
        patches=sabotage.ENERGY_AS_STATED,
    ),
    Mutant(
        "negative_credit_energy",
        "energy is",
        (
            Charge("aaa", "c1", "T1", 10),
            Credit("aaa", "k1", "c1", negative_energy=True),
            Run(),
        ),
        patches=sabotage.CREDIT_ENERGY_NEGATED,
    ),
    Mutant(
        "only",
        "statements: 2025-01 is missing",
        (
            Charge("aaa", "c1", "T1", 10),
            Charge("bbb", "c2", "T1", 10, extra="0.01"),
            Run(),
            Run(only=("aaa",)),
        ),
        setups=(AAA, BBB),
        patches=sabotage.TERMS_OF_THOSE_ASKED,
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
        patches=sabotage.BACKFILL_WITHOUT_WINDOW,
    ),
    Mutant(
        "credited_is_final",
        "what was credited is paid again",
        (*DEAR, *decided("open", "sent", "accepted", "credited", "written_off")),
        patches=sabotage.WRITTEN_OFF_AFTER_CREDIT,
    ),
    Mutant(
        "each of several credits takes back all energy",
        "energy is -10, should be 0",
        (
            Charge("aaa", "c1", "T1", 10),
            Credit("aaa", "p1", "c1", "-0.50"),
            Credit("aaa", "q1", "c1", "-0.50"),
            Run(),
        ),
        patches=sabotage.EACH_CREDIT_TAKES_ALL,
    ),
    Mutant(
        "a smaller doubt of another rule is let go, too",
        "payable is 3.61, should be 3.11",
        (
            *DEAR,
            *decided("open", "withdrawn"),
            Session("aaa", "c1", "COMPLETED", 8),
            Wait(1),
            Run(),
        ),
        patches=sabotage.SMALLER_DOUBTS_CONCEDED,
    ),
    Mutant(
        "a CDR that is stamped ahead is late",
        "verdict is disputed, should be agreed",
        (Charge("aaa", "c1", "T1", 10, made_h=-800), Run()),
        patches=sabotage.CDRS_STAMPED_AHEAD,
    ),
)
"""Faults that the product had: their switches are on."""
