"""The ground of the map: only what is in sight, lines only where two countries meet."""

from __future__ import annotations

from dashboards.land import land


def test_ground_out_of_sight_is_left_out() -> None:
    benelux = land(3.0, 50.5, 7.5, 53.7)

    assert benelux.rings
    assert len(benelux.rings) < len(land(-10.0, 36.0, 30.0, 65.0).rings)


def test_a_coast_is_no_border() -> None:
    iceland = land(-25.0, 63.0, -13.0, 67.0)

    assert iceland.rings
    assert iceland.borders == []


def test_a_border_is_drawn_once() -> None:
    benelux = land(3.0, 50.5, 7.5, 53.7)

    assert benelux.borders
    assert len(benelux.borders) == len({frozenset(border) for border in benelux.borders})
    assert all(3.0 <= begin[0] <= 7.5 for begin, _ in benelux.borders)
