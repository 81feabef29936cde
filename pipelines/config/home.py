"""The home directory and its parts, and every environment variable that roamhouse itself reads.

The tokens of partners are not among these: the partners file names their variables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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


DEFAULT_HOME = Path("data/home")
RESTORING = "restoring"  # folder in a home that a backup is being brought back to


@dataclass(frozen=True)
class Home:
    """A home directory and the paths in it."""

    path: Path

    @classmethod
    def resolve(cls, option: str | Path | None, environ: Mapping[str, str]) -> Home:
        """Choose the home: the option, else ROAMHOUSE_HOME, else `data/home`."""
        chosen = option or Settings.of(environ).home or DEFAULT_HOME
        return cls(Path(chosen).expanduser().absolute())

    @property
    def landing(self) -> Path:
        """Pages as received."""
        return self.path / "landing"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.path / "warehouse.duckdb"

    @property
    def serving(self) -> Path:
        """Published snapshots."""
        return self.path / "serving"

    @property
    def cache(self) -> Path:
        """Copies that save work; may be deleted."""
        return self.path / "cache"

    @property
    def decisions(self) -> Path:
        """The decisions of people (SQLite)."""
        return self.path / "decisions.sqlite"

    @property
    def dagster(self) -> Path:
        """Dagster's own instance."""
        return self.path / "dagster"

    @property
    def settings(self) -> Path:
        """The settings of how the home is run and kept."""
        return self.path / "settings.yaml"

    @property
    def partners(self) -> Path:
        """The partners file that is used where none is named."""
        return self.path / "partners.yaml"

    def create(self) -> None:
        """Make the directories that are missing, for this user only: pages name people.

        Raises:
            ConfigError: they cannot be made, or a restore was broken off here.
        """
        folder = self.path
        try:
            if (self.path / RESTORING).exists():
                message = "a restore was broken off here; run `roamhouse restore` again"
                raise ConfigError([Problem(f"home directory {self.path}", message)])
            for folder in (self.path, self.landing, self.serving, self.dagster):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            message = f"cannot be made or used: {error.strerror}; choose another with --home"
            raise ConfigError([Problem(f"home directory {folder}", message)]) from None


def find_partners_file(option: str | Path | None, environ: Mapping[str, str], home: Home) -> Path:
    """Find the partners file: the option, else ROAMHOUSE_PARTNERS, else the home's own.

    Raises:
        ConfigError: there is no such file.
    """
    chosen = option or Settings.of(environ).partners or home.partners
    path = Path(chosen).expanduser()
    if not path.is_file():
        named = "" if option or Settings.of(environ).partners else " (none was named)"
        message = (
            f"there is no partners file here{named}; copy data/partners.example.yaml and edit "
            f"it, or name another with --partners or {PARTNERS}"
        )
        raise ConfigError([Problem(str(path), message)])
    return path


def write_private(path: Path, content: bytes) -> None:
    """Put a file in the place of another; it is on the disk when this returns.

    Raises:
        OSError: it cannot be written; the one before it is as it was.
    """
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
