"""A digest a day: what began, what is over, what goes on; nothing where nothing changed."""

from __future__ import annotations

from datetime import timedelta

from alert_home import HEALTH, NOW, Post, publish, tell

from pipelines.config.home import Home
from pipelines.config.partners import Partners


def test_digest_tells_once_a_day_what_began_what_is_over_and_what_goes_on(
    home: Home, partners: Partners
) -> None:
    home.settings.write_text("alerts: {digest_at: '07:00'}", encoding="utf-8")
    post, morning = Post(), NOW + timedelta(hours=19)
    broken = HEALTH + "('voltix', 'degraded', 'page 3 broke', 1), ('ndw', 'degraded', 'no', 1)"
    publish(home, broken)
    assert tell(home, partners, post) == []
    assert tell(home, partners, post, morning - timedelta(minutes=1)) == []
    ((title, text),) = tell(home, partners, post, morning)
    assert (title, text.count("is incomplete")) == ("roamhouse: 2 things began", 2)
    assert tell(home, partners, post, morning) == []

    publish(home, HEALTH + "('voltix', 'degraded', 'page 3 broke', 1)")
    assert tell(home, partners, post, morning + timedelta(hours=1)) == []
    publish(home, broken)  # it came back before anybody heard that it was over
    assert tell(home, partners, post, morning + timedelta(days=1)) == []
    publish(home, HEALTH + "('voltix', 'degraded', 'page 3 broke', 1)")
    assert tell(home, partners, post, morning + timedelta(days=1, hours=1)) == []
    post.arrives = False
    assert tell(home, partners, post, morning + timedelta(days=2)) == []
    post.arrives = True
    since = NOW.isoformat(timespec="seconds")
    assert tell(home, partners, post, morning + timedelta(days=2)) == [
        (
            "roamhouse: 1 is over",
            f"It is over:\nndw is incomplete, since {since}\n\n"
            f"It goes on:\nvoltix is incomplete, since {since}",
        )
    ]
    assert tell(home, partners, post, morning + timedelta(days=3)) == []


def test_urgent_kinds_do_not_wait_for_the_digest(home: Home, partners: Partners) -> None:
    home.settings.write_text("alerts: {digest_at: '07:00'}", encoding="utf-8")
    publish(home, HEALTH + "('voltix', 'degraded', 'page 3 broke', 1), ('ndw', 'failed', 'no', 1)")
    post = Post()
    assert [title for title, _ in tell(home, partners, post)] == ["roamhouse: ndw brings nothing"]
    publish(home)
    assert [title for title, _ in tell(home, partners, post)] == ["roamhouse: it is over"]
    assert tell(home, partners, post, NOW + timedelta(days=2)) == []
