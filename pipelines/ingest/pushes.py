"""Pushes on their way into the warehouse: from the journal into the landing, then into core.

A batch of pushes is a pull that nobody asked for: it has a manifest and pages, and is loaded by
the same loader into the same tables. One transaction takes all of it or nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from duckdb import DuckDBPyConnection as DuckDB

from models.ocpi.pushes import Push, write_push
from pipelines.config.partners import Partners
from pipelines.ingest.connecting import nobody, session_with
from pipelines.ingest.landing_writer import LandingWriter, PartnerSession
from pipelines.ingest.plan import Plan
from pipelines.landing.journal import FOLDER, finished_segments, read_segment
from pipelines.landing.landing import Landing
from pipelines.warehouse.locking import FileLock
from pipelines.warehouse.sql_files import query

RUN_ID = "receiver"  # the run of every pull of pushes: none asked for them

_MOST_ON_A_PAGE = 4000
_WAIT_S = 600.0


def land_pushes(landing: Landing, partners: Partners, now: Callable[[], datetime]) -> list[str]:
    """Take what waits in the journal into the landing proper.

    Whoever is killed in the middle leaves the journal as it was; what it had landed comes twice
    then, and changes nothing.

    Returns:
        The ids of the new pulls, in the order in which they have to be loaded.

    Raises:
        WarehouseLocked: another process lands or removes what was landed for minutes.
    """
    if not finished_segments(landing.root):
        return []
    with alone_in(landing):
        return _land_all(landing, partners, now)


@contextmanager
def alone_in(landing: Landing) -> Iterator[None]:
    """Keep out who else lands pushes, loads them into a snapshot, or takes out what was landed.

    Raises:
        WarehouseLocked: another process keeps us out for minutes.
    """
    folder = landing.root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "landing.lock").held(_WAIT_S):
        yield


def waiting_pushes(con: DuckDB, landing: Landing) -> list[str]:
    """List the landed pulls of pushes that a warehouse, or a snapshot of it, does not have yet.

    Those of a list are loaded in their order: what is newer than the newest one that is loaded
    waits.
    """
    newest = dict(con.execute(query("ops", "newest_pulls")).fetchall())
    return [
        pull_id
        for partner, module in landing.scopes()
        for pull_id in landing.pushes_after(partner, module, newest.get(f"{partner}/{module}", ""))
        if landing.begins(pull_id)
    ]


def _land_all(landing: Landing, partners: Partners, now: Callable[[], datetime]) -> list[str]:
    segments = finished_segments(landing.root)
    groups: dict[tuple[str, str, str], list[Push]] = defaultdict(list)
    for segment in segments:
        for push in read_segment(segment):
            groups[push.partner, push.module, push.version].append(push)
    pulls = [
        _land(landing, _session(partners, partner, version), batch, now())
        for (partner, _, version), pushes in groups.items()
        # A deletion ends what came before it: each side of it is a pull of its own.
        for _, batch in groupby(pushes, _is_deletion)
    ]
    for segment in segments:
        segment.unlink()
    return pulls


def _is_deletion(push: Push) -> bool:
    return push.method == "DELETE" and not push.refusal


def _session(partners: Partners, name: str, version: str) -> PartnerSession:
    """Return what all pulls of a partner share; one that is no longer in the file owns nothing."""
    if name not in partners.names:
        return PartnerSession(RUN_ID, name, version, nobody(name))
    return replace(session_with(partners[name], RUN_ID), ocpi_version=version)


def _land(landing: Landing, session: PartnerSession, batch: Iterator[Push], now: datetime) -> str:
    pushes = list(batch)
    first = pushes[0]
    writer = LandingWriter(landing, session, Plan(first.module, "push", None), now)
    pages = _pages(pushes)
    size = 0
    for page in pages:
        body = b"".join(map(write_push, page))
        size += len(body)
        writer.page(
            url=f"receiver:/{first.version}/{first.module}",
            http_status=200,
            ocpi_status=1000,
            headers=_request_ids(page),
            object_count=len(page),
            total_count=None,
            accepted=True,
            size=len(body),
            sha256=landing.objects.put(body),
            fetched_at=page[-1].received_at,
        )
    return writer.end(
        finished_at=now,
        error=None,
        pages=len(pages),
        objects=len(pushes),
        requests=len(pushes),
        size=size,
    ).pull_id


def _pages(pushes: Sequence[Push]) -> list[Sequence[Push]]:
    starts = range(0, len(pushes), _MOST_ON_A_PAGE)
    return [pushes[start : start + _MOST_ON_A_PAGE] for start in starts]


def _request_ids(page: Sequence[Push]) -> Mapping[str, str]:
    """Return the request id of a page of one push; of more, each line has its own."""
    (request_id, *others) = [push.request_id for push in page]
    return {"x-request-id": request_id} if request_id and not others else {}
