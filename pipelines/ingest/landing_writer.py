"""One pull on its way into the landing: bodies first, then the manifest, then its end."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime

from pipelines.ingest.plan import Plan
from pipelines.landing.landing import Landing
from pipelines.landing.records import PageRecord, PullRecord


@dataclasses.dataclass(frozen=True)
class PartnerSession:
    """The facts that all pulls of one session with a partner share."""

    run_id: str  # the run
    partner: str  # our name for the partner
    ocpi_version: str | None  # the version spoken; None for feeds
    own_party: tuple[str, str]  # who owns objects that name no owner
    parties: tuple[str, ...] | None = None  # `CC/PID` whose objects are to be expected; None: any


class LandingWriter:
    """Writes one pull into the landing.

    Args:
        landing: where to.
        session: what the pull shares with the partner's others.
        plan: what is pulled.
        started_at: when the pull begins, UTC.
    """

    def __init__(
        self, landing: Landing, session: PartnerSession, plan: Plan, started_at: datetime
    ) -> None:
        self._landing = landing
        self._plan = plan
        begun = PullRecord(
            pull_id="",
            run_id=session.run_id,
            partner=session.partner,
            module=plan.module,
            party=None,
            ocpi_version=session.ocpi_version,
            mode=plan.mode,
            date_from_at=plan.date_from,
            date_to_at=plan.date_to,
            started_at=started_at,
            finished_at=None,
            status="failed",
            pages=0,
            objects=0,
            total_count=None,
            requests=0,
            bytes=0,
            error=None,
            unchanged=False,
            own_party=session.own_party,
            parties=session.parties,
        )
        self._pull, self._manifest = landing.begin(begun)
        self._positions = 0

    @property
    def pull(self) -> PullRecord:
        """The pull as far as it is known."""
        return self._pull

    def page(
        self,
        *,
        url: str,
        http_status: int,
        ocpi_status: int | None,
        headers: Mapping[str, str],
        object_count: int | None,
        total_count: int | None,
        accepted: bool,
        size: int,
        sha256: str,
        fetched_at: datetime,
    ) -> PageRecord:
        """Record a response whose body is stored already."""
        record = PageRecord(
            page_id=f"{self._pull.pull_id}.{self._positions:06d}",
            pull_id=self._pull.pull_id,
            run_id=self._pull.run_id,
            partner=self._pull.partner,
            module=self._pull.module,
            party=self._pull.party,
            position=self._positions,
            url=url,
            http_status=http_status,
            ocpi_status=ocpi_status,
            headers=dict(headers),
            object_count=object_count,
            total_count=total_count,
            accepted=accepted,
            bytes=size,
            sha256=sha256,
            fetched_at=fetched_at,
        )
        self._manifest.page(record)
        self._positions += 1
        return record

    def end(
        self,
        *,
        finished_at: datetime,
        error: str | None,
        pages: int = 0,
        objects: int = 0,
        total_count: int | None = None,
        requests: int = 0,
        size: int = 0,
        unchanged: bool = False,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
    ) -> PullRecord:
        """Record the end of the pull; everything stored so far survives a power cut after it.

        Args:
            finished_at: when, UTC.
            error: why it is not complete; None: it is.
            pages: accepted pages.
            objects: objects on them.
            total_count: what the partner promised.
            requests: HTTP requests made.
            size: inflated bytes of accepted pages.
            unchanged: whether the partner said that nothing changed.
            date_from: the window's start as it was asked for; None: as planned.
            date_to: the window's end as it was asked for; None: as planned.

        Raises:
            LandingAway: the landing's store does not take it; what there is waits to be carried.
        """
        try:
            self._landing.objects.sync()
        except BaseException:
            self._manifest.leave()
            raise
        self._pull = dataclasses.replace(
            self._pull,
            status="failed" if error else "complete",
            error=error,
            finished_at=finished_at,
            pages=pages,
            objects=objects,
            total_count=total_count,
            requests=requests,
            bytes=size,
            unchanged=unchanged,
            date_from_at=date_from or self._plan.date_from,
            date_to_at=date_to or self._plan.date_to,
        )
        self._manifest.end(self._pull)
        return self._pull
