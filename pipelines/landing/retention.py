"""Retention of the landing: which pulls may go once they are old, and taking them out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from pipelines.landing.landing import Landing
from pipelines.landing.merged import merged_path
from pipelines.landing.records import PullRecord


def outlived(pulls: Iterable[PullRecord], before: datetime) -> list[PullRecord]:
    """Return the pulls of one list that may go.

    The newest complete full pull before the limit stays, and all that followed it: without it
    nobody would know what was there at the limit.

    Args:
        pulls: of one partner's module.
        before: the limit, UTC: pulls that began then or later stay.
    """
    by_party: dict[str | None, list[PullRecord]] = {}
    for pull in sorted(pulls, key=lambda one: one.pull_id):
        by_party.setdefault(pull.party, []).append(pull)
    return [pull for listed in by_party.values() for pull in _before_last_full(listed, before)]


def _before_last_full(pulls: Sequence[PullRecord], before: datetime) -> Sequence[PullRecord]:
    full = [
        place
        for place, pull in enumerate(pulls)
        if pull.started_at < before and pull.mode == "full" and pull.status == "complete"
    ]
    return pulls[: full[-1]] if full else ()


def remove_pulls(landing: Landing, pull_ids: Collection[str]) -> int:
    """Remove pulls, and those of their bodies that no other pull has.

    Args:
        landing: where they are; nobody lands anything meanwhile.
        pull_ids: which.

    Returns:
        How many bytes went.
    """
    going: set[str] = set()
    staying: set[str] = set()
    for pull, pages in landing.pulls():
        (going if pull.pull_id in pull_ids else staying).update(page.sha256 for page in pages)
    # Manifests first: a body without one is rubbish, a manifest without its body is damage.
    paths = [landing.manifest_path(pull_id) for pull_id in pull_ids]
    paths += [merged_path(landing.root, pull_id) for pull_id in pull_ids]
    paths += [landing.objects.path(sha256) for sha256 in sorted(going - staying)]
    size = 0
    for path in paths:
        if path.exists():
            size += path.stat().st_size
            path.unlink()
    return size
