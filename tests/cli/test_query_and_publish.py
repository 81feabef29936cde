"""SQL on the snapshot and tables as files, as an analyst types and opens them."""

from __future__ import annotations

import hashlib
import json
from io import BytesIO
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from models.tables import TABLES
from models.tables.charging import CDRS
from pipelines.cli.main import cli
from pipelines.config.home import Home
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import publish
from tests.made_once import made_once
from tests.object_store import object_store

_INSERT = """
insert into core.cdrs (partner, country_code, party_id, id, currency, total_cost_excl_vat, start_at,
connector_tariff_ids) values
('voltix', 'NL', 'VLX', '=cmd', 'EUR', 12.50, '2026-10-01T06:30:00Z', ['a', 'b']),
('voltix', 'NL', 'VLX', 'C-2', 'EUR', null, '2026-10-01T07:00:00Z', null)
"""


def _fill(folder: Path) -> None:
    home = Home(folder)
    home.create()
    with Warehouse(home.warehouse, threads=1) as warehouse:
        with warehouse.writer() as con:
            con.execute(_INSERT)
        publish(warehouse, home.serving)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "home-to-query", _fill)


def roamhouse(home: Path, *arguments: object) -> Result:
    words = [str(one) for one in arguments]
    return CliRunner().invoke(cli, words, env={"ROAMHOUSE_HOME": str(home)})


QUERY = "select id, total_cost_excl_vat, start_at, connector_tariff_ids from core.cdrs"


def test_table_shows_unknown_apart_from_empty(home: Path) -> None:
    result = roamhouse(home, "query", QUERY)
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines() if line.strip()]
    assert lines[2] == ["=cmd", "12.500000", "2026-10-01T06:30:00Z", '["a",', '"b"]']
    assert lines[3] == ["C-2", "null", "2026-10-01T07:00:00Z", "null"]


def test_csv_is_whole_and_no_cell_is_a_formula(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "cdrs.csv"
    result = roamhouse(home, "query", QUERY, "-o", file)
    assert result.exit_code == 0
    assert file.read_bytes().decode().split("\r\n") == [
        "id,total_cost_excl_vat,start_at,connector_tariff_ids",
        """'=cmd,12.500000,2026-10-01T06:30:00Z,"[""a"", ""b""]\"""",
        "C-2,,2026-10-01T07:00:00Z,",
        "",
    ]


def test_json_is_one_object_with_exact_amounts(home: Path) -> None:
    result = roamhouse(home, "query", QUERY, "--format", "json")
    answer = json.loads(result.output)
    assert answer["snapshot"] == "warehouse-000001.duckdb"
    assert answer["columns"][1] == {"name": "total_cost_excl_vat", "type": "DECIMAL(18,6)"}
    assert answer["rows"][0]["total_cost_excl_vat"] == "12.500000"
    assert answer["rows"][0]["connector_tariff_ids"] == ["a", "b"]
    assert answer["rows"][1]["total_cost_excl_vat"] is None


def test_parquet_keeps_the_types(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "cdrs.parquet"
    roamhouse(home, "query", QUERY, "-o", file)
    frame = pl.read_parquet(file)
    assert frame.schema["total_cost_excl_vat"] == pl.Decimal(18, 6)
    assert frame.schema["start_at"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("delete from core.cdrs", "read-only"),
        ("copy core.cdrs to '/tmp/stolen.csv'", "disabled by configuration"),
        ("select * from read_text('/etc/hostname')", "disabled by configuration"),
        ("attach 'other.duckdb'", "disabled by configuration"),
        ("set enable_external_access = true", "locked"),
        ("select 1; select 2", "one query at a time"),
        ("selekt 1", "syntax error"),
    ],
)
def test_nothing_is_changed_and_nothing_beyond_the_snapshot_is_read(
    home: Path, sql: str, reason: str
) -> None:
    result = roamhouse(home, "query", sql)
    assert result.exit_code == 2
    assert reason in result.output


def test_before_the_first_run_it_says_so(tmp_path: Path) -> None:
    for words in (["query", "select 1"], ["publish", "--to", tmp_path / "out"]):
        result = roamhouse(tmp_path / "new", *words)
        assert result.exit_code == 2
        assert "roamhouse run" in result.output


def test_published_folder_has_every_table_and_says_what_it_means(
    home: Path, tmp_path: Path
) -> None:
    result = roamhouse(home, "publish", "--to", tmp_path / "out", "--json")
    assert result.exit_code == 0
    catalogue = json.loads((tmp_path / "out" / "catalogue.json").read_text())
    assert [one["name"] for one in catalogue["tables"]] == [table.name for table in TABLES]
    (cdrs,) = (one for one in catalogue["tables"] if one["name"] == "core.cdrs")
    file = tmp_path / "out" / "core" / "cdrs.parquet"
    assert (cdrs["file"], cdrs["rows"]) == ("core/cdrs.parquet", 2)
    assert cdrs["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert cdrs["description"] == CDRS.description
    meaning = pq.read_schema(file).field("currency").metadata[b"description"].decode()
    assert meaning == next(one for one in CDRS.columns if one.name == "currency").description
    assert not list((tmp_path / "out").rglob("*.unfinished"))


def test_csv_of_one_table(home: Path, tmp_path: Path) -> None:
    words = ("--to", tmp_path / "out", "--format", "csv", "--table", "core.cdrs")
    assert roamhouse(home, "publish", *words).exit_code == 0
    frame = pl.read_csv(tmp_path / "out" / "core" / "cdrs.csv")
    assert frame["id"].to_list() == ["'=cmd", "C-2"]


def test_unknown_table_and_unusable_target(home: Path, tmp_path: Path) -> None:
    result = roamhouse(home, "publish", "--to", tmp_path, "--table", "core.cars")
    assert (result.exit_code, "no table core.cars" in result.output) == (2, True)
    (tmp_path / "file").write_text("")
    result = roamhouse(home, "publish", "--to", tmp_path / "file" / "under")
    assert (result.exit_code, "cannot be published" in result.output) == (1, True)


def test_object_store_gets_whole_objects(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing secret")
    with object_store() as (address, kept):
        place = f"s3://lake/roaming?region=local&scheme=http&endpoint_override={address}"
        result = roamhouse(home, "publish", "--to", place, "--table", "core.cdrs")
    assert result.exit_code == 0, result.output
    cdrs = pl.read_parquet(BytesIO(kept["/lake/roaming/core/cdrs.parquet"]))
    assert cdrs["id"].to_list() == ["=cmd", "C-2"]
    catalogue = json.loads(kept["/lake/roaming/catalogue.json"])
    assert [one["rows"] for one in catalogue["tables"]] == [2]


def test_a_metric_is_a_query_by_name(home: Path) -> None:
    result = roamhouse(home, "query", "--metric", "charges", "--format", "json")
    assert result.exit_code == 0
    columns = [column["name"] for column in json.loads(result.output)["columns"]]
    assert columns == ["month", "partner", "currency", "value"]


@pytest.mark.parametrize(
    "words", [(), ("select 1", "--metric", "charges"), ("--metric", "nothing")]
)
def test_a_query_is_either_sql_or_a_metric(home: Path, words: tuple[str, ...]) -> None:
    assert roamhouse(home, "query", *words).exit_code == 2
