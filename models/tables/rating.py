"""`rating.*`: what each CDR should have cost, and why."""

import polars as pl

from models.tables.kinds import (
    OBJECT_KEY,
    OWNER,
    Column,
    Table,
    money,
    quantity,
    required,
    text,
    texts,
    whole,
)

SOURCES = ("embedded", "published")
LINE_DIMENSIONS = (
    "ENERGY",
    "TIME",
    "PARKING_TIME",
    "RESERVATION_TIME",
    "FLAT",
    "LIMIT",
    "ROUNDING",
)
PARTS = ("energy", "time", "parking", "fixed", "reservation")
PRICED_STATES = ("priced", "unpriceable", "not_priced")

_CDR = (
    *OWNER,
    required("cdr_id", "The CDR (`core.cdrs`)."),
    required(
        "source",
        "Which tariff: the CDR's own, or the one published at session start.",
        among=SOURCES,
    ),
)
_CDR_KEY = (*(name if name != "id" else "cdr_id" for name in OBJECT_KEY), "source")

RATING_LINES = Table(
    "rating.lines",
    "One priced amount: a dimension of a period, a limit or the rounding.",
    (*_CDR_KEY, "line_index"),
    (
        *_CDR,
        whole("line_index", "Order within the CDR and source.", nullable=False),
        whole("period_index", "The charging period; null: about the whole CDR."),
        required("dimension", "What is priced.", among=LINE_DIMENSIONS),
        text("part", "The part of the total it belongs to.", among=PARTS),
        quantity("quantity", "Measured: kWh, hours or times."),
        quantity("billed_quantity", "After step rounding."),
        money("unit_price", "Price for a kWh, an hour or once, as the tariff states it."),
        Column("amount_excl_vat", pl.Decimal(18, 6), "Amount before taxes; null: unknown."),
        money("vat_rate", "Tax percentage; null: not stated."),
        money("vat_amount", "Tax on the amount; null: unknown."),
        money("amount_incl_vat", "Amount after taxes; null: unknown."),
        text("tariff_id", "The tariff that made it."),
        whole("element_index", "The tariff's element that made it, 0 for the first."),
        required("currency", "ISO 4217 code."),
    ),
)

RATING_CDRS = Table(
    "rating.cdrs",
    "What one CDR should have cost by one tariff source.",
    _CDR_KEY,
    (
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
            "Hash of everything the price was made from: CDR, tariffs, contract, engine.",
        ),
    ),
)
