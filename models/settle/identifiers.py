"""Identifiers of electronic addresses that carry a check digit or have a fixed form."""

from __future__ import annotations

import re
from collections.abc import Callable


def is_gln(text: str) -> bool:
    """Recognize a Global Location Number: 13 digits, the last by GS1's weights of 3 and 1."""
    if not re.fullmatch("[0-9]{13}", text):
        return False
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(text[:-1]))
    return (10 - weighed % 10) % 10 == int(text[-1])


def is_norwegian(text: str) -> bool:
    """Recognize a Norwegian organisation number: nine digits, the last modulo 11."""
    if not re.fullmatch("[0-9]{9}", text):
        return False
    weighed = sum(int(d) * w for d, w in zip(text, (3, 2, 7, 6, 5, 4, 3, 2), strict=False))
    return int(text) > 0 and (11 - weighed % 11) % 11 == int(text[-1])


def is_danish(text: str) -> bool:
    """Recognize a Danish CVR number: eight digits, with or without DK before them."""
    return bool(re.fullmatch("(DK)?[0-9]{8}", text))


def is_belgian(text: str) -> bool:
    """Recognize a Belgian enterprise number: ten digits, the last two modulo 97."""
    return bool(re.fullmatch("[0-9]{10}", text)) and 97 - int(text[:8]) % 97 == int(text[8:])


def is_swedish(text: str) -> bool:
    """Recognize a Swedish organisation number: ten digits, the last by Luhn."""
    if not re.fullmatch("[0-9]{10}", text):
        return False
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(text)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


#: Scheme → the rule's name, what the identifier is, and whether a text is one.
IDENTIFIER_RULES: dict[str, tuple[str, str, Callable[[str], bool]]] = {
    "0088": ("PEPPOL-COMMON-R040", "Global Location Number", is_gln),
    "0192": ("PEPPOL-COMMON-R041", "Norwegian organisation number", is_norwegian),
    "0184": ("PEPPOL-COMMON-R042", "Danish CVR number", is_danish),
    "0208": ("PEPPOL-COMMON-R043", "Belgian enterprise number", is_belgian),
    "0007": ("PEPPOL-COMMON-R049", "Swedish organisation number", is_swedish),
}
