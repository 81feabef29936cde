"""Publishing a home: as many copies stay as its settings say, whoever publishes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.config.home import Home
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import open_current, publish_home, snapshot_name


@pytest.mark.parametrize(("settings", "kept"), [("", 3), ("retention: {snapshots: 5}\n", 5)])
def test_as_many_copies_stay_as_the_settings_say(tmp_path: Path, settings: str, kept: int) -> None:
    home = Home(tmp_path)
    home.settings.write_text(settings, encoding="utf-8")
    with Warehouse(home.warehouse, wait_seconds=0, threads=1) as warehouse:
        published = [publish_home(warehouse, home).name for _ in range(6)]
    copies = {path.name for path in home.serving.glob("warehouse-*.duckdb")}
    assert copies == set(published[-kept:])
    con = open_current(home.serving)
    assert con is not None
    with con:
        assert snapshot_name(con) == published[-1]
