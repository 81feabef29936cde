"""The currency that each country uses, to tell a tariff in an unusual one."""

from __future__ import annotations

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
