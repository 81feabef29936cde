"""Reasons for which a CDR has no price, in words (`rating.cdrs.reason`)."""

from __future__ import annotations

from models.rating.kernel.tables import Reason

REASON_WORDS: dict[str, str] = {
    Reason.CREDIT.name: "a credit is matched with the CDR it cancels, not priced",
    Reason.HOME_CHARGING.name: "a driver is paid for it, it is no roaming charge",
    Reason.NO_PERIODS.name: "it has no charging periods",
    Reason.PERIODS_INCOMPLETE.name: "its charging periods do not tell all that the tariff prices",
    Reason.NEGATIVE_VOLUME.name: "a charging period has a time below zero",
    Reason.UNKNOWN_DIMENSION.name: (
        "its tariff prices a dimension that OCPI does not know, and a charging period states it"
    ),
    Reason.RESTRICTION_UNREADABLE.name: (
        "its price hangs on a restriction of the tariff that cannot be read (see roamhouse lint)"
    ),
    Reason.TARIFF_MISSING.name: "no tariff is known for one of its charging periods",
    Reason.TARIFF_NOT_ACTIVE.name: "its tariff was not active when the session started",
    Reason.TARIFF_UNUSABLE.name: "its tariff cannot be priced by (see roamhouse lint)",
    Reason.CURRENCY_MISMATCH.name: "its tariff is in another currency",
    Reason.TIME_ZONE_UNKNOWN.name: "its tariff goes by local time, and its time zone is not known",
    Reason.OUT_OF_RANGE.name: "a quantity or an amount is too large to be one",
}
