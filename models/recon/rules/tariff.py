"""Tariff: is there a price to hold the claim against, and is it the one that was published?"""

import polars as pl

from models.recon import price
from models.recon.quantities import positive
from models.recon.rule import CURRENCY, Rule, Stake, compared
from models.recon.words import timestamp


def _reasons_are(reason: str) -> pl.Expr:
    return pl.any_horizontal(
        pl.col("embedded_reason", "published_reason").eq_missing(pl.lit(reason))
    )


def _unpriced() -> pl.Expr:
    return pl.col("tariff_source").is_null() & ~pl.col("home_charging_compensation")


def _is_agreed() -> pl.Expr:
    """Tell whether an agreed price decides, so that no published one does."""
    return pl.col("tariff_source").eq_missing(pl.lit("agreement"))


def _embedded_surplus() -> pl.Expr:
    return pl.col("expected_embedded_excl_vat") - pl.col("expected_published_excl_vat")


TARIFF_MISSING = Rule(
    id="TARIFF_MISSING",
    severity="dispute",
    stake=Stake.CLAIM,
    title="no tariff, neither in the CDR nor published",
    condition=(
        _unpriced()
        & (pl.col("embedded_reason").fill_null("TARIFF_MISSING") == "TARIFF_MISSING")
        & (pl.col("published_reason").fill_null("TARIFF_MISSING") == "TARIFF_MISSING")
    ),
    message="No tariff is known for this charge, neither in the CDR nor published: the "
    "{claimed_excl_vat:money} claimed cannot be checked.",
)

TARIFF_NOT_ACTIVE = Rule(
    id="TARIFF_NOT_ACTIVE",
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="a tariff outside its validity when the session started",
    condition=_reasons_are("TARIFF_NOT_ACTIVE") & ~_is_agreed(),
    message="The tariff that the charge of {start_at:timestamp} is billed by was not valid at its "
    "start.",
    observed=timestamp("start_at"),
    at_stake=pl.when(_unpriced())
    .then(positive(pl.col("claimed_excl_vat")))
    .otherwise(positive(price.net_of(price.delta()))),
)

TARIFF_DIFFERS_FROM_PUBLISHED = Rule(
    id="TARIFF_DIFFERS_FROM_PUBLISHED",
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="the CDR's tariff has other prices than the version published at its start",
    condition=pl.col("differing_tariff_id").is_not_null() & ~_is_agreed(),
    message="The CDR carries tariff {differing_tariff_id} with other prices than those published "
    "on {start_at:timestamp}: by its own it costs {expected_embedded_excl_vat:money}, by the "
    "published one {expected_published_excl_vat:money}.",
    **compared(
        "expected_embedded_excl_vat", "expected_published_excl_vat", CURRENCY, _embedded_surplus()
    ),
    at_stake=pl.min_horizontal(
        positive(_embedded_surplus()), positive(price.net_of(price.delta()))
    ),
    cause=pl.when(pl.col("cause") == "WRONG_TARIFF_VERSION").then("cause"),
    related=pl.col("differing_tariff_id"),
)

PERIOD_SPANS_PRICE_CHANGE = Rule(
    id="PERIOD_SPANS_PRICE_CHANGE",
    severity="warn",
    title="a charging period goes on over a price change, where it should have been split",
    condition=pl.col("notes").list.contains("PERIOD_SPANS_PRICE_CHANGE"),
    message="A charging period goes on over a change of price; it is priced as it began.",
)

RESTRICTION_UNVERIFIABLE = Rule(
    id="RESTRICTION_UNVERIFIABLE",
    severity="warn",
    title="a restriction of the tariff cannot be checked with what the CDR says",
    condition=pl.col("notes").list.contains("RESTRICTION_UNVERIFIABLE"),
    message="The tariff depends on something that the CDR does not state (such as the current), "
    "or that OCPI does not know.",
)

TARIFF_AMBIGUOUS = Rule(
    id="TARIFF_AMBIGUOUS",
    severity="warn",
    title="several tariffs may apply, nothing says which, and they give different prices",
    condition=pl.col("notes").list.contains("TARIFF_AMBIGUOUS"),
    message="Several tariffs may apply and the charging periods name none: what any of them gives "
    "is accepted; the nearest is {expected_excl_vat:money}.",
)

PARKING_WHILE_CHARGING = Rule(
    id="PARKING_WHILE_CHARGING",
    severity="warn",
    title="parking time is billed while the vehicle still charged",
    condition=pl.col("notes").list.contains("PARKING_WHILE_CHARGING"),
    message="Parking time is billed in a period with energy, or before a later one: parking is "
    "time in which the vehicle asks for no power.",
)
