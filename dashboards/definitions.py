"""What each figure means, in words that finance and analysts share; `docs/` says the same."""

from __future__ import annotations

from typing import Final

DEFINITIONS: Final[dict[str, str]] = {
    "claimed": "What partners ask for in their CDRs, before taxes. "
    "Claimed = payable + disputed + rejected.",
    "payable": "What is to be paid, before taxes: agreed and tolerated claims, and the "
    "uncontested part of the others.",
    "agreed": "Claims that equal our own price to the cent.",
    "disputed": "Held back until the partner answers: the largest amount that a dispute finding "
    "puts at stake, and all of what cannot be priced.",
    "rejected": "Not payable: a finding that is fatal to the claim, such as a duplicate.",
    "expected": "Our own price for the CDR, from the tariff that the contract names.",
    "freshness": "Time since the start of the last visit on which every list of the partner came.",
    "quality_score": "Mean of what is known of: timeliness, completeness, correctness, tariff "
    "coverage and freshness; each between 0 and 100 %.",
    "timeliness": "Share of CDRs that were there within 24 hours of the end of the charge.",
    "completeness": "Share of completed sessions older than 48 hours that have a CDR.",
    "correctness": "One minus the share of the claimed money that findings put at stake.",
    "tariff_coverage": "Share of connectors with a tariff that resolves to a known one. "
    "A connector without one has an unknown price, never a free one.",
    "deviations": "Fields that broke the OCPI text and were repaired, or kept as unknown.",
    "quarantine": "Objects that could not be taken in, kept with every reason.",
    "latency": "Time from the first request of a list to its last page, retries included.",
    "volumes": "CDRs by the day the charge ended, against the median of the same weekday in the "
    "four weeks before.",
    "ageing": "Days since the charge, or since the dispute was opened by a person.",
    "unstated": "CDRs that state no total; they add nothing to any amount.",
}


def meaning(term: str) -> str:
    """The definition of a term.

    Args:
        term: its key, as `claimed`.

    Raises:
        KeyError: nobody defined it.
    """
    return DEFINITIONS[term]
