"""Configuration: the partners file, the home directory, tokens and pseudonyms.

Reads files and an environment that is handed in; knows nothing of HTTP, Dagster or DuckDB.
"""

from typing import TYPE_CHECKING

from models.lazy_names import lazy_names

if TYPE_CHECKING:
    from models.contract import Contract, Rounding, Tolerance
    from pipelines.config.connections import (
        Connections,
        PartnerConnection,
        Role,
        connected_tokens,
        resolve_token,
    )
    from pipelines.config.errors import ConfigError, Problem
    from pipelines.config.home import VARIABLES, Home, Settings, find_partners_file
    from pipelines.config.home_settings import HomeSettings, load_settings
    from pipelines.config.loading import load_partners
    from pipelines.config.partners import (
        FeedPartner,
        OcpiPartner,
        Partner,
        Partners,
        ReceiverKeys,
        has_lists,
        sole_owner,
    )
    from pipelines.config.pseudonyms import Pseudonymiser, open_pseudonymiser, pseudonym_key
    from pipelines.config.values import Party

__all__ = [
    "VARIABLES",
    "ConfigError",
    "Connections",
    "Contract",
    "FeedPartner",
    "Home",
    "HomeSettings",
    "OcpiPartner",
    "Partner",
    "PartnerConnection",
    "Partners",
    "Party",
    "Problem",
    "Pseudonymiser",
    "ReceiverKeys",
    "Role",
    "Rounding",
    "Settings",
    "Tolerance",
    "connected_tokens",
    "find_partners_file",
    "has_lists",
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
        "pipelines.config.connections": "Connections PartnerConnection Role connected_tokens "
        "resolve_token",
        "pipelines.config.errors": "ConfigError Problem",
        "pipelines.config.home": "VARIABLES Home Settings find_partners_file",
        "pipelines.config.home_settings": "HomeSettings load_settings",
        "pipelines.config.loading": "load_partners",
        "pipelines.config.partners": "FeedPartner OcpiPartner Partner Partners "
        "ReceiverKeys has_lists sole_owner",
        "pipelines.config.pseudonyms": "Pseudonymiser open_pseudonymiser pseudonym_key",
        "pipelines.config.values": "Party",
    },
)
