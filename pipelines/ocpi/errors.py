"""Faults of a partner, one class for each thing there is to do about it.

Every message is one line that says what happened and what to do, and holds no token.
"""


class OcpiError(Exception):
    """Something about a partner keeps us from its data.

    `retriable` says whether the same request may go well a moment later.
    """

    retriable = False


class ConfigurationError(OcpiError):
    """The connection's own settings cannot work."""


class UnreachableError(OcpiError):
    """No connection to the partner's server came about."""

    retriable = True


class TlsError(OcpiError):
    """The server's certificate or TLS version is not acceptable."""


class TimedOutError(OcpiError):
    """The server went silent, or took too long altogether."""

    retriable = True


class SessionOverError(OcpiError):
    """The partner had its time: nothing more is asked of it in this session."""


class BrokenConnectionError(OcpiError):
    """The connection broke, or the body ended before its announced length."""

    retriable = True


class TooLargeError(OcpiError):
    """A response is larger than allowed, as sent or inflated."""


class BadEncodingError(OcpiError):
    """The Content-Encoding is unknown, or the body does not follow it."""


class OriginRefusedError(OcpiError):
    """The partner points to another origin, where its token must not go."""


class RedirectError(OcpiError):
    """Redirects without end or without a target."""


class TokenRejectedError(OcpiError):
    """The partner does not accept our token."""


class HttpRefusedError(OcpiError):
    """An HTTP status that no waiting will change.

    `status`: the HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServerFailureError(OcpiError):
    """HTTP 5xx: the partner's server fails."""

    retriable = True


class RateLimitedError(OcpiError):
    """HTTP 429: the partner asks us to slow down.

    `retry_after_s`: seconds that the partner asks us to wait; None: it does not say.
    """

    retriable = True

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StatusRefusedError(OcpiError):
    """An OCPI `status_code` other than success, whatever the HTTP status says.

    Hub errors 4002 (timeout on the forwarded request) and 4003 (connection problem) are
    a timeout and a broken connection one hop further on, so they are retried like these.

    `status_code`: the OCPI status code.
    """

    def __init__(self, message: str, status_code: int) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.retriable = status_code in (4002, 4003)


class UnreadableError(OcpiError):
    """The body is not what OCPI promises.

    `truncated`: whether it looks cut off, so that asking again may help.
    """

    def __init__(self, message: str, *, truncated: bool = False) -> None:
        super().__init__(message)
        self.retriable = truncated


class NoCommonVersionError(OcpiError):
    """The partner speaks no OCPI version that we speak."""


class ModuleMissingError(OcpiError):
    """The partner does not offer a module that was asked for."""


class CircuitOpenError(OcpiError):
    """Too many requests failed in a row; the partner is left alone for a while."""


class IncompleteError(OcpiError):
    """The list ended before every object that the partner promised had come."""
