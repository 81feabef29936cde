"""Why a CDR has no price, in words (`rating.cdrs.reason`)."""

from __future__ import annotations

from models.rating.kernel.tables import Reason

REASON_WORDS: dict[str, str] = {
    Reason.CREDIT.name: "a credit is matched with the CDR it cancels, not priced",
    Reason.HOME_CHARGING.name: "a driver is paid for it, it is no roaming charge",
    Reason.NO_PERIODS.name: "it has no charging periods",
    Reason.PERIODS_UNORDERED.name: "its charging periods are out of order",
    Reason.PERIODS_INCOMPLETE.name: "some of its charging periods cannot be read",
    Reason.NEGATIVE_VOLUME.name: "a charging period has a negative volume",
    Reason.UNKNOWN_DIMENSION.name: "a charging period has a dimension that OCPI does not know",
    Reason.TARIFF_MISSING.name: "no tariff is known for one of its charging periods",
    Reason.TARIFF_NOT_ACTIVE.name: "its tariff was not active when the session started",
    Reason.TARIFF_UNUSABLE.name: "its tariff cannot be priced by (see roamhouse lint)",
    Reason.CURRENCY_MISMATCH.name: "its tariff is in another currency",
    Reason.TIME_ZONE_UNKNOWN.name: "its tariff goes by local time, and its time zone is not known",
    Reason.OUT_OF_RANGE.name: "a quantity or an amount is too large to be one",
}
