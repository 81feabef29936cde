"""The lock files: every wheel by hash, nothing about where it came from."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)( ; [^\\]+)? \\$")


def pins(lock: str) -> dict[str, set[str]]:
    versions: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if match := PIN.match(line):
            versions.setdefault(match[1], set()).add(match[2])
    return versions


def declared(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"])
    wanted += project["dependency-groups"]["build"]
    for extra in extras:
        wanted += project["project"]["optional-dependencies"][extra]
    return {re.split(r"[\[<>=!~ ;]", requirement, maxsplit=1)[0] for requirement in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    stanzas = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert len(stanzas) > 20
    for stanza in stanzas:
        first, *rest = stanza.splitlines()
        assert PIN.match(first), first
        assert any(re.match(r" +--hash=sha256:[0-9a-f]{64}", line) for line in rest), first


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_says_where_packages_or_files_are(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--extra-index|--find-links|--trusted| @ |^-", text, re.M)
    assert not re.search(r"(?<![\w.])/[a-z]+/", text)


def test_everything_declared_is_locked() -> None:
    assert declared() <= set(pins("requirements.lock"))
    assert declared("dev") <= set(pins("requirements-dev.lock"))


def test_the_lock_of_the_lake_is_of_this_engine_and_hashed() -> None:
    versions = pins("requirements-lake.lock")
    assert declared("lake") - declared() < set(versions)
    engine = (found for name, found in versions.items() if name.startswith("duckdb"))
    assert {one for found in engine for one in found} == {"1.5.5"}
    text = (ROOT / "requirements-lake.lock").read_text(encoding="utf-8")
    assert len(re.findall(r"^[a-z0-9.-]+==[0-9.]+(?: ;.*)? \\$", text, re.M)) == len(versions)
    assert not re.search(r"://|--index", text)


def test_the_development_lock_only_adds_to_the_runtime_lock() -> None:
    developing = pins("requirements-dev.lock")
    for name, versions in pins("requirements.lock").items():
        assert developing.get(name) == versions


def test_duckdb_is_the_release_that_its_extension_packages_exist_for() -> None:
    assert pins("requirements.lock")["duckdb"] == {"1.5.5"}
