"""One played sandbox for all tests of a session, and for all workers."""

from __future__ import annotations

import pytest
from sandbox_played import Played, play

from tests.made_once import made_once


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return Played(made_once(tmp_path_factory, "played", play))
