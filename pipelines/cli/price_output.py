"""Output of `roamhouse price` for people: the CDRs that differ, and how many agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import click
import polars as pl

from models.rating.result import REASON_WORDS, ComparedTotal, compare_totals
from models.recon.causes import CAUSES
from pipelines.cli.terminal import harmless
from pipelines.stages.rating.pricing import DIFFERENT, PricedCdrs

_UNITS = {"ENERGY": "kWh", "TIME": "h", "PARKING_TIME": "h", "RESERVATION_TIME": "h", "FLAT": ""}
_STYLES: dict[str, dict[str, Any]] = {
    "agreed": {"fg": "green"},
    "tolerated": {"fg": "green"},
    "not_priced": {"dim": True},
}
_DIFFERS: dict[str, Any] = {"fg": "red", "bold": True}
_LINE_HEADS = ("period", "what", "measured", "billed", "price", "net", "tax %", "gross",
               "tariff #element")  # fmt: skip
_TEXTS = frozenset({"what", "tariff #element", ""})
_SUMS = ("claimed", "expected")


class Report:
    """The report for people.

    `every`: whether CDRs that agree are shown too.
    """

    def __init__(self, *, every: bool) -> None:
        self._every = every
        self._problems: set[str] = set()
        self._verdicts: Counter[str] = Counter()
        self._refused = 0
        self._sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._alone: str | None = None

    def add(self, priced: PricedCdrs) -> None:
        """Print what differs among some CDRs, and count the rest."""
        verdicts = priced.judged.get_column("verdict")
        rows = [
            place for place, verdict in enumerate(verdicts) if self._every or verdict in DIFFERENT
        ]
        is_lone = not self._verdicts and verdicts.len() == 1
        for text in _cdrs(priced, rows):
            click.echo(text)
        if is_lone and not rows:
            self._alone = next(_cdrs(priced, [0]))
        self._verdicts.update(verdicts.to_list())
        self._count_amounts(priced)
        for object_id, reasons in priced.refused:
            name = _styled(f"{object_id or 'an object'} is no usable CDR", **_DIFFERS)
            click.echo(f"{name}: {harmless('; '.join(reasons))}")
        self._refused += len(priced.refused)
        for problem in priced.rated.problems:
            if problem not in self._problems:
                self._problems.add(problem)
                click.echo(_styled(f"tariff {problem}", fg="yellow"))

    def finish(self) -> None:
        """Print a CDR that came alone, whatever its verdict; else how many there are of each."""
        count = self._verdicts.total()
        if count == 1 and self._alone is not None:
            click.echo(self._alone)
        if count < 2:
            return
        verdicts = ", ".join(f"{n:,} {verdict}" for verdict, n in self._verdicts.most_common())
        click.echo(
            f"{count:,} CDRs: {verdicts}" + (f"; {self._refused:,} refused" * bool(self._refused))
        )
        for currency in sorted({currency for currency, _ in self._sums}):
            claimed, expected = (self._sums[currency, side] for side in _SUMS)
            click.echo(
                f"{currency} before taxes, where both are known: claimed {_plain(claimed)}, "
                f"expected {_plain(expected)}, difference {_plain(claimed - expected)}"
            )

    def _count_amounts(self, priced: PricedCdrs) -> None:
        claimed = priced.rated.cdrs.get_column("total_cost_excl_vat")
        rows = priced.rated.prices.select(
            "currency", pl.col("expected_excl_vat").alias("expected"), claimed.alias("claimed")
        )
        known = rows.drop_nulls().group_by("currency").agg(pl.col(side).sum() for side in _SUMS)
        for row in known.iter_rows(named=True):
            for side in _SUMS:
                self._sums[row["currency"], side] += row[side]


def _cdrs(priced: PricedCdrs, rows: Sequence[int]) -> Iterator[str]:
    """Yield the text of some of the CDRs."""
    if not rows:
        return
    of_cdr: dict[int, list[dict[str, Any]]] = {}
    for line in priced.rated.lines(rows).iter_rows(named=True):
        of_cdr.setdefault(line["cdr_row"], []).append(line)
    frames = (priced.rated.cdrs, priced.rated.prices, priced.judged)
    chosen = (frame[rows].iter_rows(named=True) for frame in frames)
    for place, cdr, price, judged in zip(rows, *chosen, strict=True):
        yield _cdr(cdr, price, judged, of_cdr.get(place, []))


def _cdr(
    cdr: Mapping[str, Any],
    price: Mapping[str, Any],
    judged: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
) -> str:
    head = f"CDR {cdr['id']}  {cdr['start_at']:%Y-%m-%d %H:%M} UTC  {price['currency']}"
    verdict = _styled(judged["verdict"], **_STYLES.get(judged["verdict"], _DIFFERS))
    parts = [f"{_styled(head, bold=True)}  {verdict}{_why(price['reason'], judged['cause'])}"]
    if lines:
        parts.append(harmless(text_table(_LINE_HEADS, map(_line, lines), _TEXTS)))
    if price["state"] == "priced":
        heads = ("", "claimed", "expected", "difference")
        parts.append(text_table(heads, map(_total, compare_totals(cdr, price)), _TEXTS))
    if price["notes"]:
        parts.append(_styled(f"notes: {', '.join(price['notes'])}", dim=True))
    return "\n".join([*parts, ""])


def _styled(text: str, **style: Any) -> str:
    return click.style(harmless(text), **style)


def _why(reason: str | None, cause: str | None) -> str:
    if reason:
        return f": {reason}, {REASON_WORDS[reason]}"
    return f": {CAUSES[cause]}" if cause else ""


def _line(line: Mapping[str, Any]) -> list[str]:
    unit = _UNITS.get(line["dimension"], "")
    return [
        "" if line["period_index"] is None else str(line["period_index"] + 1),
        line["dimension"],
        *(_measure(line[name], unit) for name in ("quantity", "billed_quantity")),
        *(
            _shown(line[name])
            for name in ("unit_price", "amount_excl_vat", "vat_rate", "amount_incl_vat")
        ),
        _maker(line),
    ]


def _measure(value: Decimal | None, unit: str) -> str:
    """Return a quantity in its unit; hours as h:mm:ss."""
    if value is None:
        return ""
    if unit != "h":
        return f"{value.normalize():,f} {unit}".rstrip()
    seconds = int((value * 3600).to_integral_value())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _shown(value: Decimal | None) -> str:
    return "" if value is None else _plain(value)


def _plain(value: Decimal) -> str:
    """Return a decimal with separators, and two decimals or as many as it needs."""
    whole, _, decimals = format(value.normalize(), ",f").partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def _maker(line: Mapping[str, Any]) -> str:
    if line["tariff_id"] is None:
        return ""
    if line["element_index"] is None:
        return str(line["tariff_id"])
    return f"{line['tariff_id']} #{line['element_index'] + 1}"


def _total(total: ComparedTotal) -> list[str]:
    taxes = "before taxes" if total.side == "excl" else "after taxes"
    return [
        f"{total.name} {taxes}",
        "not stated" if total.claimed is None else _plain(total.claimed),
        "unknown" if total.expected is None else _plain(total.expected),
        _plain(total.difference) if total.difference else "",
    ]


def text_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], texts: Collection[str] = ()
) -> str:
    """Return a table: heads, a rule, and the rows.

    `texts`: heads of the columns that stand left; numbers stand right.
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
