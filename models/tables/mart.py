"""`mart.*`: what the dashboards show, computed once for each snapshot."""

from models.tables.kinds import (
    PARTNER,
    count,
    day,
    flag,
    instant,
    money,
    quantity,
    required,
    table,
    text,
)
from models.tables.objects import DEVIATION_KINDS
from models.tables.recon import VERDICTS
from models.tables.settle import STATEMENT_KEY, STATEMENTS

_STATEMENT = tuple(column for column in STATEMENTS.columns if column.name in STATEMENT_KEY)
_AMOUNTS = (
    money("claimed_excl_vat", "Claimed before taxes."),
    money("payable_excl_vat", "To be paid, before taxes."),
    money("disputed_excl_vat", "Held back because it is contested."),
    money("rejected_excl_vat", "Not payable."),
)
CHANGE_KINDS = (
    *("cdrs", "sessions", "locations_added", "locations_removed", "evses_added"),
    *("evses_removed", "tariff_versions", "quarantined", "conflicts", "decisions"),
)
ATTENTION_KINDS = (
    *("partner_failing", "removals_withheld", "dispute_escalation", "dispute_overdue"),
    *("dispute_unsent", "dispute_undecided"),
    *("tolerance_exceeded", "month_unlocked", "objects_refused", "tariffs_missing"),
    *("sessions_in_doubt", "numbers_missing"),
)

PARTNER_QUALITY = table(
    "mart.partner_quality",
    "How well one partner's data can be relied on.",
    ("partner",),
    PARTNER,
    instant("as_of_at", "The moment ages are counted to.", nullable=False),
    instant("last_success_at", "Start of the last visit on which every list came."),
    quantity("fresh_h", "Hours since then; null: never."),
    quantity("freshness_share", "1 up to 24 hours after a complete visit, 0 from 7 days on."),
    count("cdr_count", "CDRs whose charge ended in the last 90 days."),
    quantity("cdr_age_median_h", "Median time from the end of the charge to our first sight."),
    quantity("timeliness_share", "Of those CDRs: there within 24 hours."),
    count("session_count", "Sessions completed between 90 days and 48 hours ago."),
    quantity("session_cdr_share", "Of those sessions: with a CDR."),
    quantity("fields_share", "Of all objects: taken in with every required field."),
    quantity("completeness_share", "Mean of these two."),
    quantity("correctness_share", "1 less the share of the claimed money that is at stake."),
    count("connector_count", "Connectors still there."),
    count("priced_connector_count", "Of those: with a tariff that is known."),
    quantity("tariff_coverage_share", "Of the connectors: with a tariff that is known."),
    count("quarantine_count", "Objects refused."),
    count("deviation_count", "Fields repaired."),
    quantity("score_share", "Mean of the shares that are known; null: none is."),
)

VOLUME_DAILY = table(
    "mart.volume_daily",
    "What one partner's drivers charged on one day, against what is usual.",
    ("partner", "day_on"),
    PARTNER,
    day("day_on", "Day (UTC) on which the charge ended.", nullable=False),
    count("cdr_count", "CDRs, credits left out."),
    quantity("energy_kwh", "Their energy."),
    quantity(
        "usual_count",
        "Median of the same weekday in the four weeks before; null: not four weeks yet.",
    ),
)

PULL_DAILY = table(
    "mart.pull_daily",
    "How one partner's list behaved on one day.",
    ("partner", "module", "day_on"),
    PARTNER,
    required("module", "OCPI module identifier."),
    day("day_on", "Day (UTC) on which the pull began.", nullable=False),
    count("pull_count", "Pulls."),
    count("failed_count", "Of those: failed."),
    count("request_count", "HTTP requests, retries included."),
    count("page_count", "Pages kept."),
    count("object_count", "Objects on them."),
    count("total_bytes", "Inflated bytes of them."),
    quantity("latency_median_s", "Median time of a pull."),
    quantity("latency_worst_s", "Longest time of a pull."),
)

