"""A home whose snapshot says what a test wants, and a post that keeps what is sent."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from pipelines.alerts.send import send_alerts
from pipelines.config.home import Home
from pipelines.config.partners import Partners
from pipelines.warehouse.structure import prepare

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PARTNERS = """\
partners:
  - {name: voltix, kind: ocpi, versions_url: "https://v.example/v", token_env: T}
  - {name: ndw, kind: feed, locations_url: places.json}
"""
HEALTH = "insert into ops.partner_health (partner, state, message, consecutive_failures) values "


class Post:
    """Keeps what is sent; may refuse it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.arrives = True

    def __call__(self, title: str, text: str) -> bool:
        if self.arrives:
            self.sent.append((title, text))
        return self.arrives


def publish(home: Home, *queries: str) -> None:
    """Let the snapshot hold what the queries insert."""
    path = home.serving / "warehouse-000001.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        prepare(con)
        for query in queries:
            con.execute(query)
    (home.serving / "current").write_text(f"{path.name}\n", encoding="utf-8")


def tell(home: Home, partners: Partners, post: Post, now: datetime = NOW) -> list[tuple[str, str]]:
    post.sent.clear()
    send_alerts(home, partners, {}, now, send=post)
    return list(post.sent)
