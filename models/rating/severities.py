"""Severities of what the lint finds."""

from __future__ import annotations

from typing import Final

SEVERITIES: Final = ("error", "warning", "info")
