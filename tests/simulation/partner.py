"""Serves a world over OCPI inside the process, with its faults, and notes what it served.

A partner here does what the specification says of date filters and pages: `date_from` inclusive,
`date_to` exclusive, an offset, a limit that it clamps, a Link to the next page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulation.objects import read, wire, written
from simulation.world import Partner, World

PAGE = 4


@dataclass(frozen=True)
class Served:
    """One answer to a request for a list.

    Args:
        partner: who answered.
        module: the list.
        asked_at: our clock when it answered.
        date_from: what was asked for; None: nothing.
        date_to: what was asked for; None: nothing.
        offset: where the page begins.
        total: the X-Total-Count.
        objects: what is on the page.
        ok: whether the body can be read.
        left_out: how many objects it lists, but not between those dates.
    """

    partner: str
    module: str
    asked_at: datetime
    date_from: datetime | None
    date_to: datetime | None
    offset: int
    total: int
    objects: tuple[dict[str, Any], ...]
    ok: bool
    left_out: int


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `None` in its place is a connection that fails."""

    status: int
    headers: dict[str, str]
    body: bytes


class Server:
    """Answers the requests for all partners of a world.

    Args:
        world: what they list.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.log: list[Served] = []

    def answer(self, host: str, path: str, query: dict[str, str]) -> Answer | None:
        """Answer one request.

        Args:
            host: the partner's host, `NAME.test`.
            path: of the URL.
            query: its parameters.
        """
        partner = self._world.partners[host.removesuffix(".test")]
        if partner.down:
            return None
        self._world.clock.tick()
        base = f"http://{host}"
        if path == "/versions":
            return _ok([{"version": partner.setup.version, "url": f"{base}/details"}])
        if path == "/details":
            endpoints = [
                {"identifier": name, "role": "SENDER", "url": f"{base}/{name}"}
                for name in partner.setup.modules
            ]
            return _ok({"version": partner.setup.version, "endpoints": endpoints})
        return self._page(partner, path.removeprefix("/"), base, query)

    def _page(self, partner: Partner, module: str, base: str, query: dict[str, str]) -> Answer:
        date_from, date_to = (
            read(query[name]) if name in query else None for name in ("date_from", "date_to")
        )
        everything = partner.listing(module)
        chosen = [
            each
            for each in everything
            if (date_from is None or read(each["last_updated"]) >= date_from)
            and (date_to is None or read(each["last_updated"]) < date_to)
        ]
        offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", PAGE)), PAGE)
        objects = tuple(chosen[offset : offset + limit])
        # A page is broken by what stands on it: smaller pages around it still can be read.
        spoilt = {number for name, number in partner.broken if name == module}
        ok = not any((offset + place) // PAGE in spoilt for place in range(len(objects)))
        self.log.append(
            Served(
                self._world.name_of(partner.setup.name),
                module,
                self._world.clock.ours(),
                date_from,
                date_to,
                offset,
                len(chosen),
                objects,
                ok,
                len(everything) - len(chosen),
            )
        )
        self._meanwhile(partner, module, offset)
        headers = {"x-total-count": str(len(chosen)), "x-limit": str(limit)}
        if offset + limit < len(chosen):
            rest = {**query, "offset": str(offset + limit), "limit": str(limit)}
            link = "&".join(f"{key}={value}" for key, value in rest.items())
            headers["link"] = f'<{base}/{module}?{link}>; rel="next"'
        body = [written(each, partner.setup.version) for each in objects]
        answer = _ok(body, headers, wire(self._world.clock.now))
        return answer if ok else Answer(200, headers, answer.body[: len(answer.body) // 2])

    def _meanwhile(self, partner: Partner, module: str, offset: int) -> None:
        if offset:
            return
        due = [each for each in partner.while_read if each.module == module]
        partner.while_read = [each for each in partner.while_read if each.module != module]
        for each in due:
            partner.happen(each.change)


def _ok(
    data: Any, headers: dict[str, str] | None = None, at: str = "2025-01-01T00:00:00Z"
) -> Answer:
    body = json.dumps({"status_code": 1000, "data": data, "timestamp": at}).encode()
    return Answer(200, {"content-type": "application/json", **(headers or {})}, body)
