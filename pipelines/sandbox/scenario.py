"""Scenarios: which partner has which quirks, from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipelines.sandbox.cast import PARTNERS
from pipelines.sandbox.oddities import ODDITIES
from pipelines.sandbox.quirks import Manners, Quirks, ScenarioError, checked, quirks_of

BUILT_IN = Path(__file__).with_name("scenarios")
EVERY = "every"
PLAIN = Quirks()


@dataclass(frozen=True)
class Scenario:
    """How every partner behaves.

    Args:
        quirks: by partner and module; the module `every` stands for those without their own.
        manners: by partner.
    """

    quirks: Mapping[tuple[str, str], Quirks] = field(default_factory=dict)
    manners: Mapping[str, Manners] = field(default_factory=dict)

    def of(self, partner: str, module: str) -> Quirks:
        """The quirks of one module."""
        own = self.quirks.get((partner, module))
        return own or self.quirks.get((partner, EVERY), PLAIN)

    def longest_window(self, partner: str) -> int:
        """Days that a partner's shortest limit of windows allows; 0: any."""
        limits = [q.window_days for (name, _), q in self.quirks.items() if name == partner]
        return min((days for days in limits if days), default=0)

    def manners_of(self, partner: str) -> Manners:
        """How a partner treats requests before any list."""
        return self.manners.get(partner, Manners())


def built_in() -> list[str]:
    """Names of the scenarios that come with the sandbox."""
    return sorted(path.stem for path in BUILT_IN.glob("*.yaml"))


def load(name: str) -> Scenario:
    """Reads a scenario.

    Args:
        name: of a built-in scenario, or the path of a YAML file:
            partner → module (or `every`, or `manners`) → switch → value.

    Raises:
        ScenarioError: there is none of that name, or it says what no switch understands.
    """
    path = BUILT_IN / f"{name}.yaml"
    if not path.exists():
        path = Path(name)
    if not path.is_file():
        raise ScenarioError(f"No scenario `{name}`: built in are {', '.join(built_in())}")
    try:
        stated = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path.name} is not YAML: {error}") from error
    return scenario_of(stated)


def scenario_of(stated: object) -> Scenario:
    """Checks what a scenario file says."""
    if not isinstance(stated, dict):
        raise ScenarioError("A scenario is a mapping: partner, module, switch")
    modules = {partner.name: {*partner.modules, EVERY, "manners"} for partner in PARTNERS}
    quirks: dict[tuple[str, str], Quirks] = {}
    manners: dict[str, Manners] = {}
    for name, members in stated.items():
        if name not in modules:
            raise ScenarioError(f"Unknown partner `{name}`; known: {sorted(modules)}")
        for module, switches in _mapping(name, members).items():
            where = f"{name}.{module}"
            if module not in modules[name]:
                raise ScenarioError(f"{where}: unknown module; known: {sorted(modules[name])}")
            if module == "manners":
                checked(where, _mapping(where, switches), Manners)
                manners[name] = Manners(**switches)
            else:
                found = quirks_of(where, _mapping(where, switches), frozenset(ODDITIES))
                quirks[name, module] = found
    return Scenario(quirks, manners)


def _mapping(where: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where}: expected a mapping, not {value!r}")
    return value
