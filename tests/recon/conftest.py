"""One played sandbox for all tests of a session."""

from __future__ import annotations

import pytest
from sandbox_played import Played, play


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("played"))
