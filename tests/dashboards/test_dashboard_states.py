"""What the app says where there is nothing, something old, or something broken."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.frame import guarded
from pipelines.config.home import Home
from pipelines.warehouse.snapshot import current
from tests.dashboards.conftest import APP, PATIENCE_S


def test_without_a_snapshot_it_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROAMHOUSE_HOME", str(tmp_path))

    app = AppTest.from_file(APP, default_timeout=PATIENCE_S).run()

    assert not app.exception
    assert app.title[0].value == "Nothing to show yet"
    assert "roamhouse run" in app.code[0].value


def test_a_snapshot_of_another_version_says_what_to_run(home: Home) -> None:
    path = current(home.serving)
    assert path is not None
    with duckdb.connect(str(path)) as con:
        con.execute("drop table mart.attention")

    app = AppTest.from_file(APP, default_timeout=PATIENCE_S).run()

    assert not app.exception
    assert "another version" in app.error[0].value


def test_so_does_a_row_without_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("dashboards.frame.st.error", lambda text, **_: said.append(text))
    with guarded():
        raise KeyError("expected_agreement_excl_vat")
    assert "another version" in said[0]


def test_a_damaged_snapshot_says_what_to_run(home: Home) -> None:
    path = current(home.serving)
    assert path is not None
    path.write_bytes(b"not a database")

    app = AppTest.from_file(APP, default_timeout=PATIENCE_S).run()

    assert not app.exception
    assert "roamhouse doctor" in app.error[0].value


def test_a_later_snapshot_is_picked_up(home: Home, app: AppTest) -> None:
    app.run()
    first = current(home.serving)
    assert first is not None
    later = first.with_name("warehouse-000099.duckdb")
    later.write_bytes(first.read_bytes())
    with duckdb.connect(str(later)) as con:
        con.execute("update settle.statements set claimed_excl_vat = 0")
    (home.serving / "current").write_text(later.name + "\n", encoding="utf-8")

    app.run()

    assert {m.value.split()[-1] for m in app.metric if m.label == "Claimed"} == {"0.00"}
