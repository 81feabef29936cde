"""`ops.*`: what was asked of whom, when, and how it went."""

from models.tables.kinds import (
    PARTNER,
    count,
    flag,
    instant,
    json,
    required,
    table,
    text,
    texts,
    whole,
)

PULL_MODES = ("full", "incremental", "window", "push", "send")
PULL_STATES = ("complete", "failed")
RUN_STATES = ("running", "complete", "failed")
HEALTH_STATES = ("ok", "degraded", "failed")

RUNS = table(
    "ops.runs",
    "One run of the pipeline.",
    ("run_id",),
    required("run_id", "Identifies the run; sorts by start."),
    required("command", "What started it: run, demo, replay, dagster."),
    instant("started_at", "When it started.", nullable=False),
    instant("finished_at", "When it ended; null while it runs or if it was killed."),
    required("status", "How it ended.", among=RUN_STATES),
    required("code_version", "Version of roamhouse that ran."),
    count("partners", "Partners it was asked to visit."),
    count("partners_failed", "Partners of which anything failed."),
    count("pages", "Pages landed."),
    count("objects", "Objects on those pages."),
    count("bytes", "Inflated bytes of those pages."),
)

PULLS = table(
    "ops.pulls",
    "One attempt to fetch one list: a partner's module, for one party, over one window.",
    ("pull_id",),
    required("pull_id", "Identifies the pull; sorts by start within partner and module."),
    required("run_id", "The run it belongs to (`ops.runs`)."),
    PARTNER,
    required("module", "OCPI module identifier, for example `cdrs`."),
    text("party", "`CC/PID` of the party asked for behind a hub; null: not party by party."),
    text("ocpi_version", "OCPI version spoken; null for open-data feeds without one."),
    required(
        "mode",
        "full: everything; incremental: since the watermark; window: a re-pull; push: nothing "
        "was asked, the partner sent it; send: we sent an object, and this is the answer.",
        among=PULL_MODES,
    ),
    instant("date_from_at", "Inclusive start of the `last_updated` window; null: from ever."),
    instant("date_to_at", "Exclusive end of the window asked for; null: open."),
    instant("started_at", "When the first request went out.", nullable=False),
    instant("finished_at", "When the last page was stored or the pull gave up."),
    required("status", "complete: every object the partner promised came.", among=PULL_STATES),
    count("pages", "Pages kept."),
    count("objects", "Objects on those pages, repeats included."),
    count(
        "total_count",
        "The last X-Total-Count; null where the partner sends none.",
        nullable=True,
    ),
    count("requests", "HTTP requests made, retries included."),
    count("bytes", "Inflated bytes of the pages."),
    text("error", "Why it failed, in one line without secrets; null: it did not."),
    flag("unchanged", "The partner said that nothing changed (HTTP 304).", nullable=False),
    texts("parties", "`CC/PID` of the parties whose objects were to be expected; null: any."),
)

PAGES = table(
    "ops.pages",
    "One response body as it was received, stored before anything looked at it.",
    ("page_id",),
    required("page_id", "`pull_id` and position; sorts in the order of fetching."),
    required("pull_id", "The pull it belongs to (`ops.pulls`)."),
    required("run_id", "The run it belongs to (`ops.runs`)."),
    PARTNER,
    required("module", "OCPI module identifier."),
    text("party", "`CC/PID` asked for behind a hub."),
    whole("position", "0 for the first page of the pull.", nullable=False),
    required("url", "The request's URL, without secrets."),
    whole("http_status", "HTTP status; 0: no answer came.", nullable=False),
    whole("ocpi_status", "OCPI `status_code` of the envelope; null where there is none."),
    json("headers", "The response headers that matter, as a JSON object."),
    count(
        "object_count",
        "Objects in `data`; null where the body could not be read.",
        nullable=True,
    ),
    count("total_count", "X-Total-Count of this response.", nullable=True),
    flag("accepted", "Whether the page counts: false for error responses.", nullable=False),
    count("bytes", "Length of the inflated body."),
    required("sha256", "SHA-256 of the body: its address in the landing."),
    instant("fetched_at", "When the response was complete.", nullable=False),
)

PUSH_STATES = ("loaded", "refused", "unusable")

