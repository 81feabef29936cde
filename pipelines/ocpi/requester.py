"""One OCPI request until it is answered or given up: pace, token, redirects, retries.

Belongs here: everything that holds for any request. Not here: what lists, versions or
credentials mean; callers hand in a `read` that turns an answer into what they need.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import httpx

from pipelines.ocpi import errors
from pipelines.ocpi.auth import Authorizer
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.exchange import Exchange, Redactor
from pipelines.ocpi.links import with_query
from pipelines.ocpi.origins import Origins, origin_name
from pipelines.ocpi.pacing import Breaker, Clock, Pacer, persist, refuse_http
from pipelines.ocpi.reading import status_message_of
from pipelines.ocpi.transport import Limits, Response, Transport

T = TypeVar("T")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
Store = Callable[[Exchange], str | None]
"""Stores a response's body before anything looks at it; returns its SHA-256, if it stored it."""


@dataclass(frozen=True)
class Answer:
    """A response as the client's own modules see it."""

    exchange: Exchange  # what may be stored and shown
    url: str = field(repr=False)  # the URL that answered, as it is; may hold a partner's secrets
    headers: httpx.Headers = field(repr=False)  # all response headers, as they are


@dataclass
class RequestContext:
    """The facts that the requests of one pull (or one discovery) share."""

    module: str  # OCPI module identifier
    routing: Mapping[str, str] = field(default_factory=dict)  # OCPI-from/-to headers
    store: Store | None = None  # takes each exchange the moment its bytes are complete; see `Store`
    # takes each answer that does not count, and why
    refused: Callable[[Answer, errors.OcpiError], None] | None = None
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    requests: int = 0


