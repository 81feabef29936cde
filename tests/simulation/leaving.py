"""Faults about partners that left the partners file, or have another name there: more `mutants`."""

from __future__ import annotations

from simulation import sabotage
from simulation.mutants import AAA, BBB, DEAR, Mutant
from simulation.objects import PartnerSetup
from simulation.steps import (
    Accept,
    Charge,
    Close,
    Contract,
    Leave,
    Rename,
    Replay,
    Run,
    Vanish,
    Wait,
)

LEAVING = (
    Mutant(
        "a name is another party",
        "verdict is rejected, should be agreed",
        (Charge("aaa", "c1", "T1", 10), Run(), Rename("aaa", "z"), Run()),
        patches=sabotage.NAMES_ARE_PARTIES,
    ),
    Mutant(
        "what was locked under another name is settled again",
        "lines: ('2025-01', 'c1') should not be there",
        (
            Charge("aaa", "c1", "T1", 10),
            Wait(740),
            Run(),
            Close("aaa"),
            Rename("aaa", "z"),
            Run(),
        ),
        patches=sabotage.LOCKED_UNDER_ANOTHER_NAME,
    ),
    Mutant(
        "whoever left has no terms",
        "lines: ('2025-01', 'c1') is missing",
        (*DEAR, Leave("aaa"), Run()),
        setups=(AAA, BBB),
        patches=sabotage.LEFT_WITHOUT_TERMS,
    ),
    Mutant(
        "what is loaded again loses the terms of who left",
        "is missing",
        (
            *DEAR,
            Leave("aaa"),
            Vanish("bbb", tuple(f"Loc{number}" for number in range(8, 15))),
            Run(full=True),
            Accept("bbb"),
        ),
        setups=(AAA, PartnerSetup("bbb", locations=14)),
        patches=sabotage.TERMS_LOST_BY_REWINDING,
    ),
    Mutant(
        "a replay forgets the terms of who left",
        "payable is 2.5, should be 3.61",
        (
            Contract("aaa", (("tolerance", "2"),)),
            *DEAR,
            Leave("aaa"),
            Run(),
            Replay(),
        ),
        setups=(AAA, BBB),
        patches=sabotage.TERMS_LOST_BY_REPLAY,
    ),
)
"""Faults that the product had."""
