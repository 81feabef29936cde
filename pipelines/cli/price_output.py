"""Output of `roamhouse price`: tables for people, one object for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from models.rating.reasons import REASON_WORDS
from models.recon.causes import CAUSES
from pipelines.cli.terminal import Terminal
from pipelines.stages.rating.pricing import ComparedCdr, PricedFile

_UNITS = {"ENERGY": "kWh", "TIME": "h", "PARKING_TIME": "h", "RESERVATION_TIME": "h", "FLAT": ""}
_STYLES = {"agreed": "green", "tolerated": "green", "not_priced": "dim"}
_LINE_FIELDS = (
    "period_index",
    "dimension",
    "part",
    "quantity",
    "billed_quantity",
    "unit_price",
    "amount_excl_vat",
    "vat_rate",
    "vat_amount",
    "amount_incl_vat",
    "tariff_id",
    "element_index",
)


def as_json(files: Sequence[PricedFile]) -> dict[str, Any]:
    """All files as one object; amounts are decimal strings, null is unknown."""
    return {
        "cdrs": [_cdr_json(cdr) for file in files for cdr in file.cdrs],
        "refused": [
            {"id": object_id, "reasons": list(reasons)}
            for file in files
            for object_id, reasons in file.refused
        ],
    }


def _cdr_json(cdr: ComparedCdr) -> dict[str, Any]:
    price = cdr.price
    return {
        "id": cdr.cdr["id"],
        "currency": price["currency"],
        "expected_excl_vat": plain(price["expected_excl_vat"]),
        "expected_incl_vat": plain(price["expected_incl_vat"]),
        "claimed_excl_vat": plain(cdr.cdr["total_cost_excl_vat"]),
        "claimed_incl_vat": plain(cdr.cdr["total_cost_incl_vat"]),
        "verdict": cdr.verdict,
        "reason": price["reason"],
        "cause": cdr.cause,
        "totals": [
            {
                "name": total.name,
                "side": total.side,
                "claimed": plain(total.claimed),
                "expected": plain(total.expected),
            }
            for total in cdr.totals
        ],
        "lines": [{name: plain(line[name]) for name in _LINE_FIELDS} for line in cdr.lines],
        "notes": list(price["notes"]),
    }


def plain(value: Any) -> Any:
    """Return a decimal with two decimals or as many as it needs; other values as they are."""
    if not isinstance(value, Decimal):
        return value
    text = format(value.normalize(), "f")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def show(file: PricedFile) -> None:
    """Print the CDRs of a file."""
    console = Terminal()
    for cdr in file.cdrs:
        _show_cdr(console, cdr)
    for object_id, reasons in file.refused:
        name, why = escape(object_id or "an object"), escape("; ".join(reasons))
        console.print(f"[bold red]{name} is no usable CDR[/]: {why}")
    for problem in file.problems:
        console.print(f"[yellow]tariff {escape(problem)}[/]")


def _show_cdr(console: Terminal, cdr: ComparedCdr) -> None:
    style = _STYLES.get(cdr.verdict, "bold red")
    price = cdr.price
    start = f"{cdr.cdr['start_at']:%Y-%m-%d %H:%M} UTC"
    head = f"CDR {escape(cdr.cdr['id'])}  {start}  {price['currency']}"
    console.print(f"[bold]{head}[/]  [{style}]{cdr.verdict}[/]" + _why(cdr), soft_wrap=True)
    if cdr.lines:
        console.print(_line_table(cdr.lines))
    if price["state"] == "priced":
        console.print(_total_table(cdr))
    if price["notes"]:
        console.print(f"[dim]notes: {', '.join(price['notes'])}[/]")
    console.print()


def _why(cdr: ComparedCdr) -> str:
    reason = cdr.price["reason"]
    if reason:
        return f": {reason}, {REASON_WORDS[reason]}"
    return f": {CAUSES[cdr.cause]}" if cdr.cause else ""


def _line_table(lines: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in (
        "period",
        "what",
        "measured",
        "billed",
        "price",
        "net",
        "tax %",
        "gross",
        "tariff #element",
    ):
        table.add_column(name, justify="left" if name in ("what", "tariff #element") else "right")
    for line in lines:
        unit = _UNITS.get(line["dimension"], "")
        table.add_row(
            "" if line["period_index"] is None else str(line["period_index"] + 1),
            line["dimension"],
            *(_measure(line[name], unit) for name in ("quantity", "billed_quantity")),
            *(
                _shown(line[name])
                for name in ("unit_price", "amount_excl_vat", "vat_rate", "amount_incl_vat")
            ),
            _maker(line),
        )
    return table


def _measure(value: Decimal | None, unit: str) -> str:
    """Return a quantity in its unit; hours as h:mm:ss."""
    if value is None:
        return ""
    if unit != "h":
        return f"{value.normalize():f} {unit}".rstrip()
    seconds = int((value * 3600).to_integral_value())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _shown(value: Decimal | None) -> str:
    return "" if value is None else str(plain(value))


def _maker(line: Mapping[str, Any]) -> str:
    if line["tariff_id"] is None:
        return ""
    if line["element_index"] is None:
        return escape(line["tariff_id"])
    return escape(f"{line['tariff_id']} #{line['element_index'] + 1}")


def _total_table(cdr: ComparedCdr) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "claimed", "expected", "difference"):
        table.add_column(name, justify="right" if name else "left")
    for total in cdr.totals:
        taxes = "before taxes" if total.side == "excl" else "after taxes"
        difference = total.difference
        table.add_row(
            f"{total.name} {taxes}",
            "not stated" if total.claimed is None else str(plain(total.claimed)),
            "unknown" if total.expected is None else str(plain(total.expected)),
            "" if not difference else f"[red]{plain(difference)}[/]",
        )
    return table
