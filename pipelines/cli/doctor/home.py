"""The program and its home: libraries, who may read and write, room, keys, exchange rates."""

import os
import platform
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb

from models.errors import Refused
from pipelines.cli.doctor import Check
from pipelines.config.errors import ConfigError
from pipelines.config.home import Home, Settings
from pipelines.config.home_settings import load_settings
from pipelines.config.pseudonyms import FINGERPRINT_FILE, KEY_FILE, open_pseudonymiser
from pipelines.decisions.opening import open_decisions
from pipelines.decisions.schema import open_to_read
from pipelines.exports.company import FILE_NAME, CompanyError, load_letterhead
from pipelines.landing.landing import Landing
from pipelines.landing.remote import LandingAway
from pipelines.stages.settle.fx import RatesError, load_rates, missing_rates
from pipelines.upkeep.unfinished_erasure import FILE as ERASING
from pipelines.warehouse.snapshot import open_current

_LIBRARIES = ("dagster", "duckdb", "polars", "pandera", "httpx", "msgspec", "numba", "pyarrow")


def check_installation(installed: Callable[[str], str] = version) -> Iterator[Check]:
    """Versions of everything that decides how a run behaves.

    `installed`: the version of a distribution; raises PackageNotFoundError without it.
    """
    yield Check("program", "python", "ok", f"Python {platform.python_version()}")
    found: dict[str, str] = {}
    for name in _LIBRARIES:
        try:
            found[name] = installed(name)
        except PackageNotFoundError:
            message = f"{name} is not installed; run `make test` once, or install roamhouse again"
            yield Check("program", name, "fail", message)
    duckdb = found.get("duckdb", "1.5.")
    if not duckdb.startswith("1.5."):
        message = f"DuckDB {duckdb} is installed, 1.5 is expected; install requirements.lock"
        yield Check("program", "duckdb", "warn", message)
    yield Check("program", "libraries", "ok", ", ".join(f"{k} {v}" for k, v in found.items()))


_LITTLE_ROOM = 2 << 30


def check_home(home: Home) -> Iterator[Check]:
    """Yield the directory that a run writes."""
    if home.path.exists() and not home.path.is_dir():
        message = f"{home.path} is not a directory; choose another with --home"
        yield Check("home", "directory", "unusable", message)
        return
    nearest = _nearest_existing(home.path)
    if not os.access(nearest, os.W_OK | os.X_OK):
        message = f"{nearest} cannot be written; change its owner, or choose another with --home"
        yield Check("home", "directory", "unusable", message)
        return
    later = "" if home.path.exists() else " (the first run makes it)"
    yield Check("home", "directory", "ok", f"{home.path}{later}")
    if home.path.exists() and stat.S_IMODE(home.path.stat().st_mode) & 0o077:
        message = f"others may look into it, and pages name people; chmod 700 {home.path}"
        yield Check("home", "privacy", "warn", message)
    if (home.path / ERASING).exists():
        message = "an erasure was broken off; give `roamhouse privacy erase` again"
        yield Check("home", "erasure", "fail", message)
    free = shutil.disk_usage(nearest).free
    room = f"{free / (1 << 30):,.1f} GiB free"
    if free < _LITTLE_ROOM:
        yield Check("home", "room", "warn", f"{room}; make room, or choose another with --home")
    else:
        yield Check("home", "room", "ok", room)


def check_settings(home: Home) -> Iterator[Check]:
    """Yield the home's settings, where it has some."""
    if not home.settings.exists():
        return
    try:
        load_settings(home)
    except ConfigError as error:
        yield from (Check("settings", "file", "unusable", str(p)) for p in error.problems)
    else:
        yield Check("settings", "file", "ok", str(home.settings))


def check_landing(home: Home) -> Iterator[Check]:
    """Check that no landed body is empty: zstd has no empty frame, a power cut leaves them."""
    try:
        landing = Landing.of_home(home)
        torn = landing.objects.empty()
    except ConfigError:
        return  # said beside: the settings cannot be read
    except LandingAway as error:
        yield Check("landing", "store", "fail", str(error))
        return
    if landing.files.store is not None:
        waiting = len(landing.waiting())
        message = f"answers; {waiting} files wait in the home for the next run" if waiting else ""
        yield Check("landing", "store", "ok", message or "answers, and has all that was fetched")
    if torn:
        message = (
            f"{len(torn)} bodies are empty, such as {torn[0]}; their pulls are set aside and "
            "fetched again by the next run"
        )
        yield Check("landing", "bodies", "warn", message)


def check_decisions(home: Home) -> Iterator[Check]:
    """Check that the decisions can be read, where there are any."""
    try:
        if load_settings(home).decisions is not None:
            with open_decisions(home, clock=lambda: datetime.now(UTC)) as store:
                count = len(store.events())
            yield Check("decisions", "server", "ok", f"answers; {count:,} decisions")
            return
    except ConfigError:
        return  # said beside: the settings cannot be read
    except Refused as error:
        yield Check("decisions", "server", "fail", str(error))
        return
    if not home.decisions.exists():
        return
    try:
        with closing(open_to_read(home.decisions)) as con:
            con.execute("select count(*) from events")
    except sqlite3.DatabaseError as error:
        message = f"cannot be read: {error}; check who may, or restore it from a backup"
        yield Check("decisions", "file", "fail", message)


def check_pseudonyms(home: Home, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield the key of people's pseudonyms."""
    try:
        settings = Settings.of(environ)
        if not settings.pseudonyms:
            message = "off: people's identifiers are stored as sent; unset ROAMHOUSE_PSEUDONYMS"
            yield Check("pseudonyms", "switch", "warn", message)
        # Opening makes what is missing; a home without a fingerprint was never used.
        if (home.path / FINGERPRINT_FILE).exists():
            open_pseudonymiser(home, environ)
            message = "the key is the one that this home was filled with"
        else:
            message = "not used yet; the first run decides on the key"
    except ConfigError as error:
        yield Check("pseudonyms", "key", "unusable", str(error))
        return
    yield Check("pseudonyms", "key", "ok", message)
    key = home.path / KEY_FILE
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Check("pseudonyms", "privacy", "warn", f"others may read the key; chmod 600 {key}")


def _nearest_existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


def check_rates(home: Home) -> Iterator[Check]:
    """Check that company.yaml can be used and that every charge has a rate.

    `home`: the home directory; its newest snapshot is read, if there is one.
    """
    try:
        rates = load_rates(home, load_letterhead(home.path / FILE_NAME))
    except (CompanyError, RatesError) as error:
        yield Check("company", "file", "unusable", str(error).splitlines()[0])
        return
    reach = f"reach to {rates.last_on} ({rates.source})"
    missing = None
    try:
        con = open_current(home.serving)
        if con is not None:
            with con:
                missing = missing_rates(con)
    except duckdb.Error as error:
        missing = f"the snapshot cannot be read ({str(error).splitlines()[0]})"
    message = f"{reach}; {missing}" if missing else reach
    yield Check("company", "exchange rates", "warn" if missing else "ok", message)
