from __future__ import annotations

from typing import Any

import pytest
from fake_partner import FakePartner, Handler, Partner
from ocpi_world import Pulled, Puller, StillClock, pull_from, run


@pytest.fixture
def still() -> StillClock:
    return StillClock()


@pytest.fixture
def pull() -> Puller:
    """Pull a module from a partner whose only list is the handler given."""

    def pulled(
        handler: Handler | Partner,
        *,
        module: str = "locations",
        window: dict[str, Any] | None = None,
        **settings: Any,
    ) -> Pulled:
        partner = handler if isinstance(handler, Partner) else Partner({module: handler})
        with FakePartner(partner) as server:
            return run(pull_from(server, module, window or {}, **settings))

    return pulled
