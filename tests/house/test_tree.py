"""The tree: small files that say what they are for, and nothing of the machine they came from."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("models", "pipelines", "dashboards")
MAX_LINES = 350

# Spelt in halves, so that this file does not find itself.
PLACES = re.compile(r"(?<![\w.~])/(?:wor" + r"k|roo" + r"t|hom" + r"e|Use" + r"rs)/\w")
REGISTRIES = re.compile("py" + r"pi\.org|python" + r"hosted|npm" + r"js\.|crates" + r"\.io")


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_source_file_is_long() -> None:
    sources = [*python_files(*ROOMS, "tests"), *sorted((ROOT / "models").rglob("*.sql"))]
    assert named([path for path in sources if len(text(path).splitlines()) > MAX_LINES]) == []


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [path for path in python_files(*ROOMS) if not ast.get_docstring(ast.parse(text(path)))]
    assert named(silent) == []


def test_no_two_test_files_share_a_name() -> None:
    names = [path.name for path in python_files("tests") if path.name.startswith("test_")]
    assert sorted(names) == sorted(set(names))


def test_no_file_names_a_place_on_somebody_s_machine() -> None:
    assert named([path for path in tracked() if PLACES.search(text(path))]) == []


def test_no_file_names_a_package_registry() -> None:
    assert named([path for path in tracked() if REGISTRIES.search(text(path))]) == []


def test_no_work_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    sources = [*python_files(*ROOMS, "tests"), *sorted((ROOT / "models").rglob("*.sql"))]
    assert named([path for path in sources if later.search(text(path))]) == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")) + sorted(ROOT.glob("*.md")))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text(page))
    assert [link for link in links if not (page.parent / link).exists()] == []
