"""A home with two partners, for all tests of alerts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from alert_home import PARTNERS

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.config.partners import Partners


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create()
    home.partners.write_text(PARTNERS, encoding="utf-8")
    home.settings.write_text(
        "alerts: {to_env: [ALERTS], link: 'https://roamhouse.example/', quiet: []}",
        encoding="utf-8",
    )
    return home


@pytest.fixture
def partners(home: Home) -> Partners:
    return load_partners(home.partners)
