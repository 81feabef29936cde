"""`core.*` of what was wrong with what partners sent."""

from models.tables.kinds import PARTNER, Table, instant, json, required, text, texts

_ABOUT = (
    PARTNER,
    text("country_code", "Country of the owning party, where known."),
    text("party_id", "Owning party, where known."),
    required("module", "OCPI module identifier."),
)

QUARANTINE = Table(
    "core.quarantine",
    "An object that could not be taken in, with every reason.",
    ("partner", "module", "payload_hash"),
    (
        *_ABOUT,
        text("object_id", "The object's id, where it has one."),
        texts("reasons", "Every reason, each `path: what is wrong`."),
        required(
            "payload_hash", "Hash of the object as sent: one row for each distinct bad object."
        ),
        json("payload", "The object as sent, people's identifiers masked; cut after 64 KiB."),
        instant("fetched_at", "When the page that first brought it was fetched.", nullable=False),
        required("page_id", "The page that first brought it."),
    ),
)

DEVIATION_KINDS = (
    "absent",  # a required field is missing; unknown is kept as unknown
    "coerced",  # another JSON type than the spec says: "0.45" for 0.45, 7 for "7"
    "empty",  # "" for null
    "inferred",  # filled in from what we know: country_code, party_id
    "normalised",  # case, separators, surrounding space, control characters
    "renamed",  # a known misspelling of a field: dayOfWeek
    "timestamp",  # no zone, an offset, a date only
    "too_long",  # longer than the spec allows; kept whole
    "unknown_value",  # an enum value that OCPI does not have; kept, or mapped as `repaired` says
    "unusable",  # a value that cannot be right (0/0 coordinates, 7 MW AC); kept as unknown
)

DEVIATIONS = Table(
    "core.deviations",
    "A field that broke the spec and was repaired, or kept as unknown.",
    ("partner", "module", "country_code", "party_id", "object_id", "path", "kind", "original"),
    (
        *_ABOUT,
        text("object_id", "The object's id."),
        required("path", "Where, as `evses[2].connectors[0].max_voltage`."),
        required("kind", "What kind of deviation.", among=DEVIATION_KINDS),
        text(
            "original", "The value as sent, as JSON text, cut after 256 characters; null: absent."
        ),
        text("repaired", "The value taken instead, as JSON text; null: unknown."),
        instant("fetched_at", "When the page that first showed it was fetched.", nullable=False),
        required("page_id", "The page that first showed it."),
    ),
)
