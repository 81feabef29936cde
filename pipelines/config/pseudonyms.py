"""People's identifiers as keyed hashes, and the key they are made with.

The key decides which stored identifiers are equal, so it is never replaced silently: the home
remembers a fingerprint of the one its tables were filled with, and refuses another.
"""

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import PSEUDONYM_KEY, Home, Settings

KEY_FILE = "pseudonym.key"
FINGERPRINT_FILE = "pseudonym.fingerprint"
MIN_KEY = 32
_HEX_DIGITS = 32


@dataclass(frozen=True)
class Pseudonymiser:
    """Turns a person's identifier into its keyed hash; without a key, leaves it as it is."""

    key: bytes | None = field(repr=False)  # of the HMAC; None: pseudonyms are off

    def __call__(self, identifier: str) -> str:
        """Return the identifier's pseudonym.

        Token uids and contract ids are CiStrings (OCPI types, "CiString"): two that differ only
        in case are the same, and get the same pseudonym.

        Returns:
            32 hexadecimal digits: the first half of HMAC-SHA256; the identifier if off.
        """
        if self.key is None:
            return identifier
        message = identifier.upper().encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, message, "sha256").hex()[:_HEX_DIGITS]

    @property
    def fingerprint(self) -> str:
        """A fingerprint that tells keys apart without giving them away; `off` without one."""
        if self.key is None:
            return "off"
        return hmac.digest(self.key, b"roamhouse pseudonym key", "sha256").hex()[:_HEX_DIGITS]


def open_pseudonymiser(home: Home, environ: Mapping[str, str]) -> Pseudonymiser:
    """Open the pseudonymiser of this home, before anything is written there.

    Raises:
        ConfigError: the key is unusable, or is not the one that the home was filled with.
    """
    pseudonymiser = Pseudonymiser(pseudonym_key(home, environ))
    path = home.path / FINGERPRINT_FILE
    _create(path, pseudonymiser.fingerprint)
    if _read(path) != pseudonymiser.fingerprint:
        message = (
            "this home was filled with another key (or with pseudonyms switched the other way), "
            f"so people would no longer match; restore {KEY_FILE} or {PSEUDONYM_KEY}, or remove "
            f"{path.name} and {home.warehouse.name} and run `roamhouse replay`"
        )
        raise ConfigError([Problem("pseudonyms", message)])
    return pseudonymiser


def pseudonym_key(home: Home, environ: Mapping[str, str]) -> bytes | None:
    """Read the key: ROAMHOUSE_PSEUDONYM_KEY, else the home's key file, made on first use.

    Returns:
        The key; None where ROAMHOUSE_PSEUDONYMS is off.

    Raises:
        ConfigError: the key is too short, or its file is gone or cannot be read.
    """
    settings = Settings.of(environ)
    if not settings.pseudonyms:
        return None
    if settings.pseudonym_key is not None:
        return _usable(settings.pseudonym_key, PSEUDONYM_KEY)
    path = home.path / KEY_FILE
    if not path.exists() and not (home.path / FINGERPRINT_FILE).exists():
        _create(path, secrets.token_hex(MIN_KEY))
    return _usable(_read(path), str(path))


def _usable(key: str, where: str) -> bytes:
    if len(key) < MIN_KEY:
        message = (
            f"the pseudonym key has {len(key)} characters, expected at least {MIN_KEY}; restore "
            "it from a backup (a new key would not match what is stored)"
        )
        raise ConfigError([Problem(where, message)])
    return key.encode()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"cannot be read: {error.strerror}; restore it from a backup"
        raise ConfigError([Problem(str(path), message)]) from None


def _create(path: Path, text: str) -> None:
    """Write a file that only this user can read, whole or not at all, unless it is there."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never replaces: of two processes, the first one's file stays.
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise ConfigError([Problem(str(path), message)]) from None
    finally:
        draft.unlink(missing_ok=True)
