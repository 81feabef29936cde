"""What of the product's tables the auditor looks at, and what a replay must give again."""

TABLES = {
    "locations": "select partner, id, name, removed_at is not null as gone from core.locations",
    "evses": "select partner, location_id, uid, status, removed_at is not null as gone "
    "from core.evses",
    "evse_status": "select partner, evse_uid, status, from_at, to_at from core.evse_status "
    "order by from_at",
    "tariffs": "select partner, id, tariff, valid_from_at, valid_to_at from core.tariffs "
    "order by valid_from_at",
    "sessions": "select partner, id, status, energy_kwh from core.sessions",
    "cdrs": "select partner, id, total_cost_excl_vat as net from core.cdrs",
    "verdicts": "select partner, id, verdict, claimed_excl_vat as claimed, expected_excl_vat "
    "as expected, payable_excl_vat as payable, disputed_excl_vat as disputed, "
    "rejected_excl_vat as rejected, rule_ids as rules from recon.cdrs",
    "findings": "select partner, country_code, party_id, subject, subject_id, rule_id, severity "
    "from recon.findings",
    "statements": "select * from settle.statements",
    "lines": "select * from settle.statement_lines",
    "vat": "select * from settle.statement_vat",
    "disputes": "select * from settle.disputes",
    "deviations": "select partner, module, object_id, path from core.deviations",
    "watermarks": "select partner, module, complete_until_at from ops.watermarks",
    "health": "select partner, state, message from ops.partner_health",
}
"""What the auditor looks at: name → query; every column by its name."""

COMPARED = (
    *("core.locations", "core.evses", "core.connectors", "core.evse_status", "core.tariffs"),
    *("core.sessions", "core.cdrs", "core.charging_periods", "core.cdr_conflicts"),
    *("rating.cdrs", "rating.lines", "recon.cdrs", "recon.findings"),
    *("settle.statements", "settle.statement_lines", "settle.statement_vat", "settle.disputes"),
)
"""The tables that a replay must give again, row for row."""
