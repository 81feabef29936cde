"""The map in a real browser, alone: what it shows, what it tells when it is moved and clicked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page

from dashboards.map import Box
from tests.dashboards.browser import chromium, needs_chromium, new_tab

WIDTH_PX = 690
"""Of the map where the window is 1024 pixels wide."""
SETTLED_MS = 450

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    with chromium() as browser:
        yield new_tab(browser, (WIDTH_PX, 1200))


def circle(longitude: float, latitude: float, **more: Any) -> dict[str, Any]:
    looks = {"radius": 12, "colour": "#009E73", "rim": 1, "rim_colour": "#fff", "ink": "#fff"}
    said = {"count": "", "label": "", "tip": "tip", "box": None}
    return {"at": [longitude, latitude], **looks, **said, **more}


def shown(tab: Page, box: Box, *circles: dict[str, Any], names: Any = ()) -> None:
    """Show circles in a box of the world; what the map tells is kept in `window.told`."""
    html, css, js = (
        (files("dashboards") / "assets" / f"map.{kind}").read_text()
        for kind in ("html", "css", "js")
    )
    tab.set_content(f"<style>body {{ margin: 0 }} {css}</style>{html}")
    data = {
        **{"alt": "Map", "colours": {"land": "#ddd", "name": "#222", "border": "#fff"}},
        **{"view": str(box).split(","), "land": "M0 0l1 1z", "circles": circles, "names": names},
    }
    tab.evaluate(
        "async ([code, data]) => {"
        " const blob = new Blob([code], { type: 'text/javascript' });"
        " const { default: draw } = await import(URL.createObjectURL(blob));"
        " window.told = [];"
        " window.show = (data) => draw({ data, parentElement: document.body,"
        "   setTriggerValue: (name, value) => window.told.push([name, value]) });"
        " window.data = data; window.show(data); }",
        [js, json.loads(json.dumps(data))],
    )


def told(tab: Page) -> list[Any]:
    """What the map has told since it was last asked, once it stands still."""
    tab.wait_for_timeout(SETTLED_MS)
    return list(tab.evaluate("window.told.splice(0)"))


def seen(tab: Page) -> Box:
    ((name, text),) = told(tab)
    box = Box.parsed(text)
    assert (name, box is not None) == ("view", True)
    assert box is not None
    return box


def places(tab: Page) -> list[tuple[float, float]]:
    """Where circles are on the screen."""
    found = tab.locator(".mark").evaluate_all(
        "marks => marks.map(mark => { const r = mark.firstChild.getBoundingClientRect();"
        " return [r.x + r.width / 2, r.y + r.height / 2]; })"
    )
    return [(x, y) for x, y in found]


BENELUX = Box(3.0, 50.5, 7.5, 53.7)


def test_canada_and_finland_fit_a_narrow_screen(tab: Page) -> None:
    cities = {"Vancouver": (-123.1, 49.3), "Toronto": (-79.4, 43.7), "Ivalo": (27.5, 68.7)}
    box = Box(-123.1, 43.7, 27.5, 68.7).wider()

    shown(tab, box, *(circle(*at) for at in cities.values()))

    assert all(12 < x < WIDTH_PX - 12 and 12 < y < 508 for x, y in places(tab))
    west, _, east = (x for x, _ in places(tab))
    assert east - west > WIDTH_PX * 0.8
    assert told(tab) == []


def test_a_button_comes_closer_and_tells_what_is_seen(tab: Page) -> None:
    shown(tab, BENELUX, circle(5.25, 52.0))

    tab.get_by_role("button", name="Closer").click()
    near = seen(tab)
    tab.get_by_role("button", name="Further away").click()
    far = seen(tab)

    assert far.east - far.west == pytest.approx(2 * (near.east - near.west), rel=0.01)
    assert BENELUX.west < near.west < 5.25 < near.east < BENELUX.east
    tab.get_by_role("button", name="Everything").click()
    assert told(tab) == [["view", "everywhere"]]


def test_the_wheel_scrolls_the_page_until_the_map_is_touched(tab: Page) -> None:
    shown(tab, BENELUX, circle(5.25, 52.0), circle(4.0, 51.0))
    tab.mouse.move(100, 100)
    tab.mouse.wheel(0, -240)
    assert told(tab) == []

    tab.mouse.click(300, 30)
    tab.mouse.wheel(0, -240)

    assert seen(tab).north > 52.0
    # What lay below the pointer still does: the map came closer to it.
    assert places(tab)[0][0] > WIDTH_PX / 2 - 60


def test_dragging_moves_what_is_seen_and_clicks_nothing(tab: Page) -> None:
    shown(tab, BENELUX, circle(5.25, 52.13))
    ((x, y),) = places(tab)

    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 60, y + 40, steps=4)
    tab.mouse.up()

    assert places(tab)[0] == pytest.approx((x + 60, y + 40), abs=1)
    assert seen(tab).west < BENELUX.west


def test_a_cluster_comes_closer_and_a_place_is_opened(tab: Page) -> None:
    inside = [5.1, 52.05, 5.2, 52.12]
    shown(tab, BENELUX, circle(5.15, 52.08, box=inside, count="7"), circle(4.0, 51.0))
    cluster, single = places(tab)

    tab.mouse.click(*single)
    assert told(tab) == [["opened", 1]]
    tab.mouse.click(*cluster)

    box = seen(tab)
    assert box.west < inside[0] < inside[2] < box.east < 5.4


def test_what_comes_back_for_a_move_does_not_move_the_map(tab: Page) -> None:
    shown(tab, BENELUX, circle(5.25, 52.0))
    tab.get_by_role("button", name="Closer").click()
    ((_, text),) = told(tab)
    before = places(tab)

    tab.evaluate("view => window.show({ ...window.data, view })", text.split(","))
    assert places(tab) == before

    tab.evaluate("window.show({ ...window.data, view: ['4', '51', '9', '55'] })")
    assert places(tab) != before
    assert told(tab) == []


def test_no_circle_hides_the_number_of_another(tab: Page) -> None:
    large = {"radius": 30, "count": "643"}
    shown(
        tab, BENELUX, circle(5.1, 52.1, **large), circle(5.3, 52.1, count="105"),
        circle(4.0, 51.0, count="9"),
    )  # fmt: skip

    # Two numbers that would lie on each other: the larger circle's stays, above both circles.
    assert tab.locator(".count").all_text_contents() == ["643", "9"]
    assert tab.locator(".mark .count").count() == 0
    tab.get_by_role("button", name="Closer").click(click_count=3)
    assert set(tab.locator(".count").all_text_contents()) >= {"643", "105"}


def test_names_keep_apart_and_are_text(tab: Page) -> None:
    names = [("<b>Utrecht</b>", 5.1, 52.1), ("Zeist", 5.11, 52.1), ("Gent", 3.7, 51.05)]
    shown(tab, BENELUX, circle(5.1, 52.1, count="9", tip="<i>x</i>"), names=names)

    labels = tab.locator(".labels text")
    assert labels.all_text_contents()[0] == "<b>Utrecht</b>"
    boxes = [box for label in labels.all() if (box := label.bounding_box())]
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            assert (
                one["x"] + one["width"] <= other["x"] + 6
                or other["x"] + other["width"] <= one["x"] + 6
                or one["y"] + one["height"] <= other["y"] + 6
                or other["y"] + other["height"] <= one["y"] + 6
            )
    tab.locator(".mark").hover()
    assert tab.locator(".tip").inner_text() == "<i>x</i>"
    assert tab.locator("b, i").count() == 0
