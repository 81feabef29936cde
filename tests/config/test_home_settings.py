"""`settings.yaml`: everything optional, every fault named with its line, key and remedy."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from pipelines.config.errors import ConfigError
from pipelines.config.home import Home
from pipelines.config.home_settings import HomeSettings, load_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize("text", [None, "", "# nothing but a comment\n"])
def test_everything_is_optional(home: Home, text: str | None) -> None:
    if text is not None:
        home.settings.write_text(text, encoding="utf-8")
    assert load_settings(home) == HomeSettings()


def test_what_is_said_counts(home: Home) -> None:
    home.settings.write_text(
        "schedules: {enabled: off}\n"
        "retention: {landing: 3650d, history: forever, snapshots: 5}\n"
        "publish: [{to: /srv/share, format: csv, tables: [mart, settle.statements]}]\n",
        encoding="utf-8",
    )
    settings = load_settings(home)
    assert not settings.schedules.enabled
    assert settings.retention.landing == timedelta(days=3650)
    assert (settings.retention.history, settings.retention.snapshots) == (None, 5)
    assert settings.publish[0].tables == ("mart", "settle.statements")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scedules: {}", "1: scedules: unknown key; did you mean schedules?"),
        ("schedules: soon", "1: schedules: expected keys and values, found 'soon'"),
        ("schedules:\n  enabled: perhaps", "2: schedules.enabled: expected true or false, "),
        ("schedules: {retries: 21}", "retries: expected a whole number from 0 to 20, found '21'"),
        ("retention: {landing: 10y}", "expected days such as 30d or 3650d (at most 7320d), or for"),
        (
            "retention: {snapshots: 0}",
            "retention.snapshots: expected a whole number from 1 to 1000",
        ),
        (
            "publish: [{format: csv}]",
            "publish[0].to: is missing; expected a folder, or s3://bucket",
        ),
        ("publish: [{to: x, fromat: csv}]", "publish[0].fromat: unknown key; did you mean format?"),
        ("publish: [{to: x, tables: [cdrs]}]", "tables[0]: expected a table such as core.cdrs, or"),
        (
            "- schedules",
            "1: expected the keys schedules, retention, alerts, metrics, approvals, invoices, "
            "deliveries, publish, warehouse",
        ),
        ("memory: 100MiB", "expected a size such as 512MiB or 4GiB (from 256MiB), found '100MiB'"),
        ("deliveries: [{to: mailto://x}]", "deliveries[0].to: expected the whole path of a folder"),
        ("metrics: {file: here.prom}", "metrics.file: expected the whole path of a file, such as"),
        ("alerts: {to_env: [mailto://x]}", "alerts.to_env[0]: expected the name of an environment"),
        ("alerts: {money_above: lots}", "money_above: expected an amount such as 1000 or 250.50"),
        (
            "warehouse: {ducklake: 'postgres://me:geheim@db/lake', data: /srv/lake}",
            "warehouse.ducklake: the URL holds a password: remove it, and set PGPASSWORD",
        ),
        ("warehouse: {ducklake: 'https://db/lake', data: /srv}", "ducklake: expected a database"),
        (
            "warehouse: {ducklake: 'postgres://db/lake', data: lake}",
            "data: expected the whole path",
        ),
        (
            "warehouse: {ducklake: 'postgres://db/lake', data: 's3://key:geheim@bucket/lake'}",
            "warehouse.data: the address holds credentials: remove them, and set AWS_ACCESS_KEY_ID",
        ),
        (
            "warehouse: {ducklake: 'postgres://db/lake', data: 's3://bucket/lake?style=path'}",
            "data: expected the whole path of a folder, such as /srv/roamhouse/lake, or s3://",
        ),
        ("alerts: {quiet: [noise]}", "alerts.quiet[0]: expected partner_failing, list_incomplete"),
        ("schedules: {enabled: on", "not valid YAML"),
    ],
)
def test_every_fault_is_named(home: Home, text: str, message: str) -> None:
    home.settings.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_settings(home)
    assert message in str(refused.value)
    assert "geheim" not in str(refused.value)
    assert str(refused.value).startswith(f"{home.settings}:")


def _keys(model: type[BaseModel], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        inner = next(iter(get_args(field.annotation)), field.annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= _keys(inner, f"{prefix}{name}.")
        else:
            found[prefix + name] = field.description or ""
    return found


def test_every_key_is_documented_in_the_words_of_the_code() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w.]+)` \|.*\| (.+?) \|$", page, re.MULTILINE))
    assert rows == _keys(HomeSettings)


def test_the_page_s_example_is_a_good_file(home: Home) -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    home.settings.write_text(block, encoding="utf-8")
    settings = load_settings(home)
    assert settings.model_copy(update={"publish": ()}) == HomeSettings()
