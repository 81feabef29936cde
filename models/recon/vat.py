"""The value added tax on public charging, by country and day: the standard rates of Europe.

Charging at a public point is taxed at the standard rate in all of them. Sources are the national
tax laws; a country that is not here has no rate to hold a claim against, and is not judged.
"""

from datetime import UTC, datetime

import polars as pl

_ALWAYS = "2015-01-01"
#: ISO 3166-1 alpha-3 → (from the start of that day, percent), earliest first.
STANDARD_RATES: dict[str, tuple[tuple[str, str], ...]] = {
    "AUT": ((_ALWAYS, "20"),),
    "BEL": ((_ALWAYS, "21"),),
    "BGR": ((_ALWAYS, "20"),),
    "CHE": ((_ALWAYS, "8"), ("2018-01-01", "7.7"), ("2024-01-01", "8.1")),
    "CYP": ((_ALWAYS, "19"),),
    "CZE": ((_ALWAYS, "21"),),
    "DEU": ((_ALWAYS, "19"), ("2020-07-01", "16"), ("2021-01-01", "19")),
    "DNK": ((_ALWAYS, "25"),),
    "ESP": ((_ALWAYS, "21"),),
    "EST": ((_ALWAYS, "20"), ("2024-01-01", "22"), ("2025-07-01", "24")),
    "FIN": ((_ALWAYS, "24"), ("2024-09-01", "25.5")),
    "FRA": ((_ALWAYS, "20"),),
    "GBR": ((_ALWAYS, "20"),),
    "GRC": ((_ALWAYS, "23"), ("2016-06-01", "24")),
    "HRV": ((_ALWAYS, "25"),),
    "HUN": ((_ALWAYS, "27"),),
    "IRL": ((_ALWAYS, "23"), ("2020-09-01", "21"), ("2021-03-01", "23")),
    "ISL": ((_ALWAYS, "24"),),
    "ITA": ((_ALWAYS, "22"),),
    "LTU": ((_ALWAYS, "21"),),
    "LUX": ((_ALWAYS, "17"), ("2023-01-01", "16"), ("2024-01-01", "17")),
    "LVA": ((_ALWAYS, "21"),),
    "MLT": ((_ALWAYS, "18"),),
    "NLD": ((_ALWAYS, "21"),),
    "NOR": ((_ALWAYS, "25"),),
    "POL": ((_ALWAYS, "23"),),
    "PRT": ((_ALWAYS, "23"),),
    "ROU": ((_ALWAYS, "24"), ("2016-01-01", "20"), ("2017-01-01", "19"), ("2025-08-01", "21")),
    "SVK": ((_ALWAYS, "20"), ("2025-01-01", "23")),
    "SVN": ((_ALWAYS, "22"),),
    "SWE": ((_ALWAYS, "25"),),
}
#: Further rates that are right in a part of the country: islands and autonomous regions.
REGIONAL_RATES: dict[str, tuple[str, ...]] = {"GRC": ("17",), "PRT": ("16", "22")}
RATE = pl.Decimal(18, 6)


def with_vat_rates(facts: pl.DataFrame) -> pl.DataFrame:
    """Add `vat_standard_rate` and `vat_rates_allowed`, in percent, by `country` and `end_at`."""
    countries = facts["country"].drop_nulls().unique().sort().to_list()
    standard = pl.lit(None, dtype=RATE)
    for country in countries:
        for first_day, percent in STANDARD_RATES.get(country, ()):
            since = datetime.fromisoformat(first_day).replace(tzinfo=UTC)
            standard = (
                pl.when((pl.col("country") == country) & (pl.col("end_at") >= since))
                .then(pl.lit(percent).cast(RATE))
                .otherwise(standard)
            )
    regional = {
        country: pl.Series(REGIONAL_RATES.get(country, ()), dtype=pl.String).cast(RATE).to_list()
        for country in countries
    }
    allowed = pl.DataFrame(
        {"country": list(regional), "regional": list(regional.values())},
        schema={"country": pl.String, "regional": pl.List(RATE)},
    )
    return (
        facts.join(allowed, on="country", how="left", maintain_order="left")
        .with_columns(standard.alias("vat_standard_rate"))
        .with_columns(
            pl.when(pl.col("vat_standard_rate").is_not_null())
            .then(pl.concat_list(pl.col("vat_standard_rate"), pl.col("regional")))
            .alias("vat_rates_allowed")
        )
        .drop("regional")
    )
