"""Whatever changed between two runs, the later one ends as if it had been the first.

By `make simulate`, for it takes a minute; `test_recon_incremental` asks less of a real feed.
"""

from __future__ import annotations

from typing import Any

import pytest
from changing_world import ChangingWorld
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.stages.recon import changes

MINUTES = st.integers(0, 12).map(lambda tens: tens * 10) | st.sampled_from([1, 2, 20_000])
PLACES = st.integers(0, 30)
FEW = st.integers(1, 3)
CDRS = st.tuples(
    st.just("cdr"), MINUTES, st.booleans(), st.integers(0, 3), FEW, FEW, st.sampled_from([10, 11])
)
CHANGES = st.one_of(
    CDRS,
    CDRS,
    st.tuples(st.just("credit"), PLACES, st.booleans()),
    st.tuples(st.just("forward"), PLACES),
    st.tuples(st.just("in_wh"), MINUTES, FEW, FEW),
    st.tuples(st.just("session"), FEW, MINUTES, FEW, st.booleans()),
    st.tuples(st.just("goes_on"), FEW, MINUTES, st.sampled_from([None, 30, 900])),
    st.tuples(st.just("token"), FEW, st.booleans()),
    st.tuples(st.just("connector"), st.sampled_from([22, 7]), st.sampled_from([7, 8])),
    st.tuples(
        st.just("place"), st.sampled_from(["NLD", "BEL"]), st.sampled_from(["CHADEMO", "CHAOJI"])
    ),
    st.tuples(st.just("outage"), MINUTES),
    st.tuples(st.just("copy"), PLACES),
    st.tuples(st.just("price"), PLACES, st.integers(9, 12)),
    st.tuples(st.just("tariff"), MINUTES, st.sampled_from([50, 55])),
    st.tuples(st.just("invoice"), FEW, st.lists(PLACES, max_size=3)),
    st.tuples(st.just("later"), st.sampled_from([1, 10, 40, -40])),
    st.tuples(st.just("terms"), st.sampled_from(["UTC", "Asia/Tokyo"]), st.booleans()),
    st.tuples(st.just("let_go"), PLACES),
    st.tuples(st.sampled_from(["soft_close", "lock"]), st.just("2026-10")),
)


@pytest.fixture(autouse=True)
def however_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the changes alone, even if they are most of so small a world."""
    monkeypatch.setattr(changes, "_LARGE_SHARE", 0)


STANDING: tuple[tuple[Any, ...], ...] = (
    ("session", 1, 50, 2, False),
    ("token", 2, True),
    *(("cdr", 1_500 * n, False, n + 3, 1, 1, 10) for n in range(12)),
    ("session", 5, 3_000, 1, False),
    ("cdr", 50, False, 0, 2, 1, 11),
    ("cdr", 300, True, 3, 2, 1, 10),
    ("credit", 3, True),
    ("credit", 6, False),
    ("in_wh", 9_000, 20, 1),
    ("invoice", 1, [0, 1]),
    ("cdr", 43_200, False, 0, 3, 1, 10),
)


EACH: tuple[tuple[Any, ...], ...] = (
    ("cdr", 55, False, 1, 1, 1, 10),
    ("cdr", 50, True, 0, 2, 2, 11),
    ("cdr", 1_500, True, 4, 3, 1, 12),
    ("forward", 0),
    ("credit", 1, True),
    ("credit", 5, False),
    ("credit", 6, False),
    ("cdr", 55, False, 6, 1, 1, 10),
    ("in_wh", 300, 21, 2),
    ("session", 20, 9_000, 1, False),
    ("session", 5, 3_000, 1, True),
    ("session", 1, 300, 1, False),
    ("goes_on", 30, 10, None),
    ("goes_on", 31, 10, 900),
    ("token", 2, False),
    ("connector", 7, 7),
    ("connector", 22, 8),
    ("outage", 100),
    ("copy", 2),
    ("price", 4, 9),
    ("tariff", 10, 55),
    ("invoice", 1, [2]),
    ("invoice", 2, [4, 5]),
    ("later", 40),
    ("later", -40),
    ("later", 40),
    ("connector", 22, 7),
    ("place", "BEL", "IEC_62196_T2"),
    ("place", "BEL", "CHADEMO"),
    ("terms", "Asia/Tokyo", True),
    ("let_go", 1),
    ("soft_close", "2026-10"),
    ("lock", "2026-10"),
)


def test_each_change_is_seen() -> None:
    world = ChangingWorld().start()
    for name, *values in STANDING:
        getattr(world, name)(*values)
    world.run()
    for change in EACH:
        before = world.said()
        name, *values = change
        getattr(world, name)(*values)
        world.run()
        later = world.said()
        world.forget()
        world.run()
        assert later == world.said(), change
        assert later != before, change


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    first=st.lists(CDRS, min_size=1, max_size=14),
    runs=st.lists(st.lists(CHANGES, min_size=1, max_size=4), min_size=1, max_size=3),
)
def test_later_runs_end_as_one_from_scratch(first: list[Any], runs: list[list[Any]]) -> None:
    world = ChangingWorld().start()
    for batch in (first, *runs):
        for name, *values in batch:
            getattr(world, name)(*values)
        world.run()
    later = world.said()
    world.forget()
    world.run()
    assert later == world.said()
