"""A partner's token, from a handshake or the environment, and only when it is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelines.config.connections import ConnectedTokens, Connections
from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import Home
from pipelines.config.partners import OcpiPartner, Partners


def connected_tokens(
    home: Home, partners: Partners, environ: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the environment, in which a token that a handshake brought stands for its variable."""
    variables = {p.name: p.token_env for p in partners.partners if isinstance(p, OcpiPartner)}
    return ConnectedTokens(environ, variables, Connections(home))


def resolve_token(partner: OcpiPartner, environ: Mapping[str, str]) -> str:
    """Read the token to authenticate with (OCPI 2.2.1 credentials, CREDENTIALS_TOKEN_C).

    Returns:
        The token as given, without surrounding white space; never write it anywhere.

    Raises:
        ConfigError: the variable is unset or empty, or holds what cannot be a token.
    """
    where = f"partner {partner.name}"
    variable = partner.token_env
    token = environ.get(variable, "").strip()
    if not token:
        message = (
            f"the environment variable {variable} is not set; set it to the token that "
            f"{partner.name} gave you: export {variable}=..."
        )
        raise ConfigError([Problem(where, message)])
    if re.match(r"token\s", token, re.IGNORECASE):
        message = f"{variable} begins with the word Token; set it to the token alone"
        raise ConfigError([Problem(where, message)])
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        message = f"{variable} holds spaces or other characters that no OCPI token can have"
        raise ConfigError([Problem(where, message)])
    return token
