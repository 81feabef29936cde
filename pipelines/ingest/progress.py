"""Who is told how a run goes: pages as they land, pulls as they end, loads as they commit."""

from __future__ import annotations

from typing import Protocol

from pipelines.landing.records import PullRecord


class Progress(Protocol):
    """Told of progress; must return quickly and never raise. Called from several threads."""

    def page(self, partner: str, module: str, objects: int, total: int | None) -> None:
        """A page with so many objects landed; `total` is what the partner promises."""

    def pulled(self, pull: PullRecord) -> None:
        """A pull ended."""

    def loaded(self, partner: str, module: str, objects: int) -> None:
        """So many objects of a landed pull were decoded and staged."""

    def waiting(self, holder: str) -> None:
        """Nothing moves until another process lets go of the warehouse."""


class Silence:
    """Tells nobody."""

    def page(self, partner: str, module: str, objects: int, total: int | None) -> None:
        """Ignore it."""

    def pulled(self, pull: PullRecord) -> None:
        """Ignore it."""

    def loaded(self, partner: str, module: str, objects: int) -> None:
        """Ignore it."""

    def waiting(self, holder: str) -> None:
        """Ignore it."""
