"""One HTTP request, bounded in every direction: time, silence, size as sent, size inflated.

Belongs here: httpx, its exceptions, content codings. Not here: retries, tokens, OCPI.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx

from models.ocpi.json.inflate import InflateError, InflateLimitError, Inflater
from pipelines.ocpi import errors
from pipelines.ocpi.origins import AddressGuard

_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate"})
_DEFAULT_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate",
    "user-agent": "roamhouse",
}


@dataclass(frozen=True)
class Limits:
    """The bounds of one response."""

    silence_s: float  # seconds to connect, and between two bytes
    whole_s: float  # seconds for everything
    max_bytes: int  # largest body, as sent and inflated


@dataclass(frozen=True)
class Response:
    """A response whose body is complete and inflated."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)


class Transport:
    """A kept-alive HTTP client for one partner; takes nothing from the environment.

    Args:
        who: the partner's name, for messages.
        limits: bounds of each response.
        proxy: URL of an HTTP proxy.
        ca_file: certificate authorities to trust instead of the public ones.
        urls: those of the settings, whose addresses may be private; a proxy decides for itself.
    """

    def __init__(
        self,
        who: str,
        limits: Limits,
        proxy: str | None = None,
        ca_file: Path | None = None,
        urls: Iterable[str] = (),
    ) -> None:
        self._extensions = {} if proxy else {"trace": AddressGuard(who, urls)}
        self._who = who
        self._limits = limits
        for chatty in ("httpx", "httpcore"):  # they log URLs and headers, and secrets with them
            logging.getLogger(chatty).setLevel(logging.WARNING)
        self._http = httpx.AsyncClient(
            headers=_DEFAULT_HEADERS,
            timeout=limits.silence_s,
            verify=_tls(who, ca_file),
            proxy=proxy,
            trust_env=False,
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def get(self, url: str, headers: Mapping[str, str]) -> Response:
        """Fetch a URL into memory.

        Raises:
            OcpiError: no whole response came within the bounds.
        """
        return await self.send("GET", url, headers)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Response:
        """Make a request and read its response into memory.

        Raises:
            OcpiError: no whole response came within the bounds.
        """
        async with self.stream(url, headers, method, content) as response:
            body = b"".join([piece async for piece in self.body(response)])
            return Response(url, response.status_code, response.headers, body)

    @asynccontextmanager
    async def stream(
        self,
        url: str,
        headers: Mapping[str, str],
        method: str = "GET",
        content: bytes | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """Open a response, translating every failure inside into an `OcpiError`."""
        try:
            async with asyncio.timeout(self._limits.whole_s):
                async with self._http.stream(
                    method, url, headers=headers, content=content, extensions=self._extensions
                ) as response:
                    yield response
        except TimeoutError as error:
            raise errors.TimedOutError(
                f"{self._who}: no whole answer within {self._limits.whole_s:g} s; "
                "raise page_timeout or lower page_limit"
            ) from error
        except httpx.HTTPError as error:
            raise self._translate(error) from error
        except httpx.InvalidURL as error:
            raise errors.ConfigurationError(
                f"{self._who}: the URL cannot be asked: {error}"
            ) from error

    async def body(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """Read a response's body, inflated, never more than the bound.

        Raises:
            TooLargeError: the bound was reached.
            BadEncodingError: the Content-Encoding is unknown or not followed.
        """
        coding = response.headers.get("content-encoding", "").strip().lower()
        if coding not in _COMPRESSED | {"", "identity"}:
            raise errors.BadEncodingError(
                f"{self._who}: the answer has Content-Encoding {coding[:40]!r}, which we did not "
                "ask for; the partner must heed Accept-Encoding"
            )
        announced = response.headers.get("content-length", "")
        self._refuse_over(int(announced) if announced.isdecimal() else 0)
        inflater = Inflater(self._limits.max_bytes) if coding in _COMPRESSED else None
        received = 0
        async for chunk in response.aiter_raw():
            received += len(chunk)
            self._refuse_over(received)
            if inflater is None:
                yield chunk
                continue
            for piece in self._inflated(inflater, chunk):
                yield piece
        if inflater is not None and received:
            self._finish(inflater)

    def _refuse_over(self, size: int) -> None:
        if size > self._limits.max_bytes:
            raise errors.TooLargeError(
                f"{self._who}: the answer is larger than {self._limits.max_bytes:,} bytes; "
                "lower page_limit or raise max_page"
            )

    def _inflated(self, inflater: Inflater, chunk: bytes) -> list[bytes]:
        try:
            return list(inflater.feed(chunk))
        except InflateLimitError as error:
            raise errors.TooLargeError(
                f"{self._who}: the answer inflates to more than {self._limits.max_bytes:,} bytes; "
                "lower page_limit or raise max_page"
            ) from error
        except InflateError as error:
            raise errors.BadEncodingError(
                f"{self._who}: the answer is not what its Content-Encoding says: {error}"
            ) from error

    def _finish(self, inflater: Inflater) -> None:
        try:
            inflater.finish()
        except InflateError as error:
            raise errors.BrokenConnectionError(
                f"{self._who}: the answer was cut off: {error}"
            ) from error

    def _translate(self, error: httpx.HTTPError) -> errors.OcpiError:
        if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
            return errors.TlsError(
                f"{self._who}: TLS failed: {error}; check the host name and certificate, or name "
                "the partner's certificate authority in ca_file"
            )
        if isinstance(error, httpx.TimeoutException):
            silence = f"{self._limits.silence_s:g} s"
            if isinstance(error, httpx.ConnectTimeout):
                return errors.UnreachableError(
                    f"{self._who}: no connection within {silence}; is it up?"
                )
            return errors.TimedOutError(
                f"{self._who}: silent for {silence}; run again or raise timeout"
            )
        if isinstance(error, httpx.ConnectError | httpx.ProxyError):
            return errors.UnreachableError(
                f"{self._who}: cannot connect: {error}; check the URL, the network and whether "
                "the partner lets our address in"
            )
        return errors.BrokenConnectionError(
            f"{self._who}: the connection broke: {error}; run again"
        )


@cache
def _public_authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _tls(who: str, ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        return _public_authorities()  # parsing some hundred certificates once is enough
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise errors.ConfigurationError(
            f"{who}: ca_file {ca_file} cannot be used: {error}"
        ) from error


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain
