"""Money, the claim's inner arithmetic: parts against total, taxes, currency, sign."""

import polars as pl

from models.money import minor_unit, to_minor_unit
from models.recon import price
from models.recon.quantities import positive
from models.recon.rule import CURRENCY, Limits, Rule, Stake, compared
from models.recon.words import decimals, either, sentence
from models.tables.rating import PARTS


def _parts_sum() -> pl.Expr:
    return pl.sum_horizontal(
        *(pl.col(f"claimed_{part}_cost_excl_vat").fill_null(0) for part in PARTS)
    )


def _off_parts() -> pl.Expr:
    return pl.col("claimed_excl_vat") - _parts_sum()


def _has_odd_parts(limits: Limits) -> pl.Expr:
    allowed = pl.col("parts_stated") * minor_unit() * pl.lit(limits["minor_units_per_part"])
    limited = pl.col("limit_applied") & price.comparison().is_in(["agreed", "tolerated"])
    return (
        (pl.col("parts_stated") > 0)
        & (_off_parts().abs() > allowed)
        & ~limited.fill_null(value=False)
    )


BREAKDOWN_MISMATCH = Rule(
    id="BREAKDOWN_MISMATCH",
    severity="dispute",
    title="its parts do not add up to its total; a price limit is allowed for",
    condition=_has_odd_parts,
    message=sentence(
        "The parts add up to {parts:money}, the total says {claimed_excl_vat:money}.",
        parts=_parts_sum(),
    ),
    **compared("claimed_excl_vat", _parts_sum(), CURRENCY, _off_parts()),
)


def _implied_rate() -> pl.Expr:
    net = pl.col("claimed_excl_vat")
    return (pl.col("claimed_incl_vat") - net) * 100 / net


def _is_taxed_claim() -> pl.Expr:
    return (
        (pl.col("claimed_excl_vat") > 0)
        & pl.col("claimed_incl_vat").is_not_null()
        & ~pl.col("reverse_charge")
    )


def _at_rate(rate: pl.Expr) -> pl.Expr:
    """Tell where the claimed gross is the net at this rate; each rounded amount may be one off."""
    gross = pl.col("claimed_excl_vat") * (rate + 100) / 100
    parts = pl.max_horizontal(pl.col("parts_stated"), pl.lit(1))
    allowed = pl.col("tolerance_absolute") + minor_unit() * parts
    return (pl.col("claimed_incl_vat") - gross).abs() <= allowed


def _single_rate() -> pl.Expr:
    return pl.when(pl.col("vat_rate_low") == pl.col("vat_rate_high")).then("vat_rate_low")


def _right_rate() -> pl.Expr:
    """Return the rate to pay: the one that is named or, where it is not allowed, the country's."""
    is_wrong = ~pl.col("vat_rates_allowed").list.contains(pl.col("vat_rate_low"))
    return pl.when(is_wrong).then("vat_standard_rate").otherwise(_single_rate())


def _gross_at(rate: pl.Expr) -> pl.Expr:
    return to_minor_unit(pl.col("claimed_excl_vat") * (rate + 100) / 100)


def _excess_over(rate: pl.Expr) -> pl.Expr:
    """Return the tax that is charged beyond what the claim has at this rate."""
    return positive(pl.col("claimed_incl_vat") - _gross_at(rate))


def _shortfall(rate: pl.Expr) -> pl.Expr:
    """Say how much less tax is claimed than a statement has, at this rate; empty: none."""
    missing = positive(_gross_at(rate) - pl.col("claimed_incl_vat"))
    told = sentence(": {missing:money} less than the tax that the statement has", missing=missing)
    return pl.when(missing > 0).then(told).otherwise(pl.lit(""))


