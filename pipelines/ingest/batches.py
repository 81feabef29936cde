"""The objects of landed pages, small pages gathered into batches that are decoded at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from models.ocpi.decoded import PageContext
from models.ocpi.envelope import EnvelopeError
from pipelines.ingest.soundness import DAMAGED
from pipelines.landing.bodies import objects_of
from pipelines.landing.landing import Landing
from pipelines.landing.objects import LandingError
from pipelines.landing.records import PageRecord, PullRecord

Objects = list[msgspec.Raw] | list[bytes]
Batch = list[tuple[Objects, PageContext]]

_OBJECTS = 4000
_BYTES = 16 << 20
"""A batch is decoded within some ten times its size; larger ones are no quicker."""


def batches(
    landing: Landing,
    pull: PullRecord,
    pages: Sequence[PageRecord],
    pseudonym: Callable[[str], str],
    set_aside: Callable[[str], None],
) -> Iterator[Batch]:
    """Yield the objects of a pull's accepted pages with their origin, in order.

    Args:
        landing: where the bodies are.
        pull: the pull.
        pages: its pages.
        pseudonym: turns a person's identifier into what is stored.
        set_aside: takes the reason for which a page's body cannot be read; the others go on.
    """
    batch: Batch = []
    count = size = 0
    for page in pages:
        if not page.accepted:
            continue
        context = _context(pull, page, pseudonym)
        for objects in _readable(landing, page, set_aside):
            batch.append((objects, context))
            count += len(objects)
            size += sum(len(memoryview(raw)) for raw in objects)
            if count >= _OBJECTS or size >= _BYTES:
                yield batch
                batch, count, size = [], 0, 0
    if batch:
        yield batch


def _readable(
    landing: Landing, page: PageRecord, set_aside: Callable[[str], None]
) -> Iterator[Objects]:
    try:
        yield from objects_of(landing, page.sha256, page.module, size=page.bytes)
    except (LandingError, EnvelopeError) as error:  # it was sound when it was accepted
        set_aside(f"{DAMAGED}: page {page.page_id}: {error}; the next run fetches it again")


def _context(pull: PullRecord, page: PageRecord, pseudonym: Callable[[str], str]) -> PageContext:
    return PageContext(
        partner=pull.partner,
        module=pull.module,
        version=pull.ocpi_version,
        page_id=page.page_id,
        fetched_at=page.fetched_at,
        own_party=pull.own_party,
        pseudonym=pseudonym,
    )
