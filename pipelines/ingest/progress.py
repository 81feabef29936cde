"""Reporting progress: pages as they land, pulls as they end, loads as they commit."""

from pipelines.landing.records import PullRecord


class Progress:
    """A listener to progress; it returns quickly and never raises. Several threads call it."""

    def page(self, partner: str, module: str, objects: int, total: int | None) -> None:
        """Report a landed page of so many objects; `total` is what the partner promises."""

    def pulled(self, pull: PullRecord) -> None:
        """Report the end of a pull."""

    def loaded(self, partner: str, module: str, objects: int) -> None:
        """Report objects of a landed pull that were decoded and staged."""

    def step(self, name: str) -> None:
        """Report that a step over all partners begins, such as rating or publishing."""

    def waiting(self, holder: str) -> None:
        """Report that nothing moves until another process lets go of the warehouse."""


class NoProgress(Progress):
    """A listener that hears of nothing."""
