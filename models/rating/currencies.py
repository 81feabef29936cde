"""Currencies: how finely each is divided (ISO 4217), and which belong to which country."""

from __future__ import annotations

_NO_DECIMALS = """
BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
"""
_THREE_DECIMALS = """
BHD IQD JOD KWD LYD OMR TND
"""
_FOUR_DECIMALS = "CLF UYW"

_EURO_COUNTRIES = "AD AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MC ME MT NL PT SI SK SM VA XK"
CURRENCY_OF_COUNTRY: dict[str, str] = {
    **dict.fromkeys(_EURO_COUNTRIES.split(), "EUR"),
    "AL": "ALL", "AU": "AUD", "BA": "BAM", "BR": "BRL", "CA": "CAD", "CH": "CHF", "CN": "CNY",
    "CZ": "CZK", "DK": "DKK", "GB": "GBP", "GE": "GEL", "HU": "HUF", "IL": "ILS", "IN": "INR",
    "IS": "ISK", "JP": "JPY", "KR": "KRW", "LI": "CHF", "MA": "MAD", "MD": "MDL", "MK": "MKD",
    "MX": "MXN", "NO": "NOK", "NZ": "NZD", "PL": "PLN", "RO": "RON", "RS": "RSD", "SE": "SEK",
    "TH": "THB", "TR": "TRY", "UA": "UAH", "US": "USD", "ZA": "ZAR",
}  # fmt: skip
"""ISO 3166-1 alpha-2 code → the currency in use there, for the countries of public roaming."""


def minor_unit_decimals(currency: str) -> int:
    """Decimals of a currency's minor unit; two where the code is not one of the exceptions."""
    if currency in _NO_DECIMALS.split():
        return 0
    if currency in _FOUR_DECIMALS.split():
        return 4
    return 3 if currency in _THREE_DECIMALS.split() else 2


def minor_unit_millionths(currency: str) -> int:
    """Millionths in a currency's minor unit: 10,000 for a cent."""
    return int(10 ** (6 - minor_unit_decimals(currency)))
