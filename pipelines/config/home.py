"""The home directory: everything that a run writes, and where each part of it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.config.environment import PARTNERS, Settings
from pipelines.config.errors import ConfigError, Problem

DEFAULT_HOME = Path("data/home")
RESTORING = "restoring"
"""Folder in a home that a backup is being brought back to."""


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
        if (self.path / RESTORING).exists():
            message = "a restore was broken off here; run `roamhouse restore` again"
            raise ConfigError([Problem(f"home directory {self.path}", message)])
        for folder in (self.path, self.landing, self.serving, self.dagster):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                message = f"cannot be made: {error.strerror}; choose another with --home"
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
