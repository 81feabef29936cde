"""The objects of landed pages in batches that are decoded at once; doubts about them."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from duckdb import DuckDBPyConnection as DuckDB

from models.ocpi.decoded import Decoded, PageContext
from models.ocpi.envelope import EnvelopeError
from models.ocpi.modules import MODULES
from pipelines.landing.bodies import objects_of
from pipelines.landing.landing import Landing
from pipelines.landing.objects import LandingError
from pipelines.landing.records import PageRecord, PullRecord
from pipelines.warehouse.sql_files import fetch_row

DAMAGED = "the landing is damaged"
"""How the error of a pull begins that was set aside for the sake of its bodies."""


class Refusals:
    """Counts the objects of one pull that were refused."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._main_table = MODULES[module].tables[0]
        self._objects = self._usable = 0
        self._reasons: Counter[str] = Counter()

    def count(self, decoded: Decoded) -> None:
        """Count a batch."""
        self._objects += decoded.object_count
        self._usable += decoded.frames[self._main_table].height
        if not self._usable:
            self._reasons.update(decoded.frames["core.quarantine"]["reasons"].explode().to_list())

    def verdict(self) -> str | None:
        """Say that every object was refused, and why most were; None: some can be used."""
        if self._usable or not self._objects:
            return None
        (reason, _), *_ = self._reasons.most_common(1) or [("unknown", 0)]
        objects = "the only object" if self._objects == 1 else f"all {self._objects:,} objects"
        return f"{objects} of {self._module} refused: {reason}; see core.quarantine"


def unfounded(con: DuckDB, landing: Landing, pull: PullRecord) -> list[str]:
    """Doubt a pull that says "unchanged" where the body that it refers to could not be used."""
    if not pull.unchanged:
        return []
    body = landing.newest_body(pull.partner, pull.module, before=pull.pull_id)
    if body is None:
        return []
    row = fetch_row(
        con, "select status from ops.pulls where pull_id = $pull_id", {"pull_id": body[0].pull_id}
    )
    if row is not None and row[0] == "complete":
        return []
    return [f"{DAMAGED}: {body[0].pull_id}, which is said to be unchanged, cannot be used"]


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
    """Yield the objects of a pull's accepted pages with their origin, in order."""
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


_Item = TypeVar("_Item")
_END = object()


def prefetch(items: Iterator[_Item], *, few: bool = False) -> Iterator[_Item]:
    """Yield the items in order, always making the next one meanwhile, and never more than one.

    Decompressing, hashing and DuckDB work outside the interpreter's lock, so that reading,
    decoding and inserting overlap.

    Args:
        items: made in another thread than the caller's; what it raises is raised here.
        few: there is so little of it that a thread costs more than it saves: there is none.
    """
    if few:
        yield from items
        return
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = maker.submit(next, items, _END)
            yield item  # type: ignore[misc]  # the sentinel is recognised above


_SELDOM = (200_000, 20, 20)


@contextmanager
def infrequent_gc() -> Iterator[None]:
    """Let Python look for cyclic garbage seldom.

    A batch of CDRs is a hundred thousand lists without a single cycle. Looking through them
    after every 700 new ones, as is usual, takes a sixth to a quarter of the time of decoding.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
