"""`make` sets up once, again when what it depends on changed, and not otherwise."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ELSEWHERE = [
    "tests/simulation/test_mutants.py",
    "tests/recon/test_later_runs.py",
    "tests/upkeep/test_killed_commands.py",
    "tests/upkeep/test_starved_commands.py",
    "tests/receiver/test_receiver_killed.py",
    "tests/warehouse/test_readers_under_load.py",
    "tests/dashboards/test_dashboard_walk.py",
    "tests/dashboards/test_dashboard_login.py",
    "tests/dashboards/test_month_end_walk.py",
    "tests/dashboards/test_map_moves.py",
]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")

FAKE_UV = """#!/bin/sh
echo "uv $*" >> "$CALLS"
if [ "$1" = venv ]; then
  for venv; do :; done # the last argument
  mkdir -p $venv/bin
  for tool in python roamhouse ruff mypy sqlfluff; do
    printf '#!/bin/sh\\necho "%s $*${PYTHONDONTWRITEBYTECODE:+ without bytecode}" >> "$CALLS"\\n' \\
      $tool > $venv/bin/$tool
    chmod +x $venv/bin/$tool
  done
fi
"""


class Checkout:
    """A folder with the real Makefile, stub locks and a uv that only notes what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls_file = folder / "calls"
        shutil.copy(ROOT / "Makefile", folder)
        for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
            (folder / name).write_text("", encoding="utf-8")
        tools = folder / "tools"
        tools.mkdir()
        (tools / "uv").write_text(FAKE_UV, encoding="utf-8")
        (tools / "uv").chmod(0o755)

    def make(self, target: str, **variables: str) -> list[str]:
        """Runs one target and returns what was called meanwhile."""
        self.calls_file.unlink(missing_ok=True)
        environ = {
            "PATH": f"{self.folder / 'tools'}{os.pathsep}{os.environ['PATH']}",
            "CALLS": str(self.calls_file),
            **variables,
        }
        subprocess.run(
            ["make", target], cwd=self.folder, env=environ, check=True, capture_output=True
        )
        return self.calls_file.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def installs(calls: list[str]) -> list[str]:
    return [call.rpartition(" ")[2] for call in calls if call.startswith("uv pip install")]


def test_demo_sets_up_what_it_needs_and_runs(checkout: Checkout) -> None:
    calls = checkout.make("demo")
    assert installs(calls) == ["requirements.lock", "."]
    assert calls[-1].strip() == "roamhouse demo"


def test_a_second_call_sets_nothing_up(checkout: Checkout) -> None:
    checkout.make("demo")
    assert [call.strip() for call in checkout.make("demo")] == ["roamhouse demo"]


def test_what_is_set_up_for_tests_serves_the_demo(checkout: Checkout) -> None:
    assert installs(checkout.make("test")) == ["requirements-dev.lock", "."]
    assert installs(checkout.make("demo")) == []


def test_the_lake_adds_its_extensions_and_switches_the_warehouse(checkout: Checkout) -> None:
    (checkout.folder / "requirements-lake.lock").write_text("", encoding="utf-8")
    calls = checkout.make("test-lake")
    assert installs(calls) == ["requirements-dev.lock", ".", "requirements-lake.lock", "."]
    own, switched = [call for call in calls if "pytest" in call]
    assert "tests/lake" in own
    assert "tests/settle/test_settle_checks.py" in switched


def test_only_hashed_wheels_are_installed(checkout: Checkout) -> None:
    (locked, own) = [call for call in checkout.make("demo") if call.startswith("uv pip install")]
    assert "--require-hashes --no-deps --only-binary :all:" in locked
    assert "--no-deps --no-build-isolation" in own


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed_again(checkout: Checkout, name: str) -> None:
    checkout.make("demo")
    stamp = (checkout.folder / ".venv" / ".ready-to-run").stat().st_mtime
    os.utime(checkout.folder / name, (stamp + 1, stamp + 1))
    assert installs(checkout.make("demo")) == ["requirements.lock", "."]


def test_test_runs_linters_types_and_tests(checkout: Checkout) -> None:
    calls = [call.strip() for call in checkout.make("test") if not call.startswith("uv")]
    assert calls == [
        "ruff check .",
        "ruff format --check .",
        "mypy",
        "python -m pytest -n auto --dist loadfile --no-loadscope-reorder "
        + " ".join(f"--ignore={file}" for file in ELSEWHERE),
    ]


def test_what_is_compiled_is_kept_for_the_next_process(checkout: Checkout) -> None:
    calls = checkout.make("test", PYTHONDONTWRITEBYTECODE="1")
    assert [call for call in calls if "without bytecode" in call] == []


def test_what_test_leaves_out_runs_elsewhere(checkout: Checkout) -> None:
    worlds, killed, walks = ELSEWHERE[:2], ELSEWHERE[2:6], ELSEWHERE[6:]
    assert f"python -m pytest {' '.join(worlds)} " in checkout.make("simulate")[-2]
    assert checkout.make("faults")[-1].strip().endswith(" ".join(killed))
    assert checkout.make("walk")[-1].strip().endswith(" ".join(walks))
    assert "--ignore" not in checkout.make("test", ALL="1")[-1]
    assert "set -- test ALL=1\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert all((ROOT / file).is_file() for file in ELSEWHERE)


def test_the_interpreter_that_is_asked_for_gets_an_environment_of_its_own(
    checkout: Checkout,
) -> None:
    asked = f"python3.{sys.version_info.minor}"
    link = checkout.folder / "tools" / asked
    link.symlink_to(sys.executable)
    created = checkout.make("demo", PYTHON=asked)[0]
    assert created == f"uv venv --quiet --python {link} .venv-{asked}"
    assert (checkout.folder / f".venv-{asked}" / ".ready-to-run").exists()
    assert not (checkout.folder / ".venv").exists()


def test_an_interpreter_that_is_not_there_is_named(checkout: Checkout) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        checkout.make("demo", PYTHON="python3.99")
    assert b"install python3.99" in failed.value.stderr


def test_only_sql_that_changed_is_laid_out_again(checkout: Checkout) -> None:
    folder = checkout.folder / "models" / "sql"
    folder.mkdir(parents=True)
    for name in ("a.sql", "b.sql"):
        (folder / name).write_text("select 1\n", encoding="utf-8")
    (all_files,) = [call for call in checkout.make("lint-sql") if "sqlfluff" in call]
    assert sorted(all_files.split()[-2:]) == ["models/sql/a.sql", "models/sql/b.sql"]
    stamp = (checkout.folder / ".venv" / ".sql-clean").stat().st_mtime
    os.utime(folder / "b.sql", (stamp + 1, stamp + 1))
    (changed,) = checkout.make("lint-sql")
    assert changed.split()[-2:] == ["0", "models/sql/b.sql"]
