"""The ground of the map: only what is in sight, drawn where it lies."""

from __future__ import annotations

from dashboards.land import land


def test_ground_out_of_sight_is_left_out() -> None:
    benelux = land(3.0, 50.5, 7.5, 53.7)

    assert benelux
    assert len(benelux) < len(land(-10.0, 36.0, 30.0, 65.0))
    assert land(-40.0, 40.0, -35.0, 45.0) == ""


def test_land_lies_where_the_map_looks_for_it() -> None:
    iceland = land(-25.0, 63.0, -13.0, 67.0)
    beginnings = [part.split("l")[0].split(" ") for part in iceland.split("M") if part]

    # From 25 to 13 degrees west and 63 to 67 north, in millionths of the world.
    assert any(430_000 < int(x) < 464_000 and 238_000 < int(y) < 280_000 for x, y in beginnings)
