"""Session: the first leg of the three-way match, CDR against session and session against CDR."""

import polars as pl

from models.recon.quantities import HOUR_S, energy_effect, positive, share_of
from models.recon.rule import CURRENCY, Rule, Stake, compared
from models.recon.rules.references import made_for_an_app, token_blocked
from models.recon.words import decimals, either, sentence, timestamp


def _off_energy() -> pl.Expr:
    return pl.col("total_energy_kwh") - pl.col("session_energy_kwh")


def _off_cost() -> pl.Expr:
    return pl.col("claimed_excl_vat") - pl.col("session_cost_excl_vat")


def _completed() -> pl.Expr:
    """Tell a session under way, which states what it has so far."""
    return pl.col("session_status") == "COMPLETED"


def _ended() -> pl.Expr:
    """Tell a session without a CDR that ended from one that goes on."""
    return (pl.col("open_status") == "COMPLETED") & (pl.col("end_at") < pl.col("as_of"))


def _token_unknown() -> pl.Expr:
    return ~pl.col("token_known") & ~made_for_an_app().fill_null(value=False)


def _waited_s() -> pl.Expr:
    return (pl.col("as_of") - pl.col("end_at")).dt.total_seconds()


SESSION_MISSING = Rule(
    id="SESSION_MISSING",
    severity="warn",
    stake=Stake.CLAIM,
    title="a CDR without its session, from a partner that sends sessions",
    condition=((pl.col("session_match") == "missing") & ~pl.col("home_charging_compensation")),
    message=sentence(
        "{partner} sent no session {session} for the charge of {start_at:timestamp}.",
        session=pl.col("session_id").fill_null("that fits"),
    ),
    expected=pl.col("session_id"),
    related=pl.col("session_id"),
)

SESSION_INVALID = Rule(
    id="SESSION_INVALID",
    severity="fatal",
    stake=Stake.CLAIM,
    title="a CDR for a session that is INVALID",
    condition=pl.col("session_status") == "INVALID",
    message="Session {matched_session_id} was declared INVALID and must not be billed.",
    observed=pl.col("session_status"),
    expected=pl.lit("COMPLETED"),
    related=pl.col("matched_session_id"),
)

SESSION_ENERGY_MISMATCH = Rule(
    id="SESSION_ENERGY_MISMATCH",
    severity="dispute",
    stake=Stake.EFFECT,
    title="the CDR has another energy than its session",
    condition=lambda limits: (
        _completed()
        & (_off_energy().abs() > share_of(limits["share"], pl.col("session_energy_kwh")))
    ),
    message="The CDR claims {total_energy_kwh:kwh}, its session {matched_session_id} ended with "
    "{session_energy_kwh:kwh}.",
    **compared("total_energy_kwh", "session_energy_kwh", "kWh", _off_energy(), places=3),
    at_stake=energy_effect(_off_energy()),
    related=pl.col("matched_session_id"),
)

SESSION_COST_MISMATCH = Rule(
    id="SESSION_COST_MISMATCH",
    severity="dispute",
    stake=Stake.EFFECT,
    title="the CDR has another cost than its session",
    condition=lambda limits: (
        _completed()
        & (pl.col("claimed_excl_vat") >= 0)
        & (_off_cost().abs() > share_of(limits["share"], pl.col("session_cost_excl_vat")))
    ),
    message="The CDR claims {claimed_excl_vat:money}, its session {matched_session_id} ended with "
    "{session_cost_excl_vat:money}.",
    **compared("claimed_excl_vat", "session_cost_excl_vat", CURRENCY, _off_cost()),
    at_stake=positive(_off_cost()),
    related=pl.col("matched_session_id"),
)

CDR_MISSING = Rule(
    id="CDR_MISSING",
    severity="warn",
    title="a COMPLETED session without a CDR: a warning at first, later a dispute",
    subject="session",
    condition=lambda limits: _ended() & (_waited_s() > pl.lit(limits["warn_h"] * HOUR_S)),
    message=sentence(
        "Session {subject_id} ended on {end_at:timestamp} with {session_energy_kwh:kwh}; "
        "{waited:duration} later there is still no CDR for it.",
        waited=_waited_s(),
    ),
    observed=decimals(_waited_s().cast(pl.Decimal(38, 9)) / HOUR_S, 1),
    expected=lambda limits: pl.lit(limits["warn_h"]),
    unit="h",
    severity_of=lambda limits: either(
        _waited_s() > pl.lit(limits["dispute_h"] * HOUR_S), "dispute", "warn"
    ),
)

SESSION_NOT_AUTHORISED = Rule(
    id="SESSION_NOT_AUTHORISED",
    severity="warn",
    title="a session without a CDR yet, begun with a token that was not valid or is not ours",
    subject="session",
    condition=token_blocked() | _token_unknown(),
    message=either(
        token_blocked(),
        "Session {subject_id} began on {start_at:timestamp}, its token was blocked on "
        "{token_blocked_at:timestamp}: {session_energy_kwh:kwh} so far, no CDR yet.",
        "Session {subject_id} began on {start_at:timestamp}, its token is not one of ours: "
        "{session_energy_kwh:kwh} so far, no CDR yet.",
    ),
    observed=pl.when(token_blocked()).then(timestamp("start_at")).otherwise(pl.col("token_uid")),
    expected=pl.when(token_blocked()).then(timestamp("token_blocked_at")),
)

SESSION_RESERVED_UNUSED = Rule(
    id="SESSION_RESERVED_UNUSED",
    severity="warn",
    title="a session without a CDR yet that costs something for a reservation nobody used",
    subject="session",
    condition=lambda limits: (
        _ended()
        & (pl.col("session_cost_excl_vat") > 0)
        & (pl.col("session_energy_kwh").fill_null(0).abs() < pl.lit(limits["energy_kwh"]))
        & pl.col("is_reserved")
    ),
    message=sentence(
        "Session {subject_id} asks {session_cost_excl_vat:money} for a reservation that was not "
        "used: {charged:kwh} were charged, no CDR yet.",
        charged=pl.col("session_energy_kwh").fill_null(0),
    ),
    observed=decimals(pl.col("session_energy_kwh").fill_null(0), 3),
    expected=lambda limits: pl.lit(limits["energy_kwh"]),
    unit="kWh",
)
