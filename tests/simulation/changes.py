"""What may happen at a partner in a year: each kind of change, as steps with chance in them."""

from __future__ import annotations

import random

from simulation import steps
from simulation.objects import PartnerSetup
from simulation.steps import Step

PRICES = ("0.20", "0.26", "0.30", "0.42", "0.58")
STATUSES = ("AVAILABLE", "CHARGING", "OUTOFORDER", "BLOCKED")
EXTRAS = ("0", "0", "0", "0.01", "0.02", "0.40", "1.11", "-0.60")


class Changes:
    """Makes changes at partners.

    Args:
        dice: the chance in them.
    """

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._setups: dict[str, PartnerSetup] = {}
        self._cdrs: list[tuple[str, str, str]] = []  # partner, id, tariff
        self._states: dict[tuple[str, str], str] = {}

    def _id(self, prefix: str) -> str:
        return f"{prefix}{len(self._cdrs) + 1}"

    def _charge(self, partner: str, **more: object) -> list[Step]:
        name, tariff = self._id("c"), self._dice.choice(("T1", "T2"))
        self._cdrs.append((partner, name, tariff))
        values = {
            "kwh": self._dice.randint(2, 20),
            "ended_h": self._dice.choice([1, 2, 3, 20, 50]),
            "extra": self._dice.choice(EXTRAS),
            "taxed": self._dice.random() < 0.8,
            "embed": self._dice.random() < 0.2,
            **more,
        }
        return [steps.Charge(partner, name, tariff, **values)]  # type: ignore[arg-type]

    def _known(self, partner: str) -> tuple[str, str, str] | None:
        mine = [one for one in self._cdrs if one[0] == partner]
        return self._dice.choice(mine[-8:]) if mine else None

    def _location(self, partner: str) -> str:
        return f"Loc{self._dice.randint(1, self._setups[partner].locations)}"

    def _status(self, partner: str) -> list[Step]:
        status = self._dice.choice(STATUSES)
        return [steps.Status(partner, self._location(partner), status)]

    def _vanish(self, partner: str) -> list[Step]:
        name = self._location(partner)
        if self._dice.random() < 0.5:
            return [steps.Appear(partner, name)]
        return [steps.Vanish(partner, (name,))]

    def _many(self, partner: str) -> list[Step]:
        count = self._setups[partner].locations
        gone = tuple(f"Loc{number}" for number in range(count // 2 + 1, count + 1))
        accepted = self._dice.random() < 0.4
        count = 1 if accepted else 3
        runs = [step for _ in range(count) for step in (steps.Wait(5), steps.Run(full=True))]
        return [steps.Vanish(partner, gone), *runs, *([steps.Accept(partner)] if accepted else [])]

    def _price(self, partner: str) -> list[Step]:
        flat = self._dice.choice(("", "", "0.50"))
        tariff, price = self._dice.choice(("T1", "T2")), self._dice.choice(PRICES)
        return [steps.Price(partner, tariff, price, flat)]

    def _announce(self, partner: str) -> list[Step]:
        tariff, price = self._dice.choice(("T1", "T2")), self._dice.choice(PRICES)
        ahead = self._dice.choice((30, 200, 800))
        return [steps.Price(partner, tariff, price, starts_in_h=ahead)]

    def _withdraw(self, partner: str) -> list[Step]:
        if self._dice.random() < 0.6:
            return self._price(partner)
        return [steps.Withdraw(partner, self._dice.choice(("T1", "T2")))]

    def _credit(self, partner: str) -> list[Step]:
        known = self._known(partner)
        return [] if known is None else [steps.Credit(partner, f"k{known[1]}", known[1])]

    def _partial(self, partner: str) -> list[Step]:
        known = self._known(partner)
        if known is None:
            return []
        return [
            steps.Credit(
                partner,
                f"{name}{known[1]}",
                known[1],
                self._dice.choice(("-0.50", "-1.11", "-2.00")),
                kwh=self._dice.choice((None, 1, 3)),
            )
            for name in ("p", "q")[: self._dice.choice((1, 1, 2))]
        ]

    def _negative(self, partner: str) -> list[Step]:
        known = self._known(partner)
        if known is None:
            return []
        return [steps.Credit(partner, f"k{known[1]}", known[1], negative_energy=True)]

    def _early_credit(self, partner: str) -> list[Step]:
        """A credit that comes before its original: the CDR is listed by then, but not to us."""
        made = self._charge(partner)
        return [*made, steps.Credit(partner, f"k{made[0].cdr}", made[0].cdr)]  # type: ignore[attr-defined]

    def _twice(self, partner: str) -> list[Step]:
        """A second CDR for a session, and perhaps the first is credited."""
        known = self._known(partner)
        if known is None:
            return []
        made = self._charge(partner, of_session=known[1])
        credit = [steps.Credit(partner, f"k{known[1]}", known[1])]
        return [*made, *(credit if self._dice.random() < 0.5 else [])]

    def _resend(self, partner: str) -> list[Step]:
        known = self._known(partner)
        return [] if known is None else [steps.Resend(partner, known[1])]

    def _changed_copy(self, partner: str) -> list[Step]:
        known = self._known(partner)
        return [] if known is None else [steps.Resend(partner, known[1], extra="0.70")]

    def _case(self, partner: str) -> list[Step]:
        known = self._known(partner)
        if known is None or self._dice.random() < 0.6:
            return self._charge(partner, case=True, embed=False, ended_h=1)
        return [steps.Resend(partner, known[1], case=True)]

    def _session(self, partner: str) -> list[Step]:
        chance = self._dice.random()
        if chance < 0.4:
            return self._charge(partner, session_kwh=2)
        known = self._known(partner)
        if known is None or (known[0], known[1]) in self._states:
            return []
        if chance < 0.7:
            return [steps.Session(partner, known[1], "COMPLETED", self._dice.randint(2, 20))]
        return [steps.Session(partner, known[1], "INVALID")]

    def _late(self, partner: str) -> list[Step]:
        return self._charge(partner, ended_h=self._dice.choice((60, 730, 800, 2300)))

    def _wh(self, partner: str) -> list[Step]:
        return self._charge(partner, in_wh=True, extra="0")

    def _ahead(self, partner: str) -> list[Step]:
        hours = self._dice.choice((1, 30, 43800))
        chance = self._dice.random()
        if chance < 0.3:
            return [steps.Price(partner, "T1", self._dice.choice(PRICES), ahead_h=hours)]
        if chance < 0.4:
            return self._charge(partner, year_2099=True)
        if chance < 0.5:
            return self._charge(partner, made_h=-hours)
        if chance < 0.6:
            return [steps.Appear(partner, self._location(partner), ahead_h=hours)]
        status = self._dice.choice(STATUSES)
        return [steps.Status(partner, self._location(partner), status, ahead_h=hours)]

    def _back(self, partner: str) -> list[Step]:
        hours = -self._dice.choice((30, 2000))
        change: Step = steps.Status(
            partner, self._location(partner), self._dice.choice(STATUSES), ahead_h=hours
        )
        if self._dice.random() < 0.5:
            change = steps.Price(partner, "T1", self._dice.choice(PRICES), ahead_h=hours)
        return [change, steps.Run(full=True)]

    def _tax(self, partner: str) -> list[Step]:
        """The wrong rate of tax, of one claim or of a tariff and its claims."""
        vat = self._dice.choice((19, 25))
        if self._dice.random() < 0.5:
            return self._charge(partner, vat=vat, taxed=True, kwh=20)
        made = self._charge(partner, taxed=True, kwh=20, ended_h=1)
        tariff = made[0].tariff  # type: ignore[attr-defined]
        return [steps.Price(partner, tariff, "0.42", vat=vat), steps.Wait(5), *made]

    def _invoice(self, partner: str) -> list[Step]:
        """A record of some CDRs, perhaps of one that never was, perhaps in the place of another."""
        if self._setups[partner].version < "2.3.0":
            return self._charge(partner)
        mine = [name for owner, name, _ in self._cdrs if owner == partner] or ["c0"]
        record = f"R{self._dice.randint(1, 3)}"
        if self._dice.random() < 0.2:
            return [steps.Invoice(partner, record)]
        some = self._dice.sample(mine, k=min(len(mine), self._dice.randint(1, 4)))
        never = ["never"] if self._dice.random() < 0.2 else []
        case = str.upper if self._dice.random() < 0.2 else str
        return [steps.Invoice(partner, record, tuple(map(case, some + never)))]

    def _recase(self, partner: str) -> list[Step]:
        return [steps.Recase(partner, self._location(partner))]

    def _while_read(self, partner: str) -> list[Step]:
        status = self._dice.choice(STATUSES)
        change = steps.Status(partner, self._location(partner), status)
        return [steps.WhileRead(partner, "locations", change), steps.Run(full=True)]

    def _broken(self, partner: str) -> list[Step]:
        module = self._dice.choice(("locations", "cdrs"))
        return [
            steps.BreakPage(partner, module, self._dice.choice((0, 1))),
            steps.Run(),
            *([steps.Mend(partner)] if self._dice.random() < 0.7 else []),
        ]

    def _down(self, partner: str) -> list[Step]:
        return [steps.Down(partner), steps.Run(), steps.Mend(partner)]
