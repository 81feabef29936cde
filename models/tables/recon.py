"""`recon.*`: what was found about each claim, and what we make of it."""

from models.tables.kinds import (
    OBJECT_KEY,
    OWNER,
    PARTNER,
    count,
    flag,
    instant,
    money,
    quantity,
    required,
    table,
    text,
    texts,
    whole,
)
from models.tables.rating import SOURCES

SUBJECTS = ("batch", "cdr", "invoice", "session", "tariff")
SEVERITIES = ("dispute", "fatal", "warn")
VERDICTS = (
    *("agreed", "tolerated", "underclaimed", "overclaimed"),
    *("disputed", "unpriceable", "rejected", "credited"),
)
SESSION_MATCHES = ("matched", "missing", "not_offered")

FINDINGS = table(
    "recon.findings",
    "One reconciliation rule that fired about one subject.",
    ("partner", "country_code", "party_id", "subject", "subject_id", "rule_id"),
    PARTNER,
    required("country_code", "Country of the party; `*`: about the connection as a whole."),
    required("party_id", "The party; `*`: about the connection as a whole."),
    required("subject", "What it is about.", among=SUBJECTS),
    required("subject_id", "Id of the CDR, session, tariff, invoice or batch (a pull, a day)."),
    required("rule_id", "The rule (checks of `docs/reconciliation.md`)."),
    whole("rule_version", "Version of the rule.", nullable=False),
    required(
        "severity",
        "fatal: not payable; dispute: contest what is at stake; warn.",
        among=SEVERITIES,
    ),
    text("cause", "Root cause, where the difference is fully explained; else `unknown`."),
    text("observed", "What was claimed or seen."),
    text("expected", "What should have been there."),
    money("delta", "Observed minus expected, in `unit`; null: not a number."),
    text("unit", "Of observed, expected and delta: a currency code, kWh, h, s, %, km/h."),
    money("at_stake_excl_vat", "What a dispute contests before taxes; 0: nothing."),
    money("at_stake_vat", "The tax that a dispute contests; 0: none."),
    text("currency", "ISO 4217 code of what is at stake."),
    text("related_id", "The other CDR, session, tariff or invoice involved."),
    required("message", "The finding as a sentence."),
)

RECON_CDRS = table(
    "recon.cdrs",
    "The verdict on one CDR; claimed = payable + disputed + rejected.",
    OBJECT_KEY,
    *OWNER,
    required("id", "The CDR (`core.cdrs`)."),
    required("verdict", "What we make of the claim.", among=VERDICTS),
    required("currency", "ISO 4217 code."),
    money("claimed_excl_vat", "Claimed total before taxes; null: not stated."),
    money("claimed_incl_vat", "Claimed total after taxes; null: not stated."),
    money("expected_excl_vat", "Repriced total before taxes, rounded as agreed."),
    money("expected_incl_vat", "Repriced total after taxes; null: unknown."),
    money("delta_excl_vat", "Claimed minus expected."),
    money("delta_incl_vat", "Claimed minus expected, after taxes."),
    money("payable_excl_vat", "To be paid; negative for credits only."),
    money("disputed_excl_vat", "Held back until the partner answers."),
    money("rejected_excl_vat", "Not payable."),
    money("at_stake_excl_vat", "The largest amount at stake among its dispute findings."),
    money("at_stake_vat", "Tax in doubt on what is payable: not to be paid for now; 0: none."),
    quantity(
        "energy_kwh",
        "Energy to count: in kWh even if the CDR states Wh; below zero for a credit.",
    ),
    text("tariff_source", "Which price was taken as expected.", among=SOURCES),
    money("expected_embedded_excl_vat", "Price by the CDR's own tariff, before taxes."),
    money("expected_embedded_incl_vat", "Price by the CDR's own tariff, after taxes."),
    money("expected_published_excl_vat", "Price by the published tariff, before taxes."),
    money("expected_published_incl_vat", "Price by the published tariff, after taxes."),
    money("expected_agreement_excl_vat", "Price as agreed, before taxes; null: none is."),
    money("expected_agreement_incl_vat", "Price as agreed, after taxes."),
    text("reason", "Why it is unpriceable."),
    text("cause", "Root cause of the price difference; null: there is none to explain."),
    text("main_rule_id", "The finding that weighs most; null: there is none."),
    texts("rule_ids", "Every rule that fired, the heaviest first."),
    count("finding_count", "Findings about it."),
    flag("credit", "Whether it is a credit CDR.", nullable=False),
    flag("home_charging_compensation", "Home charging: paid the other way.", nullable=False),
    text("session_match", "Three-way match: its session.", among=SESSION_MATCHES),
    text("session_id", "The session found for it."),
    text("invoice_id", "Three-way match: the invoice that lists it; null: none."),
    text("credits_id", "The CDR it takes something off, where it is a credit that counts."),
    text("credited_by_id", "The first credit CDR that cancels it, or takes a part off."),
    text("replaced_by_id", "The CDR that replaces it after a credit."),
    instant("recheck_at", "When time alone may change the verdict; null: never."),
    text("rating_hash", "The priced totals the verdict rests on."),
)

RECON_INPUTS = table(
    "recon.inputs",
    "What the last reconciliation had seen, so that the next one looks at what is new.",
    ("source", "value"),
    required("source", "A table, or `terms`, or another name for what verdicts rest on."),
    required("value", "A page of that table, or a hash of what it said."),
)

RECON_UNBILLED = table(
    "recon.unbilled",
    "Sessions that no CDR of their connection is for, as the last reconciliation found them, so "
    "that the next one looks at what is new.",
    OBJECT_KEY,
    *OWNER,
    required("id", "The session (`core.sessions`)."),
    flag("is_billed_elsewhere", "Whether another connection brought a CDR.", nullable=False),
)

RECON_CHANGED = table(
    "recon.changed",
    "CDRs whose verdict was written since the last settlement, which looks at these alone.",
    OBJECT_KEY,
    *OWNER,
    required("id", "The CDR (`core.cdrs`); `*` in every column of the key: all of them."),
)
