"""Identity: is this claim what it says it is, and is it made only once?"""

import polars as pl

from models.recon.rule import CURRENCY, Rule, Stake, compared
from models.recon.words import either, sentence

CDR_DUPLICATE_ID_CHANGED = Rule(
    id="CDR_DUPLICATE_ID_CHANGED",
    severity="fatal",
    title="same key, other content: the copy is refused, the first content is judged as usual",
    condition=pl.col("refused_copies") > 0,
    message="A changed copy of CDR {id} came, claiming {refused_excl_vat:money}; a CDR is final, "
    "so the first content ({claimed_excl_vat:money}) stands and the copy is refused.",
    **compared("refused_excl_vat", "claimed_excl_vat", CURRENCY),
    about="any",
    affects_verdict=False,
)

CDR_ONE_WAY = Rule(
    id="CDR_ONE_WAY",
    severity="warn",
    title="a CDR that was pushed and is not listed, or is listed and was not pushed",
    condition=pl.col("came_one_way").is_not_null(),
    message=either(
        pl.col("came_one_way") == "unlisted",
        "{partner} pushed CDR {id}, and its complete list lacks it.",
        "{partner} lists CDR {id}, and never pushed it.",
    ),
    observed=pl.col("came_one_way"),
    affects_verdict=False,
)

_PAID_ELSEWHERE = "the {claimed_excl_vat:money} claimed here are not payable once more."

CDR_DUPLICATE_SESSION = Rule(
    id="CDR_DUPLICATE_SESSION",
    version=3,
    severity="fatal",
    stake=Stake.CLAIM,
    title="a second CDR for one session, whichever connection brought it, and none was credited",
    condition=pl.col("duplicate_of_id").is_not_null(),
    message=(
        pl.when(pl.col("duplicate_of_standing") == "direct")
        .then(
            sentence(
                "CDR {duplicate_of_id} came from {duplicate_of_partner} as well, the party's own "
                f"connection, which comes before a hub: {_PAID_ELSEWHERE}"
            )
        )
        .when(pl.col("duplicate_of_standing") == "first")
        .then(
            sentence(
                "CDR {duplicate_of_id} came from {duplicate_of_partner} as well, and from there "
                f"first: {_PAID_ELSEWHERE}"
            )
        )
        .otherwise(
            sentence(
                "CDR {duplicate_of_id} of {duplicate_of_partner} bills this session already; a "
                "second claim, of {claimed_excl_vat:money}, is not payable."
            )
        )
    ),
    observed=pl.col("id"),
    expected=pl.col("duplicate_of_id"),
    related=pl.col("duplicate_of_id"),
)

CDR_NEAR_DUPLICATE = Rule(
    id="CDR_NEAR_DUPLICATE",
    version=2,
    severity="dispute",
    stake=Stake.CLAIM,
    title="same token and EVSE, start and energy nearly equal to an earlier CDR's",
    condition=pl.col("near_duplicate_of_id").is_not_null(),
    message="CDR {near_duplicate_of_id} bills the same token at the same EVSE for the same "
    "minutes and energy: the {claimed_excl_vat:money} claimed here look like the same charge "
    "billed again.",
    observed=pl.col("id"),
    expected=pl.col("near_duplicate_of_id"),
    related=pl.col("near_duplicate_of_id"),
)

PARTY_NOT_PARTNERS = Rule(
    id="PARTY_NOT_PARTNERS",
    severity="fatal",
    stake=Stake.CLAIM,
    title="the object's party is not one of the partner's",
    condition=~pl.col("party_accepted"),
    message="The CDR is in the name of {country_code}/{party_id}, which {partner} does not act "
    "for.",
    observed=pl.format("{}/{}", "country_code", "party_id"),
    about="any",
)

OVERLAP_EVSE = Rule(
    id="OVERLAP_EVSE",
    severity="dispute",
    stake=Stake.CLAIM,
    title="it began while an earlier CDR's charge on the same connector went on",
    condition=lambda limits: pl.col("evse_overlap_s") > pl.lit(limits["overlap_s"]),
    message=sentence(
        "Connector {connector_id} of {evse} was still in use by CDR {evse_overlap_id} when this "
        "charge began on {start_at:timestamp}: they overlap by {evse_overlap_s:duration}.",
        evse=pl.coalesce("evse_id", "evse_uid"),
    ),
    **compared("evse_overlap_s", 0, "s"),
    related=pl.col("evse_overlap_id"),
)

OVERLAP_TOKEN = Rule(
    id="OVERLAP_TOKEN",
    severity="dispute",
    stake=Stake.CLAIM,
    title="it began while an earlier CDR of the same RFID token went on elsewhere",
    condition=lambda limits: pl.col("token_overlap_s") > pl.lit(limits["overlap_s"]),
    message="The same RFID token was still charging elsewhere (CDR {token_overlap_id}) when this "
    "charge began on {start_at:timestamp}: they overlap by {token_overlap_s:duration}.",
    **compared("token_overlap_s", 0, "s"),
    related=pl.col("token_overlap_id"),
)

TOKEN_IMPOSSIBLE_TRAVEL = Rule(
    id="TOKEN_IMPOSSIBLE_TRAVEL",
    severity="warn",
    stake=Stake.CLAIM,
    title="nobody travels that fast between two charges of one token",
    condition=lambda limits: pl.col("travel_km_per_h") > pl.lit(limits["speed_km_per_h"]),
    message=sentence(
        "The token charged {distance} km away (CDR {travel_from_id}) only {travel_s:duration} "
        "before: that takes {speed} km/h.",
        distance=pl.col("travel_km").cast(pl.Int64),
        speed=pl.col("travel_km_per_h").cast(pl.Int64),
    ),
    observed=pl.col("travel_km_per_h").cast(pl.Int64),
    expected=lambda limits: pl.lit(limits["speed_km_per_h"]),
    unit="km/h",
    related=pl.col("travel_from_id"),
)
