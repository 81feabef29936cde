"""Homes with receivers, for all tests of pushes and handshakes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "ocpi_models"))
sys.path.append(str(Path(__file__).parents[1] / "settle"))
sys.path.append(str(Path(__file__).parents[1] / "upkeep"))
sys.path.append(str(Path(__file__).parent))

from instances import Pair, two_instances
from receiver_home import PARTNERS, TOKEN, ReceiverHome

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.warehouse.connection import Warehouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ReceiverHome]:
    home = Home(tmp_path / "home")
    home.create()
    (home.path / "partners.yaml").write_text(PARTNERS, encoding="utf-8")
    partners = load_partners(home.path / "partners.yaml")
    with Warehouse(home.warehouse, threads=1) as warehouse:
        made = ReceiverHome(home, partners, warehouse)
        made.connect("voltix", TOKEN, ("CPO", "NL", "VOL"))
        yield made


@pytest.fixture
def pair(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Two instances that have not met; a parameter pins the version that they speak."""
    with two_instances(tmp_path, getattr(request, "param", "auto")) as made:
        yield made
