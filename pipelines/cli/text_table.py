"""Tables of plain text: as wide as what is in them, so that no amount is ever cut short."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence


def text_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], texts: Collection[str] = ()
) -> str:
    """Return a table: heads, a rule, and the rows.

    Args:
        heads: the heads of the columns.
        rows: the cells of each row.
        texts: heads of the columns that stand left; numbers stand right.
    """
    table = [heads, *rows]
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    lefts = [head in texts for head in heads]

    def aligned(cells: Sequence[str]) -> str:
        padded = (
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(cells, widths, lefts, strict=True)
        )
        return f"  {'   '.join(padded)}".rstrip()

    rule = "  " + "─" * (sum(widths) + 3 * (len(widths) - 1))
    return "\n".join([aligned(heads), rule, *map(aligned, table[1:])])
