"""Where a run writes, and which partners file it takes."""

import errno
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.config.errors import ConfigError
from pipelines.config.home import Home, Settings, find_partners_file


def test_the_option_goes_before_the_environment_before_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"ROAMHOUSE_HOME": "/srv/roamhouse"}
    assert Home.resolve("here", environ).path == tmp_path / "here"
    assert Home.resolve(None, environ).path == Path("/srv/roamhouse")
    assert Home.resolve(None, {}).path == tmp_path / "data" / "home"
    assert Home.resolve(None, {"ROAMHOUSE_HOME": ""}).path == tmp_path / "data" / "home"


def test_the_parts_have_their_public_names() -> None:
    home = Home(Path("/h"))
    assert [
        part.name
        for part in (home.landing, home.warehouse, home.serving, home.decisions, home.dagster)
    ] == ["landing", "warehouse.duckdb", "serving", "decisions.sqlite", "dagster"]


def test_a_home_is_made_for_its_owner_only_and_making_it_again_changes_nothing(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "deep" / "home")
    home.create()
    (home.landing / "page").write_text("kept", encoding="utf-8")
    home.create()
    assert (home.landing / "page").read_text(encoding="utf-8") == "kept"
    assert home.serving.is_dir()
    assert home.dagster.is_dir()
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_a_home_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"cannot be made or used: .*; choose another"):
        Home(tmp_path / "file" / "home").create()


def test_a_home_of_somebody_else_is_said_by_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, **_: object) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "exists", refuse)
    result = CliRunner().invoke(cli, ["query", "select 1", "--home", str(tmp_path)])
    assert (result.exit_code, result.exception.__class__) == (2, SystemExit)
    assert "cannot be made or used: Permission denied" in result.output


def test_the_partners_file_is_looked_for_in_order(tmp_path: Path) -> None:
    home = Home(tmp_path)
    named = tmp_path / "named.yaml"
    for path in (named, tmp_path / "variable.yaml", home.partners):
        path.write_text("", encoding="utf-8")
    environ = {"ROAMHOUSE_PARTNERS": str(tmp_path / "variable.yaml")}
    assert find_partners_file(str(named), environ, home) == named
    assert find_partners_file(None, environ, home) == tmp_path / "variable.yaml"
    assert find_partners_file(None, {}, home) == home.partners


def test_no_partners_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        find_partners_file(None, {}, Home(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path}/partners.yaml: there is no partners file here (none was named); copy "
        "data/partners.example.yaml and edit it, or name another with --partners or "
        "ROAMHOUSE_PARTNERS"
    )


def test_a_named_partners_file_that_is_missing_is_not_replaced_by_another(tmp_path: Path) -> None:
    Home(tmp_path).partners.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"other\.yaml: there is no partners file here; copy"):
        find_partners_file("other.yaml", {}, Home(tmp_path))


def test_a_switch_that_means_nothing_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.of({"ROAMHOUSE_PSEUDONYMS": "false"})
    assert str(caught.value) == "ROAMHOUSE_PSEUDONYMS: expected on or off, found 'false'"


def test_settings_do_not_show_the_key() -> None:
    key = "k" * 40
    assert key not in repr(Settings.of({"ROAMHOUSE_PSEUDONYM_KEY": key}))
