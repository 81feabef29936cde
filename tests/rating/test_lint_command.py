"""`roamhouse lint` as a person and as a script meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_support import TARIFF, run, write_file
from rating_support import shared_folder

from pipelines.cli.price import lint


def test_lint_shows_findings_and_ends_with_1(tmp_path: Path) -> None:
    path = write_file(tmp_path, "t.json", {**TARIFF, "currency": "USD"})
    result = run(lint, path)
    assert result.exit_code == 1
    assert "CURRENCY_ODD" in result.output
    assert "1 tariff: 0 error, 1 warning, 0 info" in result.output


def test_lint_of_a_sound_tariff_ends_with_0(tmp_path: Path) -> None:
    result = run(lint, write_file(tmp_path, "t.json", [TARIFF]), "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["tariffs"][0]["findings"] == []


def test_lint_judges_expiry_by_the_day_it_is_told(tmp_path: Path) -> None:
    path = write_file(tmp_path, "t.json", {**TARIFF, "end_date_time": "2026-06-01T00:00:00Z"})
    assert run(lint, path, "--at", "2026-05-01").exit_code == 0
    assert "TARIFF_EXPIRED" in run(lint, path, "--at", "2026-07-01").output


def test_lint_of_a_missing_file_ends_with_2(tmp_path: Path) -> None:
    assert run(lint, tmp_path / "none.json").exit_code == 2


REAL = [
    (
        "ndw/tariffs.json.gz",
        328,
        {"DATES_EQUAL", "LAST_MINUTE_UNPRICED", "ELEMENT_EXPIRED", "VAT_MISSING"},
    ),
    ("uk/geniepoint_tariffs.json", None, {"STEP_AS_THRESHOLD"}),
    ("uk/chargy_tariffs_page1.json", None, {"CURRENCY_ODD"}),
    ("uk/clenergy_tariffs.json", None, {"PRICE_ZERO"}),
    ("uk/mfg_tariffs.json", None, set()),
]


@pytest.mark.parametrize(("name", "count", "rules"), REAL)
def test_lint_reads_the_real_tariffs(name: str, count: int | None, rules: set[str]) -> None:
    folder = shared_folder()
    if folder is None or not (folder / "data" / name).exists():
        pytest.skip("no shared folder")
    result = run(lint, folder / "data" / name, "--json", "--at", "2026-06-02")
    assert result.exit_code in (0, 1)
    tariffs = json.loads(result.output)["tariffs"]
    assert count in (None, len(tariffs))
    assert rules <= {finding["rule"] for tariff in tariffs for finding in tariff["findings"]}


@pytest.mark.parametrize("line", ["null", '{"id": "T2", "elem'])
def test_lint_refuses_what_is_no_tariff(tmp_path: Path, line: str) -> None:
    result = run(lint, write_file(tmp_path, "torn.json", f"{json.dumps(TARIFF)}\n{line}"))
    assert result.exit_code == 2
    assert "object 2 is no tariff: not" in result.output
