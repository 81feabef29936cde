"""A pipeline over real sandbox partners, small enough for tests."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.runtime import Runtime
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options

WORLD_NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def partners_at_play() -> Iterator[sandbox.Sandbox]:
    """Sandbox partners with a few hundred CDRs and nothing odd about them."""
    with sandbox.start(Options(now=WORLD_NOW, cdrs=300, scenario="clean")) as running:
        yield running


def runtime_of(
    partners: sandbox.Sandbox,
    folder: Path,
    edit: Callable[[str], str] = lambda text: text,
    only: tuple[str, ...] = (),
) -> Runtime:
    """Make the runtime of a fresh home; the partners file may be edited first."""
    home = Home(folder)
    home.create()
    home.partners.write_text(edit(sandbox.partners_yaml(partners.partners)), encoding="utf-8")
    return Runtime(
        home,
        load_partners(home.partners, only=only),
        partners.environ,
        lambda: datetime.now(UTC),
        NoProgress(),
    )


@pytest.fixture
def make_runtime(partners_at_play: sandbox.Sandbox, tmp_path: Path) -> Callable[..., Runtime]:
    return partial(runtime_of, partners_at_play, tmp_path / "home")
