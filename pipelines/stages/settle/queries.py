"""The files of `models/sql/settle`, and the expressions that fill their blanks."""

from __future__ import annotations

from functools import cache

from models.settle.repriced import DISPROVED
from models.settle.repriced import VERDICTS as VERDICTS_REPRICED
from models.tables import STATEMENT_LINES
from models.tables.rating import LINE_DIMENSIONS
from models.tables.recon import VERDICTS
from models.tables.settle import AGE_BUCKETS, STATEMENT_KEY
from pipelines.warehouse import sql_files

_REMAINING = (
    "claimed_excl_vat",
    "payable_excl_vat",
    "disputed_excl_vat",
    "rejected_excl_vat",
    "expected_excl_vat",
    "conceded_excl_vat",
    "claimed_incl_vat",
)
_DISPUTED = (
    *("partner", "cdr_country_code", "cdr_party_id", "cdr_id", "country_code", "party_id"),
    *("month", "currency", "direction", "section", "basis_at", "disputed_excl_vat"),
    *("rejected_excl_vat", "cause", "rules", "message"),
)
_REPORTED = ("claimed", "payable", "disputed")
_AGE_EDGES = dict(zip(AGE_BUCKETS, ((None, 30), (30, 60), (60, 90), (90, None)), strict=True))


@cache
def statement(name: str, **blanks: str) -> str:
    """One statement of `models/sql/settle`, its blanks filled with columns of `models.tables`.

    Args:
        name: the file's name without `.sql`.
        blanks: further blanks → identifiers of our own, never values.
    """
    text = sql_files.statement("settle", name)
    for blank, expression in (_blanks() | blanks).items():
        text = text.replace("{" + blank + "}", expression)
    return text


@cache
def _blanks() -> dict[str, str]:
    reporting = {f"{name}_reporting_excl_vat" for name in _REPORTED}
    return {
        "key": ", ".join(STATEMENT_KEY),
        "names": ", ".join(c.name for c in STATEMENT_LINES.columns if c.name not in reporting),
        "remaining": ",\n            ".join(map(_left_to_post, _REMAINING)),
        "converted": ",\n    ".join(map(_converted, _REPORTED)),
        "dispute_columns": ", ".join(f"l.{name}" for name in _DISPUTED),
        "blended": ", ".join(str(LINE_DIMENSIONS.index(name)) for name in ("LIMIT", "ROUNDING")),
        "tax": (
            "cast(cast(s.payable_excl_vat as decimal(24, 6)) * cast(s.vat_rate as decimal(9, 6))"
            " * 0.01 as decimal(38, 14))"
        ),
        "tax_micro": _micro("(s.claimed_incl_vat - s.claimed_excl_vat)"),
        "net_micro": _micro("s.claimed_excl_vat"),
        "verdict_counts": ",\n        ".join(
            f"coalesce(sum(line_count) filter (where kind = 'cdr' and verdict = '{verdict}'), 0) "
            f"as {verdict}_count"
            for verdict in VERDICTS
        ),
        "ageing": ",\n        ".join(_aged(bucket) for bucket in AGE_BUCKETS),
        "no_ages": ", ".join(f"0 as {name}" for name in map(_age_column, AGE_BUCKETS)),
        "aged": ", ".join(
            f"{name} = coalesce(a.{name}, 0)" for name in map(_age_column, AGE_BUCKETS)
        ),
        "same_statement": " and ".join(f"s.{name} = a.{name}" for name in STATEMENT_KEY),
        "is_repriced": _is_repriced(),
        "reporting_parts": ",\n        ".join(
            f"sum({name}_reporting_excl_vat) as {name}_reporting_excl_vat" for name in _REPORTED
        ),
        "reporting": _reporting(),
    }


def _is_repriced() -> str:
    """Whether a line counts in its statement's repriced total; see `models.settle.repriced`."""
    verdicts = ", ".join(f"'{verdict}'" for verdict in VERDICTS_REPRICED)
    return (
        f"kind = 'cdr' and verdict in ({verdicts}) and claimed_excl_vat is not null "
        "and expected_excl_vat is not null and case when cause is null then true "
        f"else not coalesce(list_has_any(list_append(rules, cause), {list(DISPROVED)}), false) end"
    )


def _left_to_post(column: str) -> str:
    """What is not in a locked month yet; unknown minus nothing stays unknown."""
    return (
        f"case when b.{column} is null then s.{column} "
        f"else coalesce(s.{column}, 0) - b.{column} end as {column}"
    )


def _micro(amount: str) -> str:
    """An amount in whole millionths; the wider decimal keeps large ones from overflowing."""
    return f"cast(cast({amount} as decimal(28, 6)) * 1000000 as hugeint)"


def _converted(name: str) -> str:
    """Exact half-up conversion in whole millionths; see `models.settle.fx.convert`."""
    amount = f"{name}_excl_vat"
    quote, reporting = _micro("fx_quote"), _micro("fx_reporting_quote")
    size = f"(2 * abs({_micro(amount)}) * {reporting} + {quote}) // (2 * {quote})"
    return (
        f"case when fx_quote = fx_reporting_quote then {amount} else "
        f"cast(cast(cast(sign({amount}) as hugeint) * ({size}) as decimal(30, 0)) * 0.000001 "
        f"as decimal(18, 6)) end as {name}_reporting_excl_vat"
    )


def _aged(bucket: str) -> str:
    over, upto = _AGE_EDGES[bucket]
    days = "date_diff('day', basis_at, $as_of)"
    bounds = [f"{days} > {over}"] if over is not None else []
    bounds += [f"{days} <= {upto}"] if upto is not None else []
    return f"sum(disputed_excl_vat) filter (where {' and '.join(bounds)}) as {_age_column(bucket)}"


def _age_column(bucket: str) -> str:
    return f"disputed_{bucket}_days_excl_vat"


def _reporting() -> str:
    """Converted totals, unknown as a whole where the rate of any line is unknown."""
    known = "bool_and(rate_known)"
    sums = [
        f"case when {known} then coalesce(sum({name}_reporting_excl_vat), 0) end "
        f"as {name}_reporting_excl_vat"
        for name in _REPORTED
    ]
    return ",\n        ".join(
        [f"case when {known} then $reporting end as reporting_currency", *sums]
    )
