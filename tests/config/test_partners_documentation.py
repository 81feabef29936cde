"""The example file and the pages about configuration say what the code does."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from models.agreement import AgreedPrice
from models.contract import Contract
from models.recon.rule_ids import RULE_THRESHOLDS
from pipelines.config.home import VARIABLES
from pipelines.config.loading import load_partners
from pipelines.config.partners import Defaults, FeedPartner, OcpiPartner, OwnRole, ReceiverKeys

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "partners.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "data" / "partners.example.yaml"


def documented_rows() -> dict[str, set[str]]:
    rows: dict[str, set[str]] = {}
    for line in PAGE.splitlines():
        if match := re.match(r"\| `([\w.]+)` \|(?:.*\|)? (.+?) \|$", line):
            rows.setdefault(match[1], set()).add(match[2])
    return rows


def keys(model: type[BaseModel], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        found[prefix + name] = field.description or ""
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel) and inner is not Contract:
            found |= keys(inner, f"{prefix}{name}.")
    return found


ROLE_PREFIX = "roles."


@pytest.mark.parametrize(
    ("model", "prefix"),
    [
        (OcpiPartner, ""), (FeedPartner, ""), (Contract, ""), (ReceiverKeys, ""),
        (OwnRole, ROLE_PREFIX), (AgreedPrice, ""),
    ],
)  # fmt: skip
def test_every_key_is_documented_in_the_words_of_the_code(
    model: type[BaseModel], prefix: str
) -> None:
    rows, known = documented_rows(), keys(model, prefix)
    missing = {key: text for key, text in known.items() if text not in rows.get(key, ())}
    assert not missing


def test_no_key_is_documented_that_does_not_exist() -> None:
    known = {*keys(OcpiPartner), *keys(FeedPartner), *keys(Contract), *VARIABLES}
    known |= {*keys(ReceiverKeys), *keys(OwnRole, ROLE_PREFIX), *keys(AgreedPrice)}
    assert set(documented_rows()) - known == set()


def test_every_variable_is_documented_in_the_words_of_the_code() -> None:
    assert {name: {text} for name, text in VARIABLES.items()}.items() <= documented_rows().items()


def test_every_threshold_is_documented_with_its_default() -> None:
    rows = {
        f"| {rule} | {', '.join(f'{name}: {value}' for name, value in named.items())} |"
        for rule, named in RULE_THRESHOLDS.items()
    }
    assert rows - set(PAGE.splitlines()) == set()


def test_the_example_is_a_good_partners_file() -> None:
    partners = load_partners(EXAMPLE)
    assert partners.names == ("ndw", "voltix", "gridlink", "chargy")


def test_the_example_shows_the_defaults_as_they_are() -> None:
    block = re.search(r"^defaults:.*?\n(?=\n)", EXAMPLE.read_text(encoding="utf-8"), re.M | re.S)
    assert block is not None
    shown = Defaults.model_validate(dict(re.findall(r"^  (\w+): (\S+)", block[0], re.MULTILINE)))
    assert shown == Defaults()


def test_the_public_feed_stands_on_one_line_that_can_be_copied(tmp_path: Path) -> None:
    (line,) = [text for text in EXAMPLE.read_text(encoding="utf-8").splitlines() if "ndw," in text]
    alone = tmp_path / "partners.yaml"
    alone.write_text(f"partners:\n{line}\n", encoding="utf-8")
    assert load_partners(alone).names == ("ndw",)
    assert line.strip() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_s_own_partners_load(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    (block,) = [text for text in blocks if text.startswith("partners:")]
    path = tmp_path / "partners.yaml"
    path.write_text(block, encoding="utf-8")
    assert load_partners(path).names == ("voltix", "ndw")
