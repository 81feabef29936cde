"""Puts facts, findings and verdicts together into the rows of `recon.cdrs`."""

from collections.abc import Mapping

import polars as pl

from models.contract import Contract
from models.money import to_minor_unit
from models.recon.facts import recheck_at
from models.recon.verdicts import ZERO, judge
from models.tables.kinds import MONEY
from models.tables.recon import FINDINGS, RECON_CDRS

_WIDE = pl.Decimal(38, 9)


def assemble_verdicts(
    facts: pl.DataFrame, found: pl.DataFrame, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    """Return the verdict on each CDR.

    Returns:
        Rows of `recon.cdrs`, in the order of the facts.
    """
    weighed = found.group_by("row", maintain_order=True).agg(
        (pl.col("is_fatal") & pl.col("affects_verdict")).any().alias("has_fatal"),
        _largest("at_stake_excl_vat").alias("stake_excl_vat"),
        _largest("non_price_stake_excl_vat").alias("non_price_stake_excl_vat"),
        _largest("at_stake_vat").alias("stake_vat"),
        pl.col("rule_id").alias("rule_ids"),
        pl.col("rule_id").first().alias("main_rule_id"),
        pl.len().cast(pl.Int64).alias("finding_count"),
    )
    claims = facts.join(weighed, on="row", how="left", maintain_order="left").with_columns(
        pl.col("has_fatal").fill_null(value=False),
        pl.col("stake_excl_vat", "non_price_stake_excl_vat", "stake_vat").fill_null(0).cast(MONEY),
        pl.col("finding_count").fill_null(0),
        pl.col("rule_ids").fill_null([]),
    )
    verdicts = judge(claims)
    return verdicts.select(
        _columns(contracts)
        .get(name, pl.col(name) if name in verdicts.columns else pl.lit(None))
        .cast(dtype)
        .alias(name)
        for name, dtype in RECON_CDRS.polars_schema().items()
    )


def finding_rows(found: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `recon.findings`, without what only verdicts need."""
    return found.select(*FINDINGS.polars_schema())


def _largest(name: str) -> pl.Expr:
    """Return the largest amount among dispute findings that judge the claim."""
    counts = (pl.col("severity") == "dispute") & pl.col("affects_verdict")
    return pl.max_horizontal(pl.col(name).filter(counts).max().fill_null(0), ZERO).cast(MONEY)


def _columns(contracts: Mapping[str, Contract]) -> dict[str, pl.Expr]:
    """Columns of `recon.cdrs` that are not facts or verdicts by the same name."""
    return {
        "session_id": pl.col("matched_session_id"),
        "reason": pl.when(pl.col("verdict") == "unpriceable").then(_reason()),
        "credits_id": pl.when(pl.col("credit_is_honoured")).then("original_id"),
        "recheck_at": recheck_at(contracts),
        "at_stake_vat": _payable_share_of_stake_vat(),
        "energy_kwh": _energy_kwh(),
    }


def _payable_share_of_stake_vat() -> pl.Expr:
    """Return the tax in doubt on what is payable: no other tax would be paid anyway."""
    # Multiplied before it is divided: the share itself has no end of decimals.
    share = (
        pl.col("stake_vat").cast(_WIDE) * pl.col("payable_excl_vat") / pl.col("claimed_excl_vat")
    )
    partly = (pl.col("stake_vat") > 0) & (pl.col("claimed_excl_vat") > 0)
    return pl.when(partly).then(to_minor_unit(share)).otherwise(0)


def _energy_kwh() -> pl.Expr:
    """Return the energy that sums count: a credit takes its own off, whichever sign it states."""
    energy = pl.col("total_energy_kwh")
    taken_back = pl.coalesce("taken_back_kwh", energy.abs())
    return pl.when(pl.col("credit")).then(-taken_back).otherwise(energy)


def _reason() -> pl.Expr:
    # Of two sources without a price, the one that got further says more.
    stated = [
        pl.when(pl.col(source) != "TARIFF_MISSING").then(pl.col(source))
        for source in ("published_reason", "embedded_reason")
    ]
    return (
        pl.when(pl.col("credit") & pl.col("original_id").is_null())
        .then(pl.lit("CREDIT_WITHOUT_ORIGINAL"))
        .when(pl.col("credit"))
        .then(pl.lit("CREDIT_AMOUNT_MISMATCH"))
        .when(pl.col("claimed_excl_vat").is_null())
        .then(pl.lit("CLAIM_NOT_STATED"))
        .otherwise(pl.coalesce(*stated, pl.lit("TARIFF_MISSING")))
    )
