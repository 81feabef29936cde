"""Charges that nobody made yet, priced by the rating engine: for baskets and the simulator.

No price is computed here: charges become CDRs, and `models.rating` does the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import polars as pl

from models.marts.prices_charge import Charge, Thresholds, charge_periods, thresholds
from models.rating.batch import rate_frames
from models.rating.numbers import parse_json
from models.rating.result import Rated, unnest_lines
from models.rating.tariff import compile_tariff_text, tariff_set
from models.tables.charging import CHARGING_PERIODS
from models.tables.kinds import INSTANT

NOTHING_APPLIES: Final = "NOTHING_APPLIES"
"""No price component of the tariff covers anything of the charge: to the letter it costs nothing,
but nobody said that it is free."""

_SOURCE: Final = "published"
_PRICED_DIMENSIONS: Final = ("ENERGY", "TIME", "PARKING_TIME", "FLAT")
_OWNER: Final = ("partner", "country_code", "party_id")
_FLAGS: Final = ("credit", "home_charging_compensation", "zone_assumed")
_CDR: Final = pl.Schema(
    {
        "id": pl.String(),
        "start_at": INSTANT,
        "end_at": INSTANT,
        "currency": pl.String(),
        "zone": pl.String(),
    }
)
_NO_ID: Final = "PERIOD_WITHOUT_TARIFF_ID"


@dataclass(frozen=True)
class Case:
    """A charge at a connector."""

    charge: Charge  # what is charged
    # canonical 2.3.0 JSON of the connector's tariffs, in its order; at least one
    tariffs: tuple[str, ...]
    zone: str | None  # IANA zone of the location; None: unknown


def price_cases(cases: Sequence[Case], *, compiled: bool | None = None) -> Rated:
    """Price charges, each by the tariff that applies of those offered.

    Args:
        cases: the charges; `cdr_id` is the place in them.
        compiled: see `models.rating.run.price`.

    Returns:
        Prices. What no component covers is `unpriceable` for `NOTHING_APPLIES`.
    """
    texts = sorted({text for case in cases for text in case.tariffs})
    rows = {text: row for row, text in enumerate(texts)}
    compiled_tariffs = tariff_set([compile_tariff_text(text) for text in texts])
    offered = [
        {"cdr_row": place, "tariff": rows[text]}
        for place, case in enumerate(cases)
        for text in case.tariffs
    ]
    candidates = pl.DataFrame(offered, schema={"cdr_row": pl.Int64, "tariff": pl.Int64})
    priced = rate_frames(
        _cdrs(cases),
        _periods(cases),
        {_SOURCE: candidates},
        compiled_tariffs,
        contracts={},
        compiled=compiled,
    )
    return _with_free_charges(unnest_lines(priced))


def _cdrs(cases: Sequence[Case]) -> pl.DataFrame:
    stated = pl.DataFrame(
        {
            "id": [str(place) for place in range(len(cases))],
            "start_at": [case.charge.start_at for case in cases],
            "end_at": [case.charge.end_at for case in cases],
            "currency": [_currency(case) for case in cases],
            "zone": [case.zone for case in cases],
        },
        schema=_CDR,
    )
    return stated.with_columns(
        *(pl.lit("").alias(name) for name in _OWNER),
        pl.lit(None, dtype=pl.Int64).alias("period_count"),
        *(pl.lit(value=False).alias(name) for name in _FLAGS),
    )


def _currency(case: Case) -> str:
    """Return that of the tariff likely to apply: the first for all sessions, else the first."""
    stated = [compile_tariff_text(text) for text in case.tariffs]
    regular = [tariff for tariff, text in zip(stated, case.tariffs, strict=True) if _regular(text)]
    return (regular or stated)[0].currency


def _periods(cases: Sequence[Case]) -> pl.DataFrame:
    schema: dict[str, Any] = CHARGING_PERIODS.polars_schema()
    rows = [
        {**dict.fromkeys(_OWNER, ""), "cdr_id": str(place), "cdr_row": place, **row}
        for place, case in enumerate(cases)
        for row in charge_periods(case.charge, offered_thresholds(case.tariffs), case.zone)
    ]
    return pl.DataFrame(rows, schema={**schema, "cdr_row": pl.Int64()})


@lru_cache(maxsize=65_536)
def offered_thresholds(texts: tuple[str, ...]) -> Thresholds:
    """Return the thresholds of tariffs as JSON; each distinct offer is read once."""
    return thresholds([_object(text) for text in texts])


@lru_cache(maxsize=65_536)
def _regular(text: str) -> bool:
    return _object(text).get("type") in (None, "REGULAR")


def _object(text: str) -> dict[str, Any]:
    try:
        tariff = parse_json(text)
    except ValueError:
        return {}
    return tariff if isinstance(tariff, dict) else {}


def _with_free_charges(rated: Rated) -> Rated:
    """Tell what is free from what no component covers; drop the note that fits every charge."""
    covered = rated.lines.filter(pl.col("dimension").is_in(_PRICED_DIMENSIONS))["cdr_id"].unique()
    bare = (pl.col("state") == "priced") & ~pl.col("cdr_id").is_in(covered.implode())
    cdrs = rated.cdrs.with_columns(
        state=pl.when(bare).then(pl.lit("unpriceable")).otherwise("state"),
        reason=pl.when(bare).then(pl.lit(NOTHING_APPLIES)).otherwise("reason"),
        notes=pl.col("notes").list.filter(pl.element() != _NO_ID),
    )
    return Rated(cdrs)
