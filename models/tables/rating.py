"""`rating.*`: what each CDR should have cost, and why.

A CDR's price lines are stored as numbers in its row of `rating.cdrs`; `rating.lines` is the view
that gives them their keys and names (docs/adr/0007-nested-price-lines.md).
"""

import polars as pl

from models.tables.kinds import (
    MONEY,
    OBJECT_KEY,
    OWNER,
    QUANTITY,
    Column,
    money,
    quantity,
    required,
    table,
    text,
    texts,
    whole,
)

SOURCES = ("embedded", "published", "agreement")
# A nested line holds the place of its dimension and of its part in these.
LINE_DIMENSIONS = (
    *("ENERGY", "TIME", "PARKING_TIME", "FLAT", "RESERVATION_TIME", "LIMIT", "ROUNDING"),
)
PARTS = ("energy", "time", "parking", "fixed", "reservation")
PRICED_STATES = ("priced", "unpriceable", "not_priced")

_CDR = (
    *OWNER,
    required("cdr_id", "The CDR (`core.cdrs`)."),
    required(
        "source",
        "Which tariff: the CDR's own, the one published at session start, or the agreed one.",
        among=SOURCES,
    ),
)
_CDR_KEY = (*(name if name != "id" else "cdr_id" for name in OBJECT_KEY), "source")

NESTED_LINE = pl.Struct(
    {
        "period_index": pl.Int32(),
        "dimension": pl.UInt8(),
        "part": pl.UInt8(),
        "quantity": QUANTITY,
        "billed_quantity": QUANTITY,
        "unit_price": MONEY,
        "amount_excl_vat": MONEY,
        "vat_rate": MONEY,
        "amount_incl_vat": MONEY,
        "tariff": pl.Int32(),
        "element_index": pl.Int32(),
    }
)


def _named(code: str, names: tuple[str, ...]) -> str:
    return f"{list(names)}[c.line.{code} + 1]"


# A filter on the key goes through to the table: the lines of one CDR cost what its row costs.
_LINES_OF_CDRS = f"""\
select
  c.partner,
  c.country_code,
  c.party_id,
  c.cdr_id,
  c.source,
  c.line_index,
  c.line.period_index,
  {_named("dimension", LINE_DIMENSIONS)} as dimension,
  {_named("part", PARTS)} as part,
  c.line.quantity,
  c.line.billed_quantity,
  c.line.unit_price,
  c.line.amount_excl_vat,
  c.line.vat_rate,
  cast(c.line.amount_incl_vat - c.line.amount_excl_vat as decimal(18, 6)) as vat_amount,
  c.line.amount_incl_vat,
  c.tariff_ids[c.line.tariff + 1] as tariff_id,
  c.line.element_index,
  c.currency
from (
  select
    r.partner,
    r.country_code,
    r.party_id,
    r.cdr_id,
    r.source,
    r.currency,
    r.tariff_ids,
    unnest(r.lines) as line,
    cast(generate_subscripts(r.lines, 1) - 1 as integer) as line_index
  from rating.cdrs as r
) as c"""  # noqa: S608 - our own names

RATING_LINES = table(
    "rating.lines",
    "One priced amount: a dimension of a period, a limit or the rounding.",
    (*_CDR_KEY, "line_index"),
    *_CDR,
    whole("line_index", "Order within the CDR and source.", nullable=False),
    whole("period_index", "The charging period; null: about the whole CDR."),
    required("dimension", "What is priced.", among=LINE_DIMENSIONS),
    text("part", "The part of the total it belongs to.", among=PARTS),
    quantity("quantity", "Measured: kWh, hours or times."),
    quantity("billed_quantity", "After step rounding."),
    money("unit_price", "Price for a kWh, an hour or once, as the tariff states it."),
    money("amount_excl_vat", "Amount before taxes; null: unknown."),
    money("vat_rate", "Tax percentage; null: not stated."),
    money("vat_amount", "Tax on the amount; null: unknown."),
    money("amount_incl_vat", "Amount after taxes; null: unknown."),
    text("tariff_id", "The tariff that made it."),
    whole("element_index", "The tariff's element that made it, 0 for the first."),
    required("currency", "ISO 4217 code."),
    query=_LINES_OF_CDRS,
)

RATING_CDRS = table(
    "rating.cdrs",
    "What one CDR should have cost by one tariff source.",
    _CDR_KEY,
    *_CDR,
    required(
        "state",
        "priced; unpriceable: see `reason`; not_priced: credits and home charging.",
        among=PRICED_STATES,
    ),
    text("reason", "Why it is unpriceable."),
    required("currency", "ISO 4217 code."),
    money("expected_excl_vat", "Total before taxes, limits and rounding applied."),
    money("expected_incl_vat", "Total after taxes; null: unknown."),
    money("unrounded_excl_vat", "Total before taxes before the last rounding; null: unknown."),
    money("unrounded_incl_vat", "Total after taxes before the last rounding; null: unknown."),
    *(
        money(f"{part}_cost_{side}_vat", f"Expected {part} part, {side}. taxes.")
        for part in PARTS
        for side in ("excl", "incl")
    ),
    quantity("billed_energy_kwh", "Energy after step rounding."),
    quantity("billed_time_h", "Charging time after step rounding."),
    quantity("billed_parking_h", "Parking time after step rounding."),
    quantity("billed_reservation_h", "Reservation time after step rounding."),
    texts("tariff_ids", "Tariffs used."),
    texts("notes", "What a reader should know, for example PERIOD_SPANS_PRICE_CHANGE."),
    required(
        "input_hash",
        "Hash of all that the CDR's prices were made from: CDR, tariffs, contract, engine.",
    ),
    Column(
        "lines",
        pl.List(NESTED_LINE),
        "The price lines in order, nested; read `rating.lines` instead.",
    ),
)
