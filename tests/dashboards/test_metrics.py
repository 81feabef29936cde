"""Figures by name: every query says what it promises, and agrees with the tables asked anew."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.definitions import DEFINITIONS
from models.metrics import METRICS
from pipelines.config.home import Home
from pipelines.warehouse.sql_files import query


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_as_declared(asked: duckdb.DuckDBPyConnection, name: str) -> None:
    metric = METRICS[name]
    rows = asked.sql(query("metrics", name))
    broken = rows.filter(f"not ({metric.check})")

    assert [*metric.grain, "value"] == rows.columns[: len(metric.grain) + 1]
    assert rows.pl().select(metric.grain).is_duplicated().sum() == 0
    assert broken.fetchall() == []


def test_charges_and_cost_are_those_of_the_cdrs(asked: duckdb.DuckDBPyConnection) -> None:
    rows = asked.execute(
        "select strftime(c.end_at, '%Y-%m'), c.partner, r.currency, c.credit, r.replaced_by_id, "
        "r.claimed_excl_vat - r.rejected_excl_vat from core.cdrs as c "
        "join recon.cdrs as r using (partner, country_code, party_id, id) "
        "where r.verdict <> 'rejected' and not c.home_charging_compensation"
    ).fetchall()
    counted = Counter(row[:3] for row in rows if not row[3] and row[4] is None)
    cost: dict[tuple[str, ...], Decimal] = {}
    for *key, _, _, amount in rows:
        cost[tuple(key)] = cost.get(tuple(key), Decimal(0)) + (amount or 0)

    found = {tuple(row[:3]): row[3] for row in asked.sql(query("metrics", "charges")).fetchall()}
    assert {key: count for key, count in found.items() if count} == counted
    paid = {
        tuple(row[:3]): row[3] for row in asked.sql(query("metrics", "cost_excl_vat")).fetchall()
    }
    assert {key: amount or 0 for key, amount in paid.items()} == cost


def test_claimed_is_payable_disputed_and_rejected(asked: duckdb.DuckDBPyConnection) -> None:
    def amounts(name: str) -> dict[tuple[str, ...], Decimal]:
        return {tuple(row[:3]): row[3] for row in asked.sql(query("metrics", name)).fetchall()}

    claimed = amounts("claimed_excl_vat")
    parts = [amounts(f"{name}_excl_vat") for name in ("payable", "disputed", "rejected")]

    assert claimed
    assert {key: sum(part[key] for part in parts) for key in claimed} == claimed


def test_pages_define_what_metrics_define() -> None:
    assert DEFINITIONS["payable"] == METRICS["payable_excl_vat"].definition
    assert DEFINITIONS["tariff_coverage"] == METRICS["tariff_coverage_share"].definition


def test_the_notebook_runs_from_top_to_bottom(
    ran_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = Path(__file__).parents[2] / "docs" / "notebooks" / "first_questions.ipynb"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    # DuckDB takes one file only once with one configuration in a process: work on a copy.
    serving = tmp_path / "serving"
    serving.mkdir()
    newest = sorted(ran_home.serving.glob("warehouse-*.duckdb"))[-1]
    (serving / "current.duckdb").write_bytes(newest.read_bytes())
    monkeypatch.setenv("ROAMHOUSE_HOME", str(tmp_path))
    names: dict[str, Any] = {}

    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # noqa: S102 - our own notebook

    assert names["prices"].height > 1
    assert names["cost"]["cost"].sum() > 0
    assert names["broken"].is_empty()