PUSH_QUALITY = table(
    "mart.push_quality",
    "How completely and how soon one partner pushes the objects of one list: its pushes against "
    "its pulls (`ops.push_audit`).",
    ("partner", "module"),
    PARTNER,
    required("module", "OCPI module identifier."),
    instant("live_from_at", "When the first push came.", nullable=False),
    instant("last_push_at", "When the newest push came.", nullable=False),
    count("push_count", "Requests taken."),
    count("refused_count", "Requests answered with an error."),
    count("unusable_count", "Requests taken of which no object could be made."),
    count("object_count", "Objects that changed since the first push, pushed or listed."),
    count("both_ways_count", "Of those: pushed and listed."),
    count("missed_count", "Of those: a pull brought a change that no push brought, as yet."),
    count("late_count", "Of those: pushed after a pull had brought it."),
    count("changed_count", "Of those: listed with other content than was pushed."),
    count("unlisted_count", "Of those: pushed, and lacking from a complete list."),
    quantity(
        "push_complete_share",
        "Objects of which no change was missed, of all listed; null: none was listed yet.",
    ),
    flag("is_pulled", "Whether a pull ever listed it: else nothing compares its pushes."),
    count(
        "inferred_missing_count",
        "What never came, as other lists tell: CDRs of ended sessions, between numbers that "
        "count up, or on invoices; sessions, places and tariffs that CDRs name.",
    ),
    quantity("delay_median_s", "Median time from `last_updated` to the push."),
    quantity("delay_worst_s", "Of 95 in 100 pushes the longest."),
)

QUARANTINE_REASONS = table(
    "mart.quarantine_reasons",
    "One reason for which objects of one partner's list were refused.",
    ("partner", "module", "reason"),
    PARTNER,
    required("module", "OCPI module identifier."),
    required("reason", "As in `core.quarantine`, positions in lists left out."),
    count("object_count", "Objects refused for it, among other reasons."),
    instant("last_seen_at", "When the newest of them was fetched.", nullable=False),
)

DEVIATION_KINDS_SEEN = table(
    "mart.deviation_kinds",
    "One way in which one partner's field broke the spec.",
    ("partner", "module", "kind", "path"),
    PARTNER,
    required("module", "OCPI module identifier."),
    required("kind", "As in `core.deviations`.", among=DEVIATION_KINDS),
    required("path", "Where, positions in lists left out."),
    count("field_count", "Fields."),
    count("deviating_count", "Objects with such a field."),
    text("example_original", "One value as sent."),
    text("example_repaired", "What was taken for it."),
    instant("last_seen_at", "When the newest of them was fetched.", nullable=False),
)

SETTLEMENT_CAUSES = table(
    "mart.settlement_causes",
    "The part of one statement with one verdict and one root cause.",
    (*STATEMENT_KEY, "verdict", "cause"),
    *_STATEMENT,
    required("verdict", "Verdict of reconciliation.", among=VERDICTS),
    required("cause", "Root cause, else the rule that weighs most, else `none`."),
    count("cdr_count", "Lines."),
    *_AMOUNTS,
    money("expected_excl_vat", "Our own price, of the lines that could be priced."),
)

CHANGES = table(
    "mart.changes",
    "What one partner brought in the day before the newest page.",
    ("partner", "kind"),
    PARTNER,
    required("kind", "What kind of change.", among=CHANGE_KINDS),
    count("change_count", "How many."),
    instant("since_at", "Start of that day.", nullable=False),
)

ATTENTION = table(
    "mart.attention",
    "Something that waits for a person.",
    ("kind", "partner", "subject", "currency"),
    required("kind", "What it is.", among=ATTENTION_KINDS),
    PARTNER,
    required("subject", "The month or the list; `*`: the partner as a whole."),
    required("currency", "ISO 4217 code; `*`: no money is involved."),
    count("item_count", "How many are waiting."),
    money("amount_excl_vat", "How much money waits with them; null: none, or unknown."),
)
