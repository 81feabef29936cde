"""Texts of partners made harmless: no formula in a spreadsheet, no control character anywhere."""

import re

# Control characters, line separators, and marks that turn the direction of what follows.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
# Beside the four that start a formula, their full-width forms, which some programs fold.
_STARTERS = r"[=+@\uff1d\uff0b\uff0d\uff20-]"
_FORMULA = re.compile(rf"(^|;)(\s*)(?={_STARTERS})")


def escape_formula(text: str) -> str:
    """Return the text, control characters as spaces, an apostrophe where it could be a formula.

    Spreadsheets take a cell that begins with `=`, `+`, `-` or `@` (or a tab or line break before
    one) for a formula; the apostrophe says that it is text. A semicolon begins a cell, too, where
    decimals are written with a comma.
    """
    return _FORMULA.sub(r"\1'\2", _CONTROLS.sub(" ", text))


def printable(text: str, limit: int) -> str:
    """Return the text for paper: control characters as spaces, cut to so many characters."""
    plain = " ".join(_CONTROLS.sub(" ", text).split())
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"
