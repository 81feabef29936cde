"""Credits and invoices gone wrong, and right CDRs that only look wrong."""

from __future__ import annotations

from pipelines.sandbox.bill import Bill
from pipelines.sandbox.closing import close_age_days
from pipelines.sandbox.mishap import (
    MODERN,
    Apply,
    Fits,
    Mishap,
    Scene,
    billed_by,
    both,
    by_energy,
    keep,
    older,
)
from pipelines.sandbox.mishaps_identity import renamed
from pipelines.sandbox.timeline import Charge

HOUR_S = 3600
MATURE_DAYS = 16


def _credit(bill: Bill, short: int = 0) -> None:
    """Turns a copy into the credit of its original, of so many cents less."""
    bill.credit_of = bill.cdr_id
    bill.remark = f"Credit of {bill.cdr_id}"
    renamed(bill, "C", own_session=False)
    bill.net = short - bill.net
    bill.gross = None if bill.gross is None else -bill.gross + short
    bill.last_updated += 6 * HOUR_S


def chain(*, short: int = 0) -> Apply:
    """Role 0 is the original, 1 its credit, 2 the replacement, 3 a second credit."""

    def apply(bill: Bill, role: int, scene: Scene) -> None:
        if role == 1:
            _credit(bill, short)
        elif role == 2:
            renamed(bill, "R", own_session=False)
            bill.last_updated += 7 * HOUR_S
        elif role == 3:
            _credit(bill)
            bill.cdr_id += "2"
            bill.last_updated += 2 * HOUR_S

    return apply


def orphan_credit(bill: Bill, role: int, scene: Scene) -> None:
    """A credit of a CDR that never came."""
    if role:
        _credit(bill)
        bill.credit_of = f"{bill.party_id}-NEVER-CAME-{bill.cdr_id[-10:-2]}"
        bill.session_id = None


def home(bill: Bill, role: int, scene: Scene) -> None:
    """A charge at a driver's home, to be paid to the driver."""
    bill.home = True
    bill.location_id, bill.evse_uid = f"HOME-{bill.cdr_id}", f"HOME-{bill.cdr_id}-1"


def by_lines(bill: Bill, role: int, scene: Scene) -> None:
    """A total one cent off, as rounding each line gives."""
    bill.net += 1
    name = "energy"
    if name in bill.parts:
        net, gross = bill.parts["energy"]
        bill.parts["energy"] = (net + 1, gross)


def free_parking(bill: Bill, role: int, scene: Scene) -> None:
    """Parking in the total that no period carries, and that costs nothing."""
    bill.periods = [period for period in bill.periods if period.kind != "PARKING"]


def expired_reservation(bill: Bill, role: int, scene: Scene) -> None:
    """A reservation that nobody came for."""
    charge = bill.charge
    bill.charge = Charge(charge.start, charge.reserved_s, (), 0, charge.tariffs, charge.zone)
    bill.rebuild()


def changed_over(bill: Bill, role: int, scene: Scene) -> None:
    """Two tariffs in one CDR."""
    green = next(line for line in scene.shelf.shown if line.id == "SHOW-GREEN")
    bill.charge.tariffs = (bill.tariffs[0], green.at(bill.start))
    bill.rebuild()


def signed(bill: Bill, role: int, scene: Scene) -> None:
    """Signed meter readings that agree."""
    bill.signed_wh = bill.wh


def late_by_hours(bill: Bill, role: int, scene: Scene) -> None:
    """A CDR that comes just within a day."""
    bill.last_updated = bill.end + 23 * HOUR_S


def _closed(days: int) -> Fits:
    return lambda bill, scene: close_age_days(bill.end, bill.last_updated, scene.now) > days


def _idles(bill: Bill, scene: Scene) -> bool:
    return by_energy(bill, scene) and bill.charge.idle_s > 900


def _reserved(bill: Bill, scene: Scene) -> bool:
    return bool(bill.charge.reserved_s) and bill.tariffs[0].id == "AC-RESERVE"


ERRORS = (
    Mishap("orphan_credit", "CREDIT_ORIGINAL_MISSING", orphan_credit, both(by_energy, older(8)),
           "rejected", roles=(0, 1), marked=1, versions=MODERN),
    Mishap("credit_short", "CREDIT_AMOUNT_MISMATCH", chain(short=100),
           both(by_energy, older(MATURE_DAYS)), "credited", roles=(0, 1), marked=1,
           versions=MODERN),
    Mishap("credited_twice", "CREDITED_TWICE", chain(), both(by_energy, older(MATURE_DAYS)),
           "rejected", roles=(0, 1, 2, 3), marked=3, versions=MODERN),
    Mishap("not_replaced", "CREDIT_WITHOUT_REPLACEMENT", chain(),
           both(by_energy, older(MATURE_DAYS)), "credited", roles=(0, 1), marked=1,
           versions=MODERN),
    Mishap("invoiced_twice", "INVOICE_CDR_TWICE", keep, both(by_energy, _closed(0)), marked=None,
           versions=("2.3.0",)),
    Mishap("unknown_on_invoice", "INVOICE_CDR_UNKNOWN", keep, both(by_energy, _closed(0)),
           marked=None, versions=("2.3.0",)),
    Mishap("not_invoiced", "CDR_NOT_INVOICED", keep, both(by_energy, _closed(32)),
           versions=("2.3.0",)),
)  # fmt: skip
LOOKALIKES = (
    Mishap("credited_and_replaced", None, chain(), both(by_energy, older(1)), "credited",
           roles=(0, 1, 2), marked=1, versions=MODERN),
    Mishap("home_charging", None, home, both(by_energy, lambda b, s: b.evse.site.kind == "AC"),
           session="the truth", versions=MODERN),
    Mishap("line_rounding", None, by_lines, by_energy),
    Mishap("free_parking", None, free_parking, _idles),
    Mishap("expired_reservation", None, expired_reservation, _reserved, versions=MODERN),
    Mishap("changed_over", None, changed_over,
           both(by_energy, billed_by("AC-KWH")), versions=MODERN),
    Mishap("signed_rightly", None, signed, by_energy, versions=MODERN),
    Mishap("within_a_day", None, late_by_hours, both(by_energy, older(2))),
)  # fmt: skip
