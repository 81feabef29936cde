"""People in a landing, for tests that show or erase one."""

from __future__ import annotations

from pipelines.config.home import Home
from pipelines.landing.landing import Landing
from pipelines.landing.removal import identifiers_of, objects_in


def somebody(home: Home) -> str:
    """Return the identifier of somebody who charged more than once."""
    seen: dict[str, int] = {}
    for pull, pages in Landing(home.landing).pulls():
        for page in pages if pull.module == "cdrs" else ():
            body = Landing(home.landing).objects.read(page.sha256, max_bytes=1 << 30)
            for one in objects_in(body) or ():
                for name in identifiers_of(one):
                    seen[name] = seen.get(name, 0) + 1
    return max(seen, key=lambda name: (seen[name], name))
