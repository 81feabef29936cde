"""Applies the rules to frames of facts: one row of `recon.findings` for each that fired."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import polars as pl

from models.contract import Contract
from models.recon.registry import RULES
from models.recon.rule import Limits, Rule, Stake
from models.tables.kinds import MONEY
from models.tables.recon import FINDINGS

SEVERITY_ORDER = ("fatal", "dispute", "warn")
_DEFAULT = Contract()
_NOTHING = pl.lit(0, dtype=MONEY)
_RANK = {rule.id: position for position, rule in enumerate(RULES)}

#: What a verdict needs to know of a finding beside its columns of `recon.findings`.
EFFECTS: dict[str, pl.DataType] = {
    "row": pl.UInt32(),
    "is_root": pl.Boolean(),
    "rank": pl.Int32(),
    "is_fatal": pl.Boolean(),
    "affects_verdict": pl.Boolean(),
    "non_price_stake_excl_vat": MONEY,
}
FOUND_SCHEMA: dict[str, pl.DataType] = FINDINGS.polars_schema() | EFFECTS


def find(
    facts: pl.DataFrame, rules: Sequence[Rule], contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    """Every finding of the rules about the rows of a frame.

    Args:
        facts: one row for each subject, with the facts that the rules need; `partner`,
            `country_code`, `party_id`, `subject_id`, `currency` and `row`, a number of its own.
        rules: rules about that subject.
        contracts: partner → terms; a partner that is not there has the default ones.

    Returns:
        Columns of `FOUND_SCHEMA`, the heaviest finding of each row first, in order of `row`.
    """
    found = [pl.DataFrame(schema=FOUND_SCHEMA)]
    names = facts["partner"].unique().sort().to_list()
    for partners, limits in _group_by_thresholds(names, contracts):
        part = (
            facts
            if len(partners) == len(names)
            else facts.filter(pl.col("partner").is_in(partners))
        )
        found += _apply_rules(part, rules, limits, contracts)
    weight = pl.col("severity").replace_strict(
        {name: order for order, name in enumerate(SEVERITY_ORDER)}, return_dtype=pl.Int32
    )
    return pl.concat(found).sort(
        "row",
        weight,
        "at_stake_excl_vat",
        pl.col("is_root").fill_null(value=False),
        "rank",
        descending=[False, False, True, True, False],
    )


def _group_by_thresholds(
    partners: Sequence[str], contracts: Mapping[str, Contract]
) -> Iterable[tuple[list[str], Mapping[str, Limits]]]:
    """Partners that share their thresholds, with them: each rule runs once for each group."""
    groups: dict[str, list[str]] = {}
    for partner in partners:
        thresholds = contracts.get(partner, _DEFAULT).thresholds
        groups.setdefault(repr(sorted(thresholds.items())), []).append(partner)
    for members in groups.values():
        own = contracts.get(members[0], _DEFAULT).thresholds
        yield members, {rule.id: {**rule.thresholds, **own.get(rule.id, {})} for rule in RULES}


def _apply_rules(
    facts: pl.DataFrame,
    rules: Sequence[Rule],
    limits: Mapping[str, Limits],
    contracts: Mapping[str, Contract],
) -> list[pl.DataFrame]:
    flags = facts.select(
        (rule.holds(limits[rule.id]) & _concerns(rule)).fill_null(value=False).alias(rule.id)
        for rule in rules
    )
    found = []
    for rule in rules:
        if not flags[rule.id].any():
            continue
        rows = facts.filter(flags[rule.id])
        found.append(_findings(rows, rule, limits[rule.id], contracts))
    return found


def _concerns(rule: Rule) -> pl.Expr:
    if rule.subject != "cdr" or rule.about == "any":
        return pl.lit(value=True)
    return pl.col("credit") if rule.about == "credit" else ~pl.col("credit")


def _findings(
    rows: pl.DataFrame, rule: Rule, limits: Limits, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    term = partial(rule.term, limits=limits)
    severity = _severity(rule, term("severity_of"), contracts)
    stated = rows.with_columns(severity.alias("severity")).filter(pl.col("severity") != "ignore")
    at_stake, is_root = _at_stake(rule, term("at_stake")), term("is_root")
    is_dispute = pl.col("severity") == "dispute"
    doubtful = is_dispute & pl.lit(rule.stake is not Stake.DIFFERENCE)
    columns: dict[str, pl.Expr | None] = {
        "subject": pl.lit(rule.subject),
        "rule_id": pl.lit(rule.id),
        "rule_version": pl.lit(rule.version),
        "cause": term("cause"),
        "observed": _plain(term("observed")),
        "expected": _plain(term("expected")),
        "delta": _whole(term("delta")),
        "unit": term("unit"),
        "at_stake_excl_vat": at_stake,
        "at_stake_vat": _contest(rule, term("at_stake_vat")),
        "related_id": term("related"),
        "message": pl.coalesce(term("message"), pl.lit(rule.title)),
        "is_root": pl.lit(value=False) if is_root is None else is_root,
        "rank": pl.lit(_RANK[rule.id]),
        "is_fatal": (pl.col("severity") == "fatal") | (is_dispute & pl.lit(rule.rejects)),
        "affects_verdict": pl.lit(rule.affects_verdict),
        "non_price_stake_excl_vat": pl.when(doubtful).then(at_stake).otherwise(0),
    }
    return stated.select(_column(name, dtype, columns) for name, dtype in FOUND_SCHEMA.items())


def _column(name: str, dtype: pl.DataType, columns: Mapping[str, pl.Expr | None]) -> pl.Expr:
    if name not in columns:
        return pl.col(name).cast(dtype)
    value = columns[name]
    return (pl.lit(None) if value is None else value).cast(dtype).alias(name)


def _severity(rule: Rule, stated: pl.Expr | None, contracts: Mapping[str, Contract]) -> pl.Expr:
    default = pl.lit(rule.severity) if stated is None else stated
    agreed = {
        partner: contract.severity[rule.id]
        for partner, contract in contracts.items()
        if rule.id in contract.severity
    }
    if not agreed:
        return default
    own = pl.col("partner").replace_strict(agreed, default=None, return_dtype=pl.String)
    return pl.coalesce(own, default)


def _at_stake(rule: Rule, amount: pl.Expr | None) -> pl.Expr:
    """Return the amount that the finding contests before taxes."""
    if rule.subject != "cdr":
        return _contest(rule, amount)
    if rule.stake is Stake.CLAIM:
        amount = pl.col("claimed_excl_vat")
    if amount is None:
        return _NOTHING
    # A credit that takes a part off settles that much of whatever is contested.
    rest = amount.fill_null(0).cast(MONEY) - pl.col("taken_off_excl_vat")
    return _contest(rule, pl.max_horizontal(rest, _NOTHING))


def _contest(rule: Rule, amount: pl.Expr | None) -> pl.Expr:
    """Return an amount at stake: nothing in a warning, nothing where the claim is cancelled."""
    if amount is None:
        return _NOTHING
    contests = pl.col("severity") != "warn"
    at_stake = amount.fill_null(0).cast(MONEY)
    if rule.subject == "cdr":
        contests &= ~pl.col("is_cancelled_pair")
    return pl.when(contests).then(at_stake).otherwise(_NOTHING)


def _plain(value: pl.Expr | None) -> pl.Expr | None:
    """Return a value as text, without the zeros that a Decimal drags along."""
    if value is None:
        return None
    text = value.cast(pl.String)
    is_decimal = text.str.contains(r"^-?\d+\.\d{3,}$")
    trimmed = text.str.replace(r"(\.\d\d\d*?)0+$", "${1}")
    return pl.when(is_decimal).then(trimmed).otherwise(text)


def _whole(value: pl.Expr | None) -> pl.Expr | None:
    return None if value is None else value.cast(pl.Decimal(38, 9)).round(6)
