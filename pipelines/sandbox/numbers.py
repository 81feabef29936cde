"""How the sandbox writes numbers: exactly, from whole units, never through floats."""

from __future__ import annotations


def money(cents: int) -> str:
    """Cents as an amount with two decimals."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def kwh(wh: int) -> str:
    """Wh as kWh with three decimals."""
    sign = "-" if wh < 0 else ""
    return f"{sign}{abs(wh) // 1000}.{abs(wh) % 1000:03d}"


def hours(seconds: int, decimals: int) -> str:
    """Seconds as hours with so many decimals, half up."""
    scale: int = 10**decimals
    scaled = (seconds * scale * 2 + 3600) // 7200
    return f"{scaled // scale}.{scaled % scale:0{decimals}d}"


def price(ten_thousandths: int) -> str:
    """A unit price with two to four decimals."""
    text = f"{ten_thousandths // 10_000}.{ten_thousandths % 10_000:04d}"
    return text[:-2] if text.endswith("00") else text


def rate(thousandths: int) -> str:
    """A tax rate in percent with one to three decimals."""
    text = f"{thousandths // 1000}.{thousandths % 1000:03d}"
    return text[:-2] if text.endswith("00") else text


def degrees(millionths: int) -> str:
    """A coordinate with six decimals."""
    sign = "-" if millionths < 0 else ""
    return f"{sign}{abs(millionths) // 1_000_000}.{abs(millionths) % 1_000_000:06d}"
