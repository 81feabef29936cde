"""The client: one partner, discovered and pulled from."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Self

from models.ocpi.modules import MODULES
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.discovery import Discovery
from pipelines.ocpi.exchange import Page, routing_headers
from pipelines.ocpi.links import with_query
from pipelines.ocpi.offer import Offer
from pipelines.ocpi.pacing import Clock
from pipelines.ocpi.pull_runner import Pull, PullRunner
from pipelines.ocpi.reading import read_page
from pipelines.ocpi.requester import Answer, RequestContext, Requester, Store
from pipelines.ocpi.window import Window

_BEGINNING = datetime(2010, 1, 1, tzinfo=UTC)
"""Where history begins for partners that insist on a date_from."""


class OcpiClient:
    """Talks OCPI to one partner over kept-alive connections.

    Args:
        connection: the settings.
        clock: time and chance; tests hold them still.
        on_exchange: stores every response of discovery and pulls, errors too, the moment
            its bytes are complete and before anything looks at them. Not those of credentials,
            whose body holds a token. What it raises ends the pull.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Clock | None = None,
        on_exchange: Store | None = None,
    ) -> None:
        self._connection = connection
        self._clock = clock or Clock()
        self._on_exchange = on_exchange
        self._requester = Requester(connection, self._clock)
        self._offer: Offer | None = None
        self._tasks: set[asyncio.Task[list[Page]]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._requester.close()

    async def discover(self) -> Offer:
        """Find the version, lists and parties of the partner.

        Implements version_information_endpoint and the GET of credentials.

        Returns:
            What the partner offers; remembered for `pull`.

        Raises:
            OcpiError: the partner cannot be used, and what to do about it.
        """
        discovery = Discovery(self._connection, self._requester, self._on_exchange)
        self._offer = await discovery.run()
        return self._offer

    def pull(
        self,
        module: str,
        *,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
    ) -> Pull:
        """Pull one list.

        Args:
            module: OCPI module identifier, for example `cdrs`.
            date_from: inclusive start of the `last_updated` window; None: everything.
            date_to: exclusive end; None: open.

        Returns:
            The pages, to be iterated over, and then the outcome.

        Raises:
            ModuleMissingError: the partner does not offer the module.
            RuntimeError: nothing was discovered yet.
        """
        offer = self._discovered()
        url = offer.endpoint(module)
        context = RequestContext(module, self._routing(module, offer), self._on_exchange)
        windows = self._windows(module, date_from, date_to)
        return Pull(
            PullRunner(self._connection, self._requester, context, url, windows), self._track
        )

    async def sample(self, module: str) -> int:
        """Ask a list for one object of the last hour, to see whether it answers.

        Raises:
            OcpiError: the list does not answer, and what to do about it.
        """
        offer, settings, now = self._discovered(), self._connection, self._clock.now()
        filters = Window(now - timedelta(hours=1), now).filters()
        url = with_query(offer.endpoint(module), {**filters, "offset": "0", "limit": "1"})
        context = RequestContext(module, self._routing(module, offer), self._on_exchange)

        def read(answer: Answer) -> int:
            body = answer.exchange.body
            return len(read_page(settings.name, body, module, settings.max_page_bytes).keys)

        return await self._requester.fetch(url, context, read)

    @property
    def token_encoding(self) -> str:
        """The token's encoding on the wire: `base64` or `raw`."""
        return self._requester.auth.encoding

    def _discovered(self) -> Offer:
        if self._offer is None:
            raise RuntimeError("discover() comes first")
        return self._offer

    def _windows(
        self, module: str, date_from: datetime | None, date_to: datetime | None
    ) -> list[Window]:
        """Choose the windows of `last_updated` that together leave nothing out.

        Everything is asked for without dates, so that nothing still listed looks removed. Changes
        are asked for up to now, where the list stands still while we page, and then from now on:
        what changed meanwhile, and what is dated ahead of our clock.
        """
        days, now = self._connection.window_days, _whole_second(self._clock.now())
        start, end = _whole_second(date_from), _whole_second(date_to)
        if start is None and (MODULES[module].start_required or days is not None):
            start = _BEGINNING
        if end is not None or start is None or now is None:
            return list(Window(start, end).split(days))
        until_now = list(Window(start, now).split(days)) if start < now else []
        rest = Window(max(start, now), None if days is None else now + timedelta(days=days))
        return [*until_now, rest]

    def _routing(self, module: str, offer: Offer) -> dict[str, str]:
        """Address a request to a hub: transport_and_format, GET All via Hubs.

        It combines its parties' objects. Configuration modules are not routed.
        """
        own = self._connection.own_party
        unrouted = offer.version == "2.1.1" or MODULES[module].sender == "HUB"
        if not self._connection.is_hub or own is None or unrouted:
            return {}
        return routing_headers(own, offer.hub_party)

    def _track(self, task: asyncio.Task[list[Page]]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _whole_second(timestamp: datetime | None) -> datetime | None:
    return None if timestamp is None else timestamp.replace(microsecond=0)
