"""Every environment variable that roamhouse itself reads, named once.

The tokens of partners are not here: the partners file names their variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.config.errors import ConfigError, Problem

HOME = "ROAMHOUSE_HOME"
PARTNERS = "ROAMHOUSE_PARTNERS"
PSEUDONYMS = "ROAMHOUSE_PSEUDONYMS"
PSEUDONYM_KEY = "ROAMHOUSE_PSEUDONYM_KEY"

VARIABLES: dict[str, str] = {
    HOME: "the home directory, where every run writes; default: data/home",
    PARTNERS: "the partners file; default: partners.yaml in the home directory",
    PSEUDONYMS: "on (default): people's identifiers are stored as keyed hashes; off: as sent",
    PSEUDONYM_KEY: "key of those hashes, 32 characters or more; default: pseudonym.key in the "
    "home directory, made on first use",
}


@dataclass(frozen=True)
class Settings:
    """The settings of the environment; an empty variable counts as unset."""

    home: str | None
    partners: str | None
    pseudonyms: bool
    pseudonym_key: str | None = field(repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Settings:
        """Read the variables.

        Raises:
            ConfigError: a variable has a value that means nothing.
        """
        switch = environ.get(PSEUDONYMS, "").strip().lower() or "on"
        if switch not in {"on", "off"}:
            message = f"expected on or off, found {switch[:60]!r}"
            raise ConfigError([Problem(PSEUDONYMS, message)])
        return cls(
            home=environ.get(HOME) or None,
            partners=environ.get(PARTNERS) or None,
            pseudonyms=switch == "on",
            pseudonym_key=environ.get(PSEUDONYM_KEY) or None,
        )
