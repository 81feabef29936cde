"""The Authorization header: `Token` and the credentials token, Base64 or as it is.

Implements transport_and_format, authorization header: Base64 since 2.2-d2; many 2.1.1 and
2.2 implementations expect the bare token.
"""

import base64

from pipelines.ocpi.connection import TokenEncoding


class Authorizer:
    """Knows a token, how it goes into the header, and what the partner made of it.

    `encoding`: `base64`, `raw`, or `auto`: Base64 first, raw once where that is refused.
    """

    def __init__(self, token: str, encoding: TokenEncoding) -> None:
        self._values = {"base64": base64.b64encode(token.encode()).decode(), "raw": token}
        self._may_switch = encoding == "auto"
        self.encoding = "raw" if encoding == "raw" else "base64"

    def __repr__(self) -> str:
        return f"Authorizer({self.encoding})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that must never be seen."""
        return tuple(self._values.values())

    def header(self) -> str:
        """Return the value of the Authorization header."""
        return f"Token {self._values[self.encoding]}"

    def switch(self) -> bool:
        """Change to the other encoding after a refusal, if that was not tried yet.

        Returns:
            Whether it makes sense to ask again.
        """
        if not self._may_switch:
            return False
        self._may_switch = False
        self.encoding = "raw" if self.encoding == "base64" else "base64"
        return True

    def switch_back(self, encoding: str) -> None:
        """Go back: the other encoding was refused too, so it is the token that was refused."""
        self.encoding = encoding
