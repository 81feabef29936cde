"""The fields of files that regulators ask for, each explained."""

from __future__ import annotations

from typing import Final

NEVI_FIELDS: Final = {
    "station_id": "The location's id.",
    "network_provider": "Its operator, as the location names it.",
    "port_id": "The EVSE id, else its technical id. A port of the rule is an EVSE of OCPI.",
    "uptime_reporting_start": "First day of the twelve months, which end with the newest page.",
    "uptime_reporting_end": "Their last day.",
    "uptime": "Per cent: observed less outage (the excluded part left out) ÷ observed minutes. "
    "Empty where less than 90 % of the months was observed.",
    "total_outage": "Minutes INOPERATIVE or OUTOFORDER that were observed.",
    "total_outage_excl": "Of these, minutes outside opening hours. Other exclusions of the rule "
    "(vandalism, utility, internet) are in no OCPI feed: take them off by hand.",
}
UK_FIELDS: Final = {
    "operator": "The operator, as the location names it: the network of the report.",
    "evse": "The EVSE id, else its technical id.",
    "location_name": "Display name of the location.",
    "postal_code": "Its postal code.",
    "power_kw": "Of its strongest connector: rapid from 50 kW.",
    "calendar_year_so_far": "Always `year`: since 1 January (UTC).",
    "opening_minutes_observed": "Observed minutes within opening hours, PLANNED and REMOVED "
    "left out: what reliability is measured on.",
    "reliable_minutes": "Of these: AVAILABLE, CHARGING, RESERVED, UNKNOWN or BLOCKED.",
    "not_working_minutes": "Of these: INOPERATIVE or OUTOFORDER.",
    "left_out_minutes": "PLANNED or REMOVED.",
    "reliable_share": "Reliable ÷ opening minutes. The report states their ratio over the network.",
    "coverage_share": "Of the year so far, how much was observed.",
}
AFIR_FIELDS: Final = {
    "operator": "As locations name it; `unknown`: not stated.",
    "connector_count": "Connectors, each EVSE counted once.",
    "complete_share": "Mean of the eleven shares that follow.",
    "ad_hoc_price_share": "With a known tariff for ad hoc payment (type AD_HOC_PAYMENT, or none: "
    "for everybody).",
    "status_share": "With a status other than UNKNOWN.",
    "status_age_h": "Median hours since the EVSE's own last_updated.",
    "position_share": "With coordinates.",
    "address_share": "With address and city.",
    "hours_share": "With opening hours, or stated to be open at all hours.",
    "operator_share": "With the name of the operator.",
    "contact_share": "With a number to call (help_phone).",
    "id_share": "With an EVSE id (eMI3).",
    "connector_type_share": "With a connector type.",
    "current_share": "With AC or DC, and the power where it is DC.",
    "power_share": "With the power in kW.",
}
