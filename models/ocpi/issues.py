"""Issues of one object: deviations that were repaired, reasons to refuse it.

Readers write here while they read; what becomes of it (frames, quarantine) is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from models.ocpi.people import shown_text

MAX_ORIGINAL = 256


class Absent:
    """Marks a value that is not there at all, which is not the same as JSON null."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Deviation:
    """One field that broke the spec."""

    path: str  # where, as `evses[2].connectors[0].max_voltage`
    kind: str  # one of `models.tables.objects.DEVIATION_KINDS`
    original: str | None  # the value as sent, as JSON text; None: absent
    repaired: str | None  # the value taken instead, as JSON text; None: unknown


@dataclass(slots=True)
class Issues:
    """The deviations of one object and the reasons to refuse it, in the order found."""

    deviations: list[Deviation] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add_deviation(
        self, path: str, kind: str, original: object = ABSENT, repaired: object = None
    ) -> None:
        """Record a deviation; `original` and `repaired` are JSON values."""
        self.deviations.append(Deviation(path, kind, _as_text(original), _as_text(repaired)))

    def refuse(self, path: str, why: str) -> None:
        """Record a reason for which the object cannot be taken in."""
        self.reasons.append(f"{path}: {why}" if path else why)

    def under(self, prefix: str, other: Issues) -> None:
        """Take over the deviations of a part of the object that was read on its own."""
        for d in other.deviations:
            path = f"{prefix}.{d.path}" if d.path else prefix
            self.deviations.append(Deviation(path, d.kind, d.original, d.repaired))


def _as_text(value: object) -> str | None:
    if value is ABSENT or value is None:
        return None
    return shown_text(value)[:MAX_ORIGINAL]
