"""Faults put in on purpose: a kind of each that the instrument must find (see `mutants`)."""

from __future__ import annotations

from simulation import sabotage
from simulation.mutants import AAA, BBB, DEAR, Mutant, decided
from simulation.objects import PartnerSetup
from simulation.steps import (
    Accept,
    Charge,
    Close,
    Down,
    Invoice,
    Price,
    Run,
    Status,
    Vanish,
    Wait,
)

PLANTED = (
    Mutant(
        "an incremental list tells what is gone",
        "gone is True, should be False",
        (Run(), Wait(26), Status("aaa", "Loc1", "CHARGING"), Wait(1), Run()),
        patches=sabotage.EVERY_PULL_TELLS,
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
        patches=sabotage.FAILED_PULLS_COUNT,
    ),
    Mutant(
        "an incremental pull begins an hour ago",
        "is listed, was not fetched",
        (Run(), Wait(5), Charge("aaa", "c1", "T1", 10), Wait(5), Run()),
        patches=sabotage.FROM_AN_HOUR_AGO,
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
        patches=sabotage.POST_INTO_LOCKED,
    ),
    Mutant(
        "a concession is forgotten",
        "payable is 2.5, should be 3.61",
        (*DEAR, *decided("open", "withdrawn"), Run()),
        patches=sabotage.CONCESSION_FORGOTTEN,
    ),
    Mutant(
        "the rate of tax that was charged is paid",
        "statement 2025-01 VAT",
        (
            Run(),
            Price("aaa", "T1", "0.42", vat=25),
            Wait(5),
            Charge("aaa", "c1", "T1", 20),
            Run(),
        ),
        patches=sabotage.CHARGED_RATE_PAID,
    ),
    Mutant(
        "what is accepted is kept",
        "gone is False, should be True",
        (
            Run(),
            Vanish("aaa", tuple(f"Loc{number}" for number in range(8, 15))),
            Run(full=True),
            Accept("aaa"),
        ),
        setups=(PartnerSetup("aaa", locations=14),),
        patches=sabotage.ACCEPTED_IN_VAIN,
    ),
    Mutant(
        "a currency without a rate counts as euros",
        "statement 2025-01 in euros",
        (Charge("aaa", "c1", "T1", 20), Run()),
        setups=(PartnerSetup("aaa", currency="UAH"),),
        patches=sabotage.UNQUOTED_IS_EUROS,
    ),
    Mutant(
        "default contracts judge everybody",
        "verdict is tolerated, should be overclaimed",
        (Charge("bbb", "c1", "T1", 10, extra="0.01"), Run()),
        setups=(AAA, BBB),
        patches=sabotage.DEFAULT_TERMS,
    ),
    Mutant(
        "a CDR that never came may be on an invoice",
        "INVOICE_CDR_UNKNOWN: r1 is missing",
        (Charge("aaa", "c1", "T1", 10), Invoice("aaa", "R1", ("c1", "never")), Run()),
        setups=(PartnerSetup("aaa", version="2.3.0"),),
        patches=sabotage.UNKNOWN_ON_INVOICE_MISSED,
    ),
)
"""Faults that never were: the instrument must find what nobody has thought of, too."""
