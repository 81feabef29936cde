"""Texts that are safe in a spreadsheet: what a partner sent never becomes a formula."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
# Beside the four that start a formula, their full-width forms, which some programs fold.
_STARTERS = "[=+@\uff1d\uff0b\uff0d\uff20-]"
_FORMULA = re.compile(rf"(^|;)(\s*)(?={_STARTERS})")


def escape_formula(text: str) -> str:
    """Return the text, control characters as spaces, an apostrophe where it could be a formula.

    Spreadsheets take a cell that begins with `=`, `+`, `-` or `@` (or a tab or line break before
    one) for a formula; the apostrophe says that it is text. A semicolon begins a cell, too, where
    decimals are written with a comma.
    """
    return _FORMULA.sub(r"\1'\2", _CONTROLS.sub(" ", text))
