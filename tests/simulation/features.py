"""What a year may contain. A switch that is off stands for a fault that the product still has.

Every switch is named for a fault that the product had when this was written; all are on. Who finds
a fault that cannot be mended at once adds a switch that is off, and its mutant when it is mended.

| switch | the fault it stands for |
|---|---|
| only | `--only X` deletes the others' statements and judges them by default contracts |
| backfill | a backfill over days pulls the last minutes, marks days as done |
| while_read | a full pull asks for date_to: what changed meanwhile counts as gone |
| stamps_ahead | what is dated ahead is left out, counts as gone, or can never be corrected |
| stamps_back | a stamp that goes back can never be corrected; a version nobody published |
| announced | an announced price makes every CDR until then unpriceable |
| broken_page | one page that stays broken loses all pages behind it |
| many_vanish | more than a tenth gone: never marked, nobody told |
| clock_ahead | one run with our clock ahead moves watermarks there; a month not over is closed |
| id_case | ids of location, EVSE, connector and CDR compare with regard to case |
| more_after_concession | a write-off concedes whatever is contested later, too |
| inexact_credit | a credit of another amount makes us pay more than is claimed |
| settled | accepted, credited and closed disputes stay disputed for ever |
| every_finding_queued | VAT findings and changed copies reach no queue |
| credited_is_final | `credited → written_off` pays again after a credit came |
| wh | energy on statements counts Wh as kWh |
| negative_credit_energy | a credit that states negative energy adds it to the month |
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Features:
    """Which things may happen in a year, and which promises the auditor insists on."""

    only: bool = True
    backfill: bool = True
    while_read: bool = True
    stamps_ahead: bool = True
    stamps_back: bool = True
    announced: bool = True
    broken_page: bool = True
    many_vanish: bool = True
    clock_ahead: bool = True
    id_case: bool = True
    more_after_concession: bool = True
    inexact_credit: bool = True
    settled: bool = True
    every_finding_queued: bool = True
    credited_is_final: bool = True
    wh: bool = True
    negative_credit_energy: bool = True

    @classmethod
    def all(cls) -> Features:
        """Everything."""
        return cls(**{field.name: True for field in fields(cls)})

    @classmethod
    def just(cls, *names: str) -> Features:
        """What is mended, and these."""
        return cls(**dict.fromkeys(names, True))
