"""Root causes in the words of a letter: what a partner reads above its contested charges."""

from models.recon.registry import BY_ID
from models.recon.words import rule_words

_TEXTS = {
    "LIST_PRICE": (
        "List price instead of the agreed price",
        "The amount follows from the published tariff; another price is agreed between us.",
    ),
    "WRONG_TARIFF_VERSION": (
        "Another version of the tariff",
        "The amount follows from a version of the tariff that was not in force when the session "
        "started.",
    ),
    "OTHER_TARIFF": (
        "Another tariff",
        "The amount follows from a tariff that did not apply to the connector.",
    ),
    "STEP_PER_PERIOD": (
        "Step size applied to each period",
        "The quantity was rounded up to the step size in every charging period; it is rounded "
        "once for the session.",
    ),
    "STEP_PER_DIMENSION": (
        "Step size applied to charging and parking time",
        "Charging time was rounded up although parking followed; then only parking time is.",
    ),
    "WALL_CLOCK_TIME": (
        "Time without charging billed as charging time",
        "TIME was billed from start to end of the session; it counts charging time only.",
    ),
    "WH_FOR_KWH": (
        "Watt hours billed as kilowatt hours",
        "The energy is a thousand times what was delivered: its unit is Wh.",
    ),
    "LINE_ROUNDING": (
        "Rounding of each line",
        "Every line was rounded; the contract rounds the total.",
    ),
    "LIMIT_IGNORED": (
        "Price limit not applied",
        "The tariff has a minimum or maximum price for a session that the amount ignores.",
    ),
    "RESERVATION_IGNORED": (
        "Reservation not priced as the tariff says",
        "The reservation has a price of its own in the tariff that the amount ignores.",
    ),
    "VAT_INCLUDED": (
        "VAT inside the net amount",
        "The amount before taxes already includes the tax.",
    ),
    "CUMULATIVE_TOLERANCE": (
        "Small differences that add up",
        "Each difference is within tolerance; together they exceed what was agreed.",
    ),
    "unknown": ("Unexplained difference", "We could not trace the difference to a single cause."),
}

_DISPROVED = frozenset(
    {
        *("WH_FOR_KWH", "DURATION_IMPLAUSIBLE", "END_NOT_AFTER_START", "ENERGY_EXCEEDS_POWER"),
        *("ENERGY_IMPLAUSIBLE", "ENERGY_NEGATIVE", "IN_FUTURE", "PARKING_EXCEEDS_TOTAL"),
        *("SENTINEL_TIME", "SIGNED_DATA_MISMATCH"),
    }
)
_EVIDENCE = {
    "WH_FOR_KWH": "The record states its energy in Wh; OCPI asks for kWh. Please send it again in "
    "kWh, with the amount that follows."
}


def title_of(reason_code: str | None) -> str:
    """Return a heading for a root cause or rule."""
    if reason_code is None:
        return _TEXTS["unknown"][0]
    if reason_code in _TEXTS:
        return _TEXTS[reason_code][0]
    words = rule_words(reason_code)
    return words[:1].upper() + words[1:]


def explanation_of(reason_code: str | None) -> str:
    """Return a sentence on the cause, else on its rule; empty: a person's own reason."""
    if reason_code is None or reason_code in _TEXTS:
        return _TEXTS[reason_code or "unknown"][1]
    rule = BY_ID.get(reason_code)
    return f"{rule.title[:1].upper()}{rule.title[1:]}." if rule else ""


def is_price_known(reason_code: str | None) -> bool:
    """Return whether a price can be expected: not from energy or times that are disproved."""
    return reason_code not in _DISPROVED


def evidence_of(reason_code: str | None, message: str | None) -> str:
    """Return what shows the cause: the finding's sentence, unless it argues with a wrong price."""
    return _EVIDENCE.get(reason_code or "", message or "")
