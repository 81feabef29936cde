"""Credit: does a credit CDR cancel its original, once and exactly, and what comes after it?"""

import polars as pl

from models.recon.quantities import HOUR_S, made_at
from models.recon.rule import CURRENCY, Limits, Rule, Stake
from models.recon.words import either


def _waited(limits: Limits) -> pl.Expr:
    """Long enough since the credit was made, or since we had it where it does not say."""
    return (pl.col("as_of") - made_at()).dt.total_seconds() >= pl.lit(limits["wait_h"] * HOUR_S)


def _original_excl_vat() -> pl.Expr:
    return pl.when(pl.col("credit")).then("original_excl_vat").otherwise("claimed_excl_vat")


def _is_billed_again() -> pl.Expr:
    """Tell whether a credit took only a part off, and another CDR is for the same session."""
    return (
        (pl.col("taken_off_excl_vat") > 0)
        & (pl.col("taken_off_excl_vat") < pl.col("claimed_excl_vat"))
        & pl.col("replaced_by_id").is_not_null()
    )


CREDIT_ORIGINAL_MISSING = Rule(
    id="CREDIT_ORIGINAL_MISSING",
    severity="dispute",
    stake=Stake.CLAIM,
    title="a credit whose original has not come in a week",
    condition=lambda limits: pl.col("original_id").is_null() & _waited(limits),
    message="The credit of {claimed_excl_vat:money} is for CDR {credit_reference_id}, which never "
    "came: there is nothing to cancel.",
    expected=pl.col("credit_reference_id"),
    related=pl.col("credit_reference_id"),
    about="credit",
    rejects=True,
)

CREDIT_AMOUNT_MISMATCH = Rule(
    id="CREDIT_AMOUNT_MISMATCH",
    version=2,
    severity="dispute",
    stake=Stake.CLAIM,
    title="a credit of another amount than its original, and what is billed again of that one",
    condition=(
        pl.when(pl.col("credit"))
        .then(pl.col("original_id").is_not_null() & ~pl.col("credit_is_exact"))
        .otherwise(_is_billed_again())
    ),
    message=either(
        pl.col("credit"),
        "The credit is {claimed_excl_vat:money}, its original CDR {original_id} claimed "
        "{original_excl_vat:money}: a credit must cancel it exactly.",
        "Credit {credited_by_id} takes {taken_off_excl_vat:money} off the "
        "{claimed_excl_vat:money} claimed, and CDR {replaced_by_id} bills the charge again: the "
        "rest is claimed twice.",
    ),
    observed=pl.when(pl.col("credit"))
    .then("claimed_excl_vat")
    .otherwise(-pl.col("taken_off_excl_vat")),
    expected=-_original_excl_vat(),
    delta=pl.when(pl.col("credit"))
    .then(pl.col("claimed_excl_vat") + pl.col("original_excl_vat"))
    .otherwise(pl.col("claimed_excl_vat") - pl.col("taken_off_excl_vat")),
    unit=CURRENCY,
    related=pl.coalesce("original_id", "credited_by_id"),
    about="any",
)

CREDITED_TWICE = Rule(
    id="CREDITED_TWICE",
    version=2,
    severity="fatal",
    stake=Stake.CLAIM,
    title="a further credit for an original that is credited already",
    condition=(~pl.col("credit_is_honoured") & (pl.col("first_credit_id") != pl.col("id"))),
    message="CDR {original_id} was credited by {first_credit_id} already; it cannot be credited "
    "again.",
    observed=pl.col("id"),
    expected=pl.col("first_credit_id"),
    related=pl.col("first_credit_id"),
    about="credit",
)

CREDIT_WITHOUT_REPLACEMENT = Rule(
    id="CREDIT_WITHOUT_REPLACEMENT",
    severity="warn",
    title="a credit after which no other CDR for the session came in two weeks",
    condition=lambda limits: (
        pl.col("is_cancelled_pair") & pl.col("replaced_by_id").is_null() & _waited(limits)
    ),
    message="CDR {original_id} was cancelled on {last_updated_at:timestamp}, and no other CDR for "
    "its session came since.",
    related=pl.col("original_id"),
    about="credit",
)
