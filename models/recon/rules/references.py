"""References: do the place and the token of a CDR exist, and were they in order?"""

import polars as pl

from models.recon.rule import Rule, Stake, compared
from models.recon.words import decimals, either, sentence, timestamp


def _other(name: str) -> pl.Expr:
    """Tell where CDR and session both state something and do not agree (CiString)."""
    said, by_session = pl.col(name).str.to_lowercase(), pl.col(f"session_{name}").str.to_lowercase()
    return (said != by_session).fill_null(value=False)


def _other_token() -> pl.Expr:
    return _other("token_uid")


def _other_reference() -> pl.Expr:
    """Leave reservations out: theirs may have an authorisation of its own (mod_cdrs)."""
    return _other("authorization_reference") & ~_is_reserved()


def _is_reserved() -> pl.Expr:
    return (
        pl.col("booking_id").is_not_null()
        | (pl.col("claimed_reservation_cost_excl_vat").fill_null(0) > 0)
        | (pl.col("period_reservation_h").fill_null(0) > 0)
        | pl.col("reservation_expired")
    )


def token_blocked() -> pl.Expr:
    """Tell a charge that began when its token was not valid."""
    return (pl.col("token_blocked_at") <= pl.col("start_at")).fill_null(value=False)


def made_for_an_app() -> pl.Expr:
    """Tell tokens made for an app or ad hoc use: those need not be known."""
    return pl.col("token_type").is_in(["AD_HOC_USER", "APP_USER"])


LOCATION_UNKNOWN = Rule(
    id="LOCATION_UNKNOWN",
    severity="warn",
    stake=Stake.CLAIM,
    title="its location was never published; home chargers are legitimate",
    condition=~pl.col("location_known") & ~pl.col("home_charging_compensation"),
    message="{partner} never published location {location_id} ({location_name}).",
    observed=pl.col("location_id"),
)

EVSE_UNKNOWN = Rule(
    id="EVSE_UNKNOWN",
    severity="warn",
    stake=Stake.CLAIM,
    title="its location is known, its EVSE is not; home chargers are legitimate",
    condition=(
        pl.col("location_known")
        & ~pl.col("evse_known")
        & ~pl.col("home_charging_compensation")
        & ~pl.col("reservation_expired")
    ),
    message=sentence(
        "Location {location_id} has no EVSE {evse}.", evse=pl.coalesce("evse_uid", "evse_id")
    ),
    observed=pl.coalesce("evse_uid", "evse_id"),
)

TOKEN_UNKNOWN = Rule(
    id="TOKEN_UNKNOWN",
    severity="dispute",
    stake=Stake.CLAIM,
    title="its token is not one of ours; one made for an app or ad hoc use need not be known",
    condition=~pl.col("token_known"),
    message="The charge of {start_at:timestamp} was made with a token that is not one of ours.",
    observed=pl.col("token_uid"),
    severity_of=either(made_for_an_app(), "warn", "dispute"),
)

TOKEN_BLOCKED = Rule(
    id="TOKEN_BLOCKED",
    version=2,
    severity="fatal",
    stake=Stake.CLAIM,
    title="its token was not valid when the charge began",
    condition=token_blocked(),
    message="The token was blocked on {token_blocked_at:timestamp}, before the charge began on "
    "{start_at:timestamp}.",
    observed=timestamp("start_at"),
    expected=timestamp("token_blocked_at"),
)

AUTHORISATION_MISMATCH = Rule(
    id="AUTHORISATION_MISMATCH",
    severity="warn",
    stake=Stake.CLAIM,
    title="the CDR names another token or authorisation than its session",
    condition=_other_token() | _other_reference(),
    message=either(
        _other_token(),
        "Session {matched_session_id} was begun with another token than the one that the CDR "
        "bills.",
        "Session {matched_session_id} was authorised by {session_authorization_reference}, the "
        "CDR names {authorization_reference}.",
    ),
    observed=pl.when(_other_token()).then("token_uid").otherwise("authorization_reference"),
    expected=pl.when(_other_token())
    .then("session_token_uid")
    .otherwise("session_authorization_reference"),
    related=pl.col("matched_session_id"),
)

RESERVED_UNUSED = Rule(
    id="RESERVED_UNUSED",
    severity="warn",
    stake=Stake.CLAIM,
    title="reserved and billed, and next to no energy was charged",
    condition=lambda limits: (
        (pl.col("claimed_excl_vat") > 0)
        & (pl.col("total_energy_kwh").fill_null(0).abs() < pl.lit(limits["energy_kwh"]))
        & _is_reserved()
    ),
    message=sentence(
        "{claimed_excl_vat:money} are claimed for a reservation{booking} that was not used: "
        "{charged:kwh} were charged.",
        booking=pl.when(pl.col("booking_id").is_not_null())
        .then(pl.format(" (booking {})", "booking_id"))
        .otherwise(pl.lit("")),
        charged=pl.col("total_energy_kwh").fill_null(0),
    ),
    observed=decimals("total_energy_kwh", 3),
    expected=lambda limits: pl.lit(limits["energy_kwh"]),
    unit="kWh",
    related=pl.col("booking_id"),
)

EVSE_NOT_OPERATIVE = Rule(
    id="EVSE_NOT_OPERATIVE",
    severity="warn",
    stake=Stake.CLAIM,
    title="its EVSE was said to be out of order during the charge",
    condition=lambda limits: pl.col("outage_s") > pl.lit(limits["outage_s"]),
    message=sentence(
        "EVSE {evse} was {outage_status} for {outage_s:duration} of the charge.",
        evse=pl.coalesce("evse_id", "evse_uid"),
    ),
    **compared("outage_s", 0, "s"),
)
