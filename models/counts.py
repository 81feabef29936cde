"""Counts in words, for whatever a person reads."""


def count_label(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its unit: `1 CDR`, `5,432 CDRs`; `many` where an s is not enough."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