VAT_RATE_MISMATCH = Rule(
    id="VAT_RATE_MISMATCH",
    severity="dispute",
    stake=Stake.TAX,
    title="its tax rate is not the country's on that day",
    condition=(
        _is_taxed_claim()
        & (
            pl.when(pl.col("vat_rate_low").is_not_null())
            .then(
                ~pl.col("vat_rates_allowed").list.contains(pl.col("vat_rate_low"))
                | ~pl.col("vat_rates_allowed").list.contains(pl.col("vat_rate_high"))
            )
            .otherwise(
                (pl.col("claimed_incl_vat") != pl.col("claimed_excl_vat"))
                & ~_at_rate(pl.col("vat_standard_rate"))
            )
        )
    ),
    message=sentence(
        "Tax is billed at {rate:percent}; in {country} the rate was {vat_standard_rate:percent} "
        "on that day{short}.",
        rate=pl.coalesce(_single_rate(), _implied_rate()),
        short=_shortfall(pl.col("vat_standard_rate")),
    ),
    observed=decimals(pl.coalesce(_single_rate(), _implied_rate()), 1),
    expected=decimals("vat_standard_rate", 1),
    delta=pl.coalesce(_single_rate(), _implied_rate()) - pl.col("vat_standard_rate"),
    unit="%",
    at_stake_vat=_excess_over(pl.col("vat_standard_rate")),
)

VAT_ARITHMETIC = Rule(
    id="VAT_ARITHMETIC",
    severity="dispute",
    stake=Stake.TAX,
    title="net and tax at its own rate do not make the gross total",
    condition=(
        _is_taxed_claim()
        & (
            ~_at_rate(_single_rate()).fill_null(value=True)
            | (pl.col("claimed_incl_vat") < pl.col("claimed_excl_vat"))
        )
    ),
    message=sentence(
        "{claimed_excl_vat:money} before taxes with {rate:percent} tax is not "
        "{claimed_incl_vat:money} after taxes{short}.",
        rate=_single_rate(),
        short=_shortfall(_right_rate()),
    ),
    observed=pl.col("claimed_incl_vat"),
    expected=_gross_at(_single_rate()),
    delta=pl.col("claimed_incl_vat") - pl.col("claimed_excl_vat") * (_single_rate() + 100) / 100,
    unit=CURRENCY,
    at_stake_vat=_excess_over(_right_rate()),
)

REVERSE_CHARGE_VIOLATED = Rule(
    id="REVERSE_CHARGE_VIOLATED",
    severity="dispute",
    stake=Stake.TAX,
    title="tax is charged where the contract says that the recipient owes it",
    condition=(
        pl.col("reverse_charge") & (pl.col("claimed_incl_vat") > pl.col("claimed_excl_vat"))
    ),
    message=sentence(
        "{tax:money} of tax is charged, although under reverse charge we owe it ourselves.",
        tax=pl.col("claimed_incl_vat") - pl.col("claimed_excl_vat"),
    ),
    **compared("claimed_incl_vat", "claimed_excl_vat", CURRENCY),
    at_stake_vat=pl.col("claimed_incl_vat") - pl.col("claimed_excl_vat"),
)


def _other_than_contract() -> pl.Expr:
    return (pl.col("currency") != pl.col("contract_currency")).fill_null(value=False)


def _other_than_tariff() -> pl.Expr:
    mismatch = pl.any_horizontal(
        pl.col("embedded_reason", "published_reason").eq_missing(pl.lit("CURRENCY_MISMATCH"))
    )
    return mismatch & pl.col("tariff_source").is_null()


CURRENCY_MISMATCH = Rule(
    id="CURRENCY_MISMATCH",
    severity="fatal",
    stake=Stake.CLAIM,
    title="its currency is not the tariff's, or not the contract's",
    condition=_other_than_contract() | _other_than_tariff(),
    message=either(
        _other_than_contract(),
        "The CDR is in {currency}, the contract says {contract_currency}.",
        "The CDR is in {currency}, its tariff is in another currency.",
    ),
    observed=pl.col("currency"),
    expected=pl.col("contract_currency"),
    about="any",
)

NEGATIVE_WITHOUT_CREDIT = Rule(
    id="NEGATIVE_WITHOUT_CREDIT",
    version=2,
    severity="fatal",
    stake=Stake.CLAIM,
    title="a total below zero on a CDR that is no credit, and its price is not",
    condition=((pl.col("claimed_excl_vat") < 0) & (pl.col("expected_excl_vat").fill_null(0) >= 0)),
    message="{claimed_excl_vat:money} are claimed by a CDR that is not marked as a credit.",
    observed=pl.col("claimed_excl_vat"),
    expected=pl.lit(0),
    unit=CURRENCY,
)
