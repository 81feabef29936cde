"""What a sandbox can be asked to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.sandbox.cast import PARTNERS, Partner

DEFAULT_CDRS = 12_000
DEFAULT_SEED = 2300
SMALLEST, LARGEST = 100, 2_000_000


@dataclass(frozen=True)
class Options:
    """Everything the sandbox's answers depend on: equal options, equal bytes.

    Args:
        now: the moment its three months end at; with a zone.
        cdrs: CDRs of all partners together at that moment, before billing errors add some.
        seed: any whole number.
        scenario: name of a built-in scenario, or path of a YAML file.
        errors_permille: charges with a billing error, in thousandths; 0: none.
        port: to listen on; 0: any free one.
        truth: where to write what was injected, as JSON lines.
        only: partners that are there, by name; empty: all. They share all CDRs.
        begin: the moment that the world stands at when it starts, until it is moved on; None:
            `now`.
        warm: page size to render every CDR page for before listening; None: render when asked.
    """

    now: datetime
    cdrs: int = DEFAULT_CDRS
    seed: int = DEFAULT_SEED
    scenario: str = "demo"
    errors_permille: int = 40
    port: int = 0
    truth: Path | None = None
    warm: int | None = None
    only: tuple[str, ...] = ()
    begin: datetime | None = None

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("now needs a time zone, for example 2026-10-31T12:00:00+00:00")
        if self.begin is not None and (self.begin.tzinfo is None or self.begin > self.now):
            raise ValueError("begin needs a time zone and must not be later than now")
        if not SMALLEST <= self.cdrs <= LARGEST:
            raise ValueError(f"cdrs must be between {SMALLEST} and {LARGEST:,}, not {self.cdrs}")
        if unknown := set(self.only) - {partner.name for partner in PARTNERS}:
            raise ValueError(f"only: unknown partners {sorted(unknown)}")
        if not 0 <= self.errors_permille <= 200:
            raise ValueError(f"errors must be 0 to 200 permille, not {self.errors_permille}")

    @property
    def partners(self) -> tuple[Partner, ...]:
        """The partners that are there."""
        return tuple(one for one in PARTNERS if not self.only or one.name in self.only)

    @property
    def beginning(self) -> int:
        """`begin`, or else `now`, in epoch seconds."""
        return int((self.begin or self.now).timestamp())

    @property
    def epoch(self) -> int:
        """`now` in epoch seconds."""
        return int(self.now.timestamp())
