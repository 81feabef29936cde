"""Two pairs of eyes: decisions that need a second person, where the settings ask for that."""

from dataclasses import dataclass
from decimal import Decimal

from models.settle.decisions import Event, IllegalDecision
from models.settle.disputes import Dispute
from models.settle.months import SIGNED_ROWS, SettlementMonth

APPROVED = "approved"
"""The event by which somebody agrees with what another person will decide about a dispute."""


@dataclass(frozen=True)
class Approvals:
    """Decisions that one person may not take alone."""

    lock: bool = False  # locking a month: another person has signed it off
    # writing off more than this in a dispute's currency: another person has approved; None:
    # everybody may alone
    write_off_above: Decimal | None = None

    def check_month(self, before: SettlementMonth, event: Event) -> None:
        """Refuse a lock that nobody else signed off: an IllegalDecision."""
        if not self.lock or event.name != "locked":
            return
        if before.signed_off_by is None or _same(before.signed_off_by, event.who):
            signed = f", and {before.signed_off_by} did" if before.signed_off_by else ""
            raise IllegalDecision(
                f"{before.month} of {before.partner} needs two pairs of eyes: somebody other than "
                f"{event.who} signs it off first{signed}"
            )
        if before.signed_off_sha256 not in (None, event.data.get(SIGNED_ROWS)):
            raise IllegalDecision(
                f"{before.month} of {before.partner} is not what {before.signed_off_by} signed off "
                "any more: look at it and sign it off again first"
            )

    def check_dispute(self, before: Dispute, event: Event) -> None:
        """Refuse a write-off above the limit that nobody else approved: an IllegalDecision."""
        if self.write_off_above is None or event.name != "written_off":
            return
        stated = event.data.get("contested_excl_vat")
        amount = before.amount_excl_vat if stated is None else Decimal(stated)
        if amount is not None and abs(amount) <= self.write_off_above:
            return
        others = [
            one for one in before.history if one.name == APPROVED and not _same(one.who, event.who)
        ]
        if not others:
            raise IllegalDecision(
                f"{before.dispute_id} is about more than {self.write_off_above}: somebody other "
                f"than {event.who} approves first, with `roamhouse dispute approve`"
            )
        if amount is not None and all(_approved(one, before) < abs(amount) for one in others):
            raise IllegalDecision(
                f"{before.dispute_id} has grown to {abs(amount):,.2f} since it was approved: "
                f"somebody other than {event.who} approves that first"
            )


def _approved(event: Event, dispute: Dispute) -> Decimal:
    """Return the amount that somebody saw who approved; an earlier version kept none."""
    seen = event.data.get("contested_excl_vat")
    return abs(Decimal(seen) if seen is not None else dispute.amount_excl_vat or Decimal())


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
