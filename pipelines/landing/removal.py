"""Taking out what was landed: pulls that are old enough, and a person, and nothing else.

For an erasure a body is replaced by one without the person, under that one's own hash, and the
manifests that name it follow. Everything else in a page stays as it was received, numbers to the
last digit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from models.ocpi.json.inflate import GZIP_MAGIC, inflate
from models.ocpi.json.parse import NOT_JSON
from models.ocpi.people import masked
from models.ocpi.pushes import MARK, read_pushes, write_push
from pipelines.landing.bodies import merged_name
from pipelines.landing.landing import Landing, manifest_name
from pipelines.landing.records import PullRecord


def outlived(pulls: Iterable[PullRecord], before: datetime) -> list[PullRecord]:
    """Return the pulls of one list that may go.

    The newest complete full pull before the limit stays, and all that followed it: without it
    nobody would know what was there at the limit.

    `before`: the limit, UTC: pulls that began then or later stay.
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

    `landing`: where they are; nobody lands anything meanwhile.

    Returns:
        How many bytes went.
    """
    going: set[str] = set()
    staying: set[str] = set()
    for pull, pages in landing.pulls():
        (going if pull.pull_id in pull_ids else staying).update(page.sha256 for page in pages)
    # Manifests first: a body without one is rubbish, a manifest without its body is damage.
    size = sum(landing.files.remove(manifest_name(pull_id)) for pull_id in pull_ids)
    size += sum(landing.files.remove(merged_name(pull_id)) for pull_id in pull_ids)
    return size + sum(landing.objects.remove(sha256) for sha256 in sorted(going - staying))


def unnamed_bodies(landing: Landing) -> list[str]:
    """Return the SHA-256 of bodies that no manifest names: what killed processes left.

    `landing`: where nobody lands anything meanwhile; a body comes before its manifest's line.
    """
    named = {page.sha256 for _, pages in landing.pulls() for page in pages}
    return sorted(set(landing.objects.hashes()) - named)


PERSONAL: Final = ("sessions", "cdrs", "tokens")
"""Modules whose objects name people."""

_LARGEST: Final = 4 << 30
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
#: A text of JSON as it stands in a body that cannot be read as a whole.
_TEXT: Final = re.compile(rb'"([^"\\]{1,255})"')

Replace = Callable[[str], str]
"""Returns what stands for an identifier; the identifier itself where nobody's turn it is."""


def identifiers_of(value: Any) -> set[str]:
    """Return every person's identifier in a JSON value."""
    found: set[str] = set()

    def keep(identifier: str) -> str:
        found.add(identifier)
        return identifier

    masked(value, keep)
    return found


def objects_in(body: bytes) -> list[Any] | None:
    """Return the objects of a body, numbers exact; None: it cannot be read as JSON."""
    if body.startswith(MARK):
        bodies = (objects_in(push.body.encode()) for push in read_pushes(body) if push.body)
        return [one for found in bodies for one in found or ()]
    try:
        value = _DECODER.decode(_inflated(body))
    except NOT_JSON:
        return None
    listed = value.get("data") if isinstance(value, dict) and "data" in value else value
    return listed if isinstance(listed, list) else [listed]


def rewritten(body: bytes, replace: Replace) -> bytes | None:
    """Return a body with identifiers replaced; None: it names nobody whose turn it is.

    `replace`: see `Replace`; objects in which it changes nothing stay as they are.
    """
    if body.startswith(MARK):
        return _rewritten_pushes(body, replace)
    plain = _inflated(body)
    try:
        value = _DECODER.decode(plain)
    except NOT_JSON:
        return _rewritten_text(plain, replace)
    holder = value if isinstance(value, dict) and "data" in value else {"data": value}
    listed = holder["data"] if isinstance(holder["data"], list) else [holder["data"]]
    new = [masked(one, replace) if _changes(one, replace) else one for one in listed]
    if not any(before is not after for before, after in zip(listed, new, strict=True)):
        return None
    holder["data"] = new if isinstance(holder["data"], list) else new[0]
    return _ENCODER.encode(value if holder is value else holder["data"])


def replace_bodies(landing: Landing, new: Mapping[str, bytes], pull_ids: Iterable[str]) -> None:
    """Put bodies in the place of others, and remove the others where nobody names them.

    Args:
        landing: where they are; nobody lands anything meanwhile.
        new: SHA-256 of the old body → the new body.
        pull_ids: the pulls whose manifests name any of the old ones.
    """
    names = {old: (landing.objects.put(body), len(body)) for old, body in new.items()}
    landing.objects.sync()
    for pull_id in pull_ids:
        _rename_in_manifest(landing, pull_id, names)
    for old in names.keys() & set(unnamed_bodies(landing)):
        landing.objects.remove(old)


def _rename_in_manifest(
    landing: Landing, pull_id: str, names: Mapping[str, tuple[str, int]]
) -> None:
    name = manifest_name(pull_id)
    lines = []
    for line in landing.files.read(name).splitlines():
        record = _DECODER.decode(line)
        page = record.get("page")
        if page is not None and page["sha256"] in names:
            page["sha256"], page["bytes"] = names[page["sha256"]]
            line = _ENCODER.encode(record)
        lines.append(line)
    landing.files.write(name, b"\n".join(lines) + b"\n")


def _rewritten_pushes(body: bytes, replace: Replace) -> bytes | None:
    """Rewrite what each push brought, and the token that its URL names."""
    pushes = read_pushes(body)
    new = []
    for push in pushes:
        after = rewritten(push.body.encode(), replace) if push.body else None
        ids = push.path[2:] if push.module == "tokens" else ()
        path = (*push.path[:2], *map(replace, ids)) if ids else push.path
        text = push.body if after is None else after.decode()
        new.append(msgspec.structs.replace(push, path=path, body=text))
    return None if new == pushes else b"".join(map(write_push, new))


def _changes(value: Any, replace: Replace) -> bool:
    return any(replace(identifier) != identifier for identifier in identifiers_of(value))


def _rewritten_text(body: bytes, replace: Replace) -> bytes | None:
    def put(match: re.Match[bytes]) -> bytes:
        return (
            b'"'
            + replace(match[1].decode(errors="surrogateescape")).encode(errors="surrogateescape")
            + b'"'
        )

    new = _TEXT.sub(put, body)
    return None if new == body else new


def _inflated(body: bytes) -> bytes:
    return inflate(body, _LARGEST) if body.startswith(GZIP_MAGIC) else body