class Requester:
    """Asks one partner, within its rate, with its token, as stubbornly as the settings say."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        limits = Limits(connection.timeout_s, connection.page_timeout_s, connection.max_page_bytes)
        self._name = connection.name
        self._policy = connection.retry
        self._session_s = connection.session_timeout_s
        self._ends_at: float | None = None
        self._clock = clock
        urls = (connection.versions_url, *connection.origins)
        self._transport = Transport(
            connection.name, limits, connection.proxy, connection.ca_file, urls
        )
        self._pacer = Pacer(connection.requests_per_second, clock)
        self._breaker = Breaker(connection.name, connection.retry, clock)
        self.auth = Authorizer(connection.token, connection.token_encoding)
        self.redact = Redactor(self.auth.secrets)
        self.origins = Origins(connection.versions_url, connection.origins)

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.close()

    def permitted(self, base: str, target: str) -> str:
        """Resolve a URL that the partner named.

        Raises:
            OriginRefusedError: it leads to an origin that may not see the token.
        """
        url = self.origins.permit(base, target)
        if url is None:
            elsewhere = origin_name(base, target)
            raise errors.OriginRefusedError(
                f"{self._name}: the partner points to {elsewhere}, which is not its own origin; "
                "if that is right, add it to origins"
            )
        return url

    async def fetch(self, url: str, context: RequestContext, read: Callable[[Answer], T]) -> T:
        """Ask until an answer can be read, or there is no point in asking on.

        Args:
            url: a permitted URL.
            context: the pull that the request belongs to.
            read: turns an answer with HTTP status 2xx into the result; raises an
                `OcpiError` where it cannot, of which the retriable ones are retried.

        Raises:
            OcpiError: the last failure.
        """
        try:
            async with asyncio.timeout_at(self._session_end()):
                result = await persist(
                    lambda: self._attempt(url, context, read), self._policy, self._clock
                )
        except TimeoutError as error:
            raise errors.SessionOverError(
                f"{self._name}: the session took longer than {self._session_s:g} s; what came is "
                "kept, raise visit_timeout if the partner is merely slow"
            ) from error
        except errors.OcpiError as error:
            if error.retriable:  # a refusal says that the partner is well
                self._breaker.record_failure()
            raise
        self._breaker.record_success()
        self._pacer.record_success()
        return result

    async def send(
        self, method: str, url: str, body: bytes | None, context: RequestContext
    ) -> Response:
        """Make one request that changes something at the partner, and make it once.

        Only a token that was refused for its encoding is sent again: nothing was changed then.

        Args:
            method: POST, PUT or DELETE.
            url: a permitted URL.
            body: JSON; None: none.
            context: what the request belongs to.

        Returns:
            The response, of whatever status but 401 and 403.

        Raises:
            OcpiError: no whole response came, or the token was refused.
        """
        for _ in range(2):
            headers = {
                "authorization": self.auth.header(),
                "x-request-id": str(uuid.uuid4()),
                "x-correlation-id": context.correlation_id,
                **context.routing,
            }
            if body is not None:
                headers["content-type"] = "application/json"
            try:
                async with asyncio.timeout_at(self._session_end()):
                    response = await self._transport.send(method, url, headers, body)
            except TimeoutError as error:
                raise errors.SessionOverError(
                    f"{self._name}: no answer to {method} in time"
                ) from error
            if response.status not in (401, 403) or not self.auth.switch():
                break
        if response.status in (401, 403):
            self._refuse_status(response)
        return response

    def _session_end(self) -> float:
        """Return when the session ends, by the loop's clock; it begins with the first request."""
        if self._ends_at is None:
            self._ends_at = asyncio.get_running_loop().time() + self._session_s
        return self._ends_at

    async def _attempt(self, url: str, context: RequestContext, read: Callable[[Answer], T]) -> T:
        self._breaker.check()
        try:
            return await self._with_token(url, context, read)
        except errors.OcpiError as error:
            if isinstance(error, errors.RateLimitedError):
                self._pacer.slow_down(error.retry_after_s)
            error.args = (self.redact(str(error)),)  # it may quote what the partner echoed
            raise

    async def _with_token(
        self, url: str, context: RequestContext, read: Callable[[Answer], T]
    ) -> T:
        """Ask once, and once more with the token encoded the other way if it was refused."""
        encoding = self.auth.encoding
        try:
            return await self._once(url, context, read)
        except (errors.TokenRejectedError, errors.StatusRefusedError) as refusal:
            if getattr(refusal, "status_code", 2001) != 2001 or not self.auth.switch():
                raise
            try:
                return await self._once(url, context, read)
            except (errors.TokenRejectedError, errors.StatusRefusedError):
                self.auth.switch_back(encoding)
                raise refusal from None

    async def _once(self, url: str, context: RequestContext, read: Callable[[Answer], T]) -> T:
        response = await self._follow(url, context)
        exchange = Exchange(
            module=context.module,
            url=self.redact(response.url),
            http_status=response.status,
            headers=self.redact.headers(response.headers.multi_items()),
            body=response.body,
            fetched_at=self._clock.now(),
        )
        if context.store is not None:
            exchange = replace(exchange, sha256=context.store(exchange))
        answer = Answer(exchange, response.url, response.headers)
        try:
            self._refuse_status(response)
            return read(answer)
        except errors.OcpiError as error:
            if context.refused is not None:
                context.refused(answer, error)
            raise

    async def _follow(self, url: str, context: RequestContext) -> Response:
        request_id = str(uuid.uuid4())
        for _ in range(_MOST_REDIRECTS + 1):
            await self._pacer.wait()
            context.requests += 1
            response = await self._transport.get(
                url,
                {
                    "authorization": self.auth.header(),
                    "x-request-id": request_id,
                    "x-correlation-id": context.correlation_id,
                    **context.routing,
                },
            )
            if response.status not in _REDIRECTS:
                return response
            url = self._redirected(url, response.headers.get("location", ""))
        raise errors.RedirectError(
            f"{self._name}: more than {_MOST_REDIRECTS} redirects; ask the partner"
        )

    def _redirected(self, url: str, location: str) -> str:
        if not location.strip():
            raise errors.RedirectError(f"{self._name}: a redirect to nowhere; ask the partner")
        target = httpx.URL(self.permitted(url, location))
        asked = httpx.URL(url)
        if asked.query and not target.query:  # partners redirect to a slash and drop the query
            return with_query(str(target), dict(asked.params))
        return str(target)

    def _refuse_status(self, response: Response) -> None:
        status = response.status
        if status in (401, 403):
            raise errors.TokenRejectedError(
                f"{self._name}: HTTP {status}, the partner rejects our token; check that the "
                "token's variable holds the token it gave us last, and token_encoding"
            )
        retry_after = response.headers.get("retry-after")
        shown = self.redact(response.url)
        says = status_message_of(response.body)
        refuse_http(self._name, status, retry_after, shown, self._clock.now(), says)