PUSHES = table(
    "ops.pushes",
    "One request by which a partner sent us an object, or a part of one (OCPI push).",
    ("push_id",),
    required("push_id", "Identifies the request; sorts in the order of arrival."),
    PARTNER,
    required("module", "OCPI module identifier."),
    text("country_code", "Country of the party that owns the object, by the URL."),
    text("party_id", "The party that owns it, by the URL."),
    text(
        "object_id",
        "The object's id; of an EVSE or connector `LOCATION/EVSE/CONNECTOR`; of a token its "
        "uid, as in `core.tokens`.",
    ),
    required("method", "PUT, PATCH, POST or DELETE."),
    text("ocpi_version", "OCPI version of the endpoint that was asked."),
    required(
        "state",
        "loaded; refused: it was answered with an error; unusable: it was accepted, and could "
        "not be made an object.",
        among=PUSH_STATES,
    ),
    text("reason", "Why it was refused or is unusable; null: it was loaded."),
    instant("received_at", "When it was complete.", nullable=False),
    instant("last_updated_at", "The object's `last_updated`; null: not stated."),
    required("page_id", "The landed page that holds it (`ops.pages`)."),
)

PUSH_AUDIT = table(
    "ops.push_audit",
    "How one object came from a partner that pushes: pushed, listed in a pull, or both. Of lists "
    "of which anything was pushed; what changed before the first push is left out.",
    ("partner", "module", "country_code", "party_id", "object_id"),
    PARTNER,
    required("module", "OCPI module identifier."),
    required("country_code", "Country of the party that owns the object."),
    required("party_id", "The party that owns it."),
    required(
        "object_id",
        "Its id in lower case; of an EVSE or connector its location's; of a token as in "
        "`core.tokens`.",
    ),
    instant("pushed_at", "When it was first pushed; null: it never was."),
    instant("last_pushed_at", "When it was last pushed."),
    instant("pushed_last_updated_at", "The newest `last_updated` that a push brought."),
    instant("pulled_at", "When a pull first listed it; null: none did."),
    instant("pulled_last_updated_at", "The newest `last_updated` that a pull brought."),
    instant(
        "missed_at",
        "When a pull brought a `last_updated` that no push had brought; null: none was missed.",
    ),
    instant("late_at", "When the push came that had been missed; null: it did not."),
    instant(
        "changed_at",
        "When a pull showed other content under the `last_updated` that was pushed.",
    ),
    instant(
        "unlisted_at",
        "When a complete pull that should list it did not; null: it does, or none was made.",
    ),
)

EVERY_PARTY = "*"  # the watermark's party where a list is not pulled party by party

WATERMARKS = table(
    "ops.watermarks",
    "How far one list is complete; moves only after a complete pull was loaded and committed.",
    ("partner", "module", "party"),
    PARTNER,
    required("module", "OCPI module identifier."),
    required(
        "party", f"`CC/PID` behind a hub; `{EVERY_PARTY}` where the list is not party by party."
    ),
    instant("complete_until_at", "Every change before this moment is in core.", nullable=False),
    instant("full_at", "Start of the last complete full pull; null: there was none."),
    required("pull_id", "The pull that moved it."),
)

REMOVALS_SKIPPED = table(
    "ops.removals_skipped",
    "An object that the newest complete list lacked and that is kept nevertheless: too much of its "
    "party would be gone at once. It goes when three complete lists agree, or a person accepts it.",
    ("partner", "table_name", "country_code", "party_id", "object_id"),
    PARTNER,
    required("module", "OCPI module identifier of the list."),
    required("table_name", "The table that keeps it, for example `core.evses`."),
    required("country_code", "Country of the party that owns it."),
    required("party_id", "The party that owns it."),
    required("object_id", "Its id; of an EVSE or connector `LOCATION/EVSE/CONNECTOR`."),
    instant("since_at", "Start of the first complete list that lacked it.", nullable=False),
    whole("lists", "Complete lists since then, all without it.", nullable=False),
    required("pull_id", "The newest of them (`ops.pulls`)."),
)

PARTNER_HEALTH = table(
    "ops.partner_health",
    "A partner's state after its last visit.",
    ("partner",),
    PARTNER,
    required(
        "state",
        "ok; degraded: some module failed, or a removal was skipped; failed: nothing came.",
        among=HEALTH_STATES,
    ),
    text("ocpi_version", "OCPI version last spoken."),
    instant("checked_at", "When it was last visited.", nullable=False),
    instant("last_success_at", "Start of the last visit on which every module came."),
    count("consecutive_failures", "Visits since then."),
    text("message", "What went wrong on the last visit, in one line; null: nothing."),
)

MART_DIGESTS = table(
    "ops.mart_digests",
    "What each table of `mart`, or on the way to one, was made of."
    " Only where that changed is it made again.",
    ("table_name",),
    required("table_name", "The table; without a schema: one that lives while marts are made."),
    required("inputs", "Digest of the rows, the times and the program that it was made of."),
    required("content", "Digest of the rows that came out, whatever their order."),
)
