"""Configuration: the partners file, the home directory, tokens and pseudonyms.

Reads files and an environment that is handed in; knows nothing of HTTP, Dagster or DuckDB.
"""

from typing import TYPE_CHECKING

from models.lazy_names import lazy_names

if TYPE_CHECKING:
    from models.contract import Contract, Rounding, Tolerance
    from pipelines.config.environment import VARIABLES, Settings
    from pipelines.config.errors import ConfigError, Problem
    from pipelines.config.home import Home, find_partners_file
    from pipelines.config.home_settings import HomeSettings, load_settings
    from pipelines.config.loading import load_partners
    from pipelines.config.partners import FeedPartner, OcpiPartner, Partner, Partners, sole_owner
    from pipelines.config.pseudonyms import Pseudonymiser, open_pseudonymiser, pseudonym_key
    from pipelines.config.tokens import resolve_token
    from pipelines.config.values import Party

__all__ = [
    "VARIABLES",
    "ConfigError",
    "Contract",
    "FeedPartner",
    "Home",
    "HomeSettings",
    "OcpiPartner",
    "Partner",
    "Partners",
    "Party",
    "Problem",
    "Pseudonymiser",
    "Rounding",
    "Settings",
    "Tolerance",
    "find_partners_file",
    "load_partners",
    "load_settings",
    "open_pseudonymiser",
    "pseudonym_key",
    "resolve_token",
    "sole_owner",
]

__getattr__ = lazy_names(
    __name__,
    {
        "models.contract": "Contract Rounding Tolerance",
        "pipelines.config.environment": "VARIABLES Settings",
        "pipelines.config.errors": "ConfigError Problem",
        "pipelines.config.home": "Home find_partners_file",
        "pipelines.config.home_settings": "HomeSettings load_settings",
        "pipelines.config.loading": "load_partners",
        "pipelines.config.partners": "FeedPartner OcpiPartner Partner Partners sole_owner",
        "pipelines.config.pseudonyms": "Pseudonymiser open_pseudonymiser pseudonym_key",
        "pipelines.config.tokens": "resolve_token",
        "pipelines.config.values": "Party",
    },
)
