"""Sending an InvoiceReconciliationRecord of ours: one exchange, landed with what was answered.

OCPI 2.3.0 mod_invoice_reconciliation, Receiver interface: POST of a new record, PUT of a changed
one, DELETE of one that was an error.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from models.ocpi.envelope import EnvelopeError, read_envelope
from pipelines.config.partners import OcpiPartner
from pipelines.ingest.connecting import connection_of
from pipelines.ingest.landing_writer import LandingWriter, PartnerSession
from pipelines.ingest.plan import Plan
from pipelines.landing.landing import Landing
from pipelines.ocpi import errors
from pipelines.ocpi.credentials import CredentialsClient
from pipelines.ocpi.exchange import routing_headers
from pipelines.ocpi.requester import RequestContext

MODULE = "invoicereconciliation"
_VERSION = "2.3.0"
_SUCCESS = range(1000, 2000)


@dataclass(frozen=True)
class RecordAnswer:
    """The partner's answer to a record."""

    taken: bool
    says: str
    pull_id: str


@dataclass
class RecordSender:
    """Sends records to one counterparty."""

    partner: OcpiPartner  # its entry in the partners file
    environ: Mapping[str, str]  # the environment, with the tokens of handshakes
    own_party: tuple[str, str]  # who we are, `(country_code, party_id)`
    counterparty: tuple[str, str]  # who the record is for
    landing: Landing  # where sent and answered bodies go
    now: Callable[[], datetime]  # the clock
    _url: str = field(default="", init=False)

    async def __aenter__(self) -> Self:
        """Find the partner's endpoint.

        Raises:
            OcpiError: it cannot be reached, or takes no records.
        """
        self._client = CredentialsClient(connection_of(self.partner, self.environ))
        try:
            self._url = await self._endpoint()
        except BaseException:
            await self._client.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def has(self, record: Mapping[str, Any]) -> bool:
        """Ask the partner whether it has a record (Receiver interface, GET).

        Raises:
            OcpiError: it does not say.
        """
        response = await self._client.exchange("GET", self._url_of(record), None, self._context())
        status, _ = _ocpi_status(response.body)
        return response.status == 200 and status in _SUCCESS

    async def send(self, method: str, record: Mapping[str, Any], body: bytes) -> RecordAnswer:
        """Send a record, once; it and the answer are landed.

        `body`: the same as JSON; not sent by DELETE.

        Raises:
            OcpiError: no answer came, so that it may have been taken; this is landed, too.
        """
        url = self._url if method == "POST" else self._url_of(record)
        session = PartnerSession("sender", self.partner.name, _VERSION, self.own_party)
        writer = LandingWriter(self.landing, session, Plan(MODULE, "send", None), self.now())
        sent = b"" if method == "DELETE" else body
        self.landing.objects.put(sent)
        self.landing.objects.sync()
        try:
            response = await self._client.exchange(method, url, sent or None, self._context())
        except errors.OcpiError as error:
            self._page(writer, f"{method} {url}", sent)
            pull = writer.end(finished_at=self.now(), error=str(error), requests=1)
            if isinstance(error, errors.UnreachableError | errors.TokenRejectedError):
                return RecordAnswer(False, str(error), pull.pull_id)
            raise
        status, message = _ocpi_status(response.body)
        taken = response.status // 100 == 2 and status in _SUCCESS
        says = f"HTTP {response.status}, OCPI {status or 'status missing'}"
        says += f", {self._client.redact(message)[:200]}" if message else ""
        self._page(writer, f"{method} {url}", sent, http_status=response.status)
        headers = self._client.redact.headers(response.headers.multi_items())
        answer = {"http_status": response.status, "ocpi_status": status, "headers": headers}
        self._page(writer, f"answer to {method} {url}", response.body, **answer)
        refused = None if taken else f"{self.partner.name}: refused our record: {says}"
        pull = writer.end(finished_at=self.now(), error=refused, pages=2, requests=1)
        return RecordAnswer(taken, says, pull.pull_id)

    async def _endpoint(self) -> str:
        versions = await self._client.versions()
        if _VERSION not in versions:
            raise errors.ModuleMissingError(
                f"{self.partner.name}: records are sent in OCPI {_VERSION}, and it offers "
                f"{', '.join(versions) or 'no version that we speak'}"
            )
        endpoints = await self._client.endpoints(versions[_VERSION])
        if f"{MODULE}/RECEIVER" not in endpoints:
            raise errors.ModuleMissingError(
                f"{self.partner.name}: it has no {MODULE} endpoint that takes records; ask it, or "
                "give it `roamhouse statement --format record`"
            )
        return endpoints[f"{MODULE}/RECEIVER"]

    def _url_of(self, record: Mapping[str, Any]) -> str:
        ids = (str(record[name]) for name in ("country_code", "party_id", "id"))
        return "/".join([self._url.rstrip("/"), *(quote(one, safe="") for one in ids)])

    def _context(self) -> RequestContext:
        routing = routing_headers(self.own_party, self.counterparty)
        return RequestContext(MODULE, routing=routing, correlation_id=str(uuid.uuid4()))

    def _page(self, writer: LandingWriter, url: str, body: bytes, **answer: Any) -> None:
        facts: dict[str, Any] = {"http_status": 0, "ocpi_status": None, "headers": {}, **answer}
        writer.page(
            url=self._client.redact(url),
            object_count=None,
            total_count=None,
            accepted=True,
            size=len(body),
            sha256=self.landing.objects.put(body),
            fetched_at=self.now(),
            **facts,
        )


def _ocpi_status(body: bytes) -> tuple[int | None, str]:
    try:
        envelope = read_envelope(body, module=MODULE)
    except EnvelopeError:
        return None, ""
    return envelope.status_code, envelope.status_message or ""
