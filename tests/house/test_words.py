"""The words of the house: names are the field's terms, docstrings begin with a verb or a noun.

Whatever is found is listed by `python tests/house/test_words.py` too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: A word of ours, and the field's for it. Only those that never mean anything else in a name.
WORDS = {
    "doors": "services",
    "mishap": "billing error",
    "mishaps": "billing errors",
    "lookalike": "false-positive case",
    "scene": "context",
    "stranger": "spare token",
    "strangers": "foreign pages",
    "twin": "copy",
    "oddities": "malformed payloads",
    "oddity": "malformed payload",
    "quirk": "non-conformity",
    "quirks": "non-conformities",
    "manners": "auth behaviour",
    "bend": "fault injection",
    "spoil": "fault injection",
    "shelf": "tariff catalogue",
    "chance": "random source",
    "errand": "pull request",
    "errands": "pull requests",
    "crawl": "pull runner",
    "evade": "fall back",
    "went": "record_success, record_failure",
    "unwell": "failed partners",
    "fate": "merge action",
    "fates": "merge actions",
    "spared": "removal skipped",
    "bury": "reap",
    "blanks": "query parameters",
    "thaw": "deserialize",
    "freeze": "serialize",
    "booked": "locked month",
    "cutting": "JSON tokenizer",
    "proof": "asset check",
    "deriving": "stages",
    "office": "workspace",
    "casework": "dispute queries",
    "explained": "handle errors",
    "alike": "common denominator",
    "spelt": "translated",
}
FIRST_WORDS = frozenset({"What", "Where", "Whether", "When", "How", "That"})

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def rooms() -> list[str]:
    """`models/rating`, `pipelines/cli` and so on; the files beside them are `models` and so on."""
    tops = ("models", "pipelines", "dashboards")
    found = {room_of(path) for top in tops for path in sources(top)}
    return sorted(found)


def sources(top: str) -> Iterator[Path]:
    for path in sorted((ROOT / top).rglob("*")):
        if path.suffix in {".py", ".sql"}:
            yield path.relative_to(ROOT)


def room_of(path: Path) -> str:
    """The room a file is in; SQL belongs to the room of its stage."""
    parts = path.parts[:-1]
    if parts[:2] == ("models", "sql") and len(parts) > 2:
        return "/".join(parts[:3])
    return "/".join(parts[:2])


def words(name: str) -> list[str]:
    return [part.lower() for part in _PARTS.findall(name)]


def foreign_words(name: str) -> list[str]:
    return [f"{name}: {word} (say {WORDS[word]})" for word in words(name) if word in WORDS]


def definitions(
    tree: ast.Module,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def clumsy_docstrings(tree: ast.Module) -> Iterator[str]:
    for node in (tree, *definitions(tree)):
        name = getattr(node, "name", "module")
        first = (ast.get_docstring(node) or " ").split(maxsplit=1)[:1]
        if not name.startswith("_") and first and first[0].strip(",:;") in FIRST_WORDS:
            yield f"{name}: docstring begins with {first[0]}"


def violations(path: Path) -> list[str]:
    found = foreign_words(path.stem)
    if path.suffix == ".py":
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        found += [wrong for node in definitions(tree) for wrong in foreign_words(node.name)]
        found += clumsy_docstrings(tree)
    return [f"{path}: {wrong}" for wrong in found]


def violations_of(room: str) -> list[str]:
    paths = [path for path in sources(room.split("/")[0]) if room_of(path) == room]
    return [wrong for path in paths for wrong in violations(path)]


@pytest.mark.parametrize("room", rooms())
def test_a_room_keeps_to_the_words_of_the_house(room: str) -> None:
    assert violations_of(room) == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("doors", ["doors"]),
        ("SandboxMishap", ["mishap"]),
        ("count_fates", ["fates"]),
        ("indoors", []),
        ("record_failure", []),
    ],
)
def test_names_are_read_word_by_word(name: str, found: list[str]) -> None:
    assert [wrong.split(" ")[1] for wrong in foreign_words(name)] == found


def test_docstrings_of_what_is_public_are_read() -> None:
    source = (
        '"""Where things are."""\ndef f(): "What it is."\ndef _g(): "What it is."\nclass C: "It."'
    )
    found = list(clumsy_docstrings(ast.parse(source)))
    assert found == ["module: docstring begins with Where", "f: docstring begins with What"]


if __name__ == "__main__":
    for one in rooms():
        for line in violations_of(one):
            print(line)  # noqa: T201
