"""The console that tables and progress are drawn on: rich takes long to import."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from pipelines.cli.terminal import harmless


class Terminal(Console):
    """A rich console on which every text is harmless, whichever table or bar it comes from.

    Args:
        stderr: whether to draw on standard error.
        soft_wrap: whether the terminal breaks long lines, not we.
        width: columns; None: as many as the terminal has.
    """

    def __init__(
        self, *, stderr: bool = False, soft_wrap: bool = False, width: int | None = None
    ) -> None:
        super().__init__(
            stderr=stderr, soft_wrap=soft_wrap, width=width, highlight=False, emoji=False
        )

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments to be written; rich's own control sequences pass, nobody else's."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(harmless(segment.text), segment.style)
