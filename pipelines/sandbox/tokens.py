"""Our own tokens, as the partners know them."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.sandbox.cast import EMSP

RETIRED = 40


@dataclass(frozen=True)
class Token:
    """One of our drivers' tokens (OCPI Token)."""

    uid: str
    kind: str
    contract_id: str
    valid: bool = True


def token(number: int) -> Token:
    """The token with this number; uid and contract id are the same in every module."""
    country_code, party_id = EMSP
    contract_id = f"{country_code}-{party_id}-C{number:07d}-{'ABCDEFGHKX'[number % 10]}"
    if number % 5 == 4:
        return Token(f"APP{number:08d}", "APP_USER", contract_id)
    return Token(f"{0x04A2B3C4D50000 + number * 97:014X}", "RFID", contract_id)


def retired(number: int) -> Token:
    """A token that is no longer valid."""
    country_code, party_id = EMSP
    return Token(f"04FFEE{number:08X}", "RFID", f"{country_code}-{party_id}-X{number:07d}-Z", False)
