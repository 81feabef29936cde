"""Definitions of figures, in words that finance and analysts share; metrics bring their own."""

from __future__ import annotations

from typing import Final

from models.metrics import METRICS

DEFINITIONS: Final[dict[str, str]] = {
    "claimed": METRICS["claimed_excl_vat"].definition,
    "payable": METRICS["payable_excl_vat"].definition,
    "agreed": "Claims that equal our own price to the cent.",
    "disputed": METRICS["disputed_excl_vat"].definition,
    "rejected": METRICS["rejected_excl_vat"].definition,
    "expected": "Our own price for the CDR, from the tariff that the contract names.",
    "freshness": "Time since the start of the last visit on which every list of the partner came.",
    "quality_score": "Mean of what is known of: timeliness, completeness, correctness, tariff "
    "coverage and freshness; each between 0 and 100 %.",
    "timeliness": "Share of CDRs that were there within 24 hours of the end of the charge.",
    "completeness": "Share of completed sessions older than 48 hours that have a CDR.",
    "correctness": "One minus the share of the claimed money that findings put at stake.",
    "tariff_coverage": METRICS["tariff_coverage_share"].definition,
    "deviations": "Fields that broke the OCPI text and were repaired, or kept as unknown.",
    "quarantine": "Objects that could not be taken in, kept with every reason.",
    "latency": "Time from the first request of a list to its last page, retries included.",
    "push_completeness": "Share of the objects that a pull listed of which no change came by the "
    "pull alone: all had been pushed before. What changed before the first push is left out.",
    "volumes": "CDRs by the day the charge ended, against the median of the same weekday in the "
    "four weeks before.",
    "live_status": "What each EVSE showed when we last looked.",
    "unsure": "Connectors whose status is UNKNOWN, stale, or contradicted by something: see "
    "Outages and doubts.",
    "duplicates": "Copies of one EVSE under several locations or partners count once: equal EVSE "
    "ids are one EVSE, and of its copies the newest last_updated counts.",
    "coverage": "Share of the window during which anybody observed the status. Minutes that nobody "
    "observed are in no uptime; a look at an EVSE counts for two hours at most. Live is what "
    "pushes told: from one change to the next, to the second. Below 90 % the figures say so.",
    "basis": "Observed: from our first look at an EVSE until we last saw its status, two hours "
    "at most from each look. The switch also counts the time before, as the partner's own dates "
    "tell it; what worked and changed often is then seen for less time than what stood still.",
    "uptime_us": METRICS["nevi_ports_above_97_share"].definition,
    "reliability_uk": METRICS["uk_reliability_share"].definition,
    "afir": "Regulation (EU) 2023/1804, article 20: of each operator's connectors, the share with "
    "each thing that has to be published, how old the status is, and whether an ad hoc price is "
    "known.",
    "uptime_strict": METRICS["uptime_strict_share"].definition,
    "outage": "A time INOPERATIVE or OUTOFORDER. A recovery of less than 5 minutes does not end "
    "it, and one that ended within 5 minutes is none.",
    "mttr": "Mean time to repair: mean length of the outages that ended.",
    "mtbf": "Mean time between failures: observed up time ÷ outages that began in the window.",
    "stale": "No new last_updated for 24 hours (DC) or 7 days (AC); CHARGING for longer than 6 "
    "hours (DC) or 72 hours (AC).",
    "contradicting": "Copies of the EVSE say something else, charges took place while it said "
    "that it was out of service, or a session is active that it does not show.",
    "our_cost": "CDRs by the day (UTC) their charge ended; rejected ones are left out, and "
    "credits take off energy and cost. Cost: claimed less rejected, before taxes. Each kWh: cost ÷ "
    "energy, of CDRs that state a total.",
    "utilisation": "Charging time ÷ open time, and energy ÷ (rated power for all open hours).",
    "everybody": "Time that EVSEs showed CHARGING ÷ time that anybody observed them, in the last "
    "28 days, whoever charged.",
    "idle_share": "Parking time ÷ connected time, where CDRs state their parking time.",
    "success_proxy": "Charges of 0.1 kWh or more in 2 minutes or more ÷ all. A proxy: nobody says "
    "why a charge was short.",
    "first_time": METRICS["first_time_success_share"].definition,
    "repeat": "An attempt of the same token at the same location up to 15 minutes after one that "
    "failed ended.",
    "margin": "What our own customers pay by `retail.yaml`, less what the same charges cost in "
    "roaming, before taxes. A charge that no retail price fits, or whose CDR states no total, is "
    "in no sum; a credit takes off cost.",
    "basket": "AC: 22 kWh in 4 hours. DC: 30 kWh in 30 minutes. From 150 kW: 50 kWh in 25 minutes. "
    "Each on the next weekday at noon or in the evening, with or without 60 minutes idle, priced "
    "by the rating engine on every connector's tariff, without rounding.",
    "my_charge": "The charge asked for, priced by the rating engine on the tariffs of every "
    "connector that is strong enough, at the power that connector and car have in common, rounded "
    "once. The middle price is that of the middle connector; what has no price ranks nowhere, and "
    "who has one for fewer connectors than not stands last.",
    "outlier": "More than three median distances from the median of the same country, power class "
    "and currency; a distance of less than 5 % of the median counts as that much.",
    "price_change": "What a tariff made of the basket's price: its version of that day against the "
    "newest one, each priced on the first weekday after a version began. A connector counts once, "
    "whatever number of its tariffs changed.",
    "opened": "Seen for the first time since then. What a partner's first complete list held was "
    "there before we looked.",
    "price_grid": "What an hour of charging that starts then costs for each kWh, at the even power "
    "of the basket, fees for the start included, priced by the rating engine without rounding.",
    "unpriced": "Its price is unknown, never free. Free is only what a tariff states to cost 0.",
    "ageing": "Days since the charge, or since the dispute was opened by a person.",
    "unstated": "CDRs that state no total; they add nothing to any amount.",
}


def meaning(term: str) -> str:
    """Return the definition of a term.

    Raises:
        KeyError: nobody defined it.
    """
    return DEFINITIONS[term]
