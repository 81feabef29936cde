"""A configured login, walked through in a real Chromium: who gets in, and what each role may do."""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pipelines.config.home import Home
from tests.dashboards.browser import (
    QUIET,
    choose,
    choose_first_row,
    chromium,
    complete,
    needs_chromium,
    new_tab,
    opened,
    press,
)
from tests.dashboards.identity import CLIENT, Provider, new_key, provider

pytestmark = needs_chromium

MONTH = "statement?partner=voltix&month=2026-09"
QUEUE = 1
"""The table of the page of disputes that is the queue."""
COOKIE_SECRET = secrets.token_urlsafe(32)
ROLES = {"admin": "head@x.example", "finance": "ap@x.example", "viewer": "eye@x.example"}

Enter = Callable[..., Page]


@pytest.fixture(scope="module")
def identity() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture(scope="module")
def served(
    ran_home: Home, identity: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the app as the command serves it, with a login."""
    folder = tmp_path_factory.mktemp("login")
    home, settings, log = folder / "home", folder / "secrets.toml", folder / "log"
    shutil.copytree(ran_home.path, home, ignore=shutil.ignore_patterns("warehouse.duckdb*"))
    settings.write_text(secrets_toml(identity), encoding="utf-8")
    code = "from pipelines.cli.dashboards import dashboards; dashboards()"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", code, "--home", str(home), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**QUIET, "STREAMLIT_SECRETS_FILES": str(settings)},
        )
        assert process.stdout is not None
        yield process.stdout.readline().split()[1]
        process.send_signal(signal.SIGTERM)
        said = process.communicate()[0] + log.read_text(encoding="utf-8")
    assert COOKIE_SECRET not in said
    assert identity.client_secret not in said


@pytest.fixture(scope="module")
def window() -> Iterator[Page]:
    """A tab whose cache all tests share: the app's own files take longest."""
    with chromium() as browser:
        yield new_tab(browser)


@pytest.fixture
def tab(window: Page, served: str, identity: Provider) -> Iterator[Page]:
    """The tab of somebody whom nobody knows yet: it asks the app and the provider alone."""
    asked: list[str] = []

    def note(requested: Any) -> None:
        asked.append(requested.url)

    for event in ("request", "websocket"):
        window.on(event, note)  # type: ignore[call-overload]
    yield window
    shown = window.content() + "".join(asked)
    for event in ("request", "websocket"):
        window.remove_listener(event, note)
    window.context.clear_cookies()
    window.goto("about:blank")
    assert COOKIE_SECRET not in shown
    assert identity.client_secret not in shown
    allowed = (served, served.replace("http", "ws", 1), identity.url, "data:", "blob:")
    assert [url for url in asked if not url.startswith(allowed)] == []


@pytest.fixture
def enter(tab: Page, served: str, identity: Provider) -> Enter:
    """Log in with the claims of a person; the page as they then see it."""

    def walk_in(**claims: Any) -> Page:
        identity.person = claims
        tab.goto(served)
        tab.get_by_role("button", name="Log in").click()
        tab.wait_for_url(f"{served}/")
        expect(tab.get_by_text("Log in to see the warehouse.")).to_have_count(0)
        complete(tab)
        return tab

    return walk_in


def secrets_toml(identity: Provider) -> str:
    roles = "".join(f'{role} = ["{email}"]\n' for role, email in ROLES.items())
    return (
        "[auth]\n"
        'redirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        f'cookie_secret = "{COOKIE_SECRET}"\n'
        f'client_id = "{CLIENT}"\n'
        f'client_secret = "{identity.client_secret}"\n'
        f'server_metadata_url = "{identity.url}/.well-known/openid-configuration"\n'
        f"[roles]\n{roles}"
    )


def shows_no_data(page: Page) -> None:
    for part in ("stDataFrame", "stMetric", "stVegaLiteChart", "stSidebarNav"):
        expect(page.get_by_test_id(part)).to_have_count(0)


@pytest.mark.parametrize("path", ["", MONTH, "disputes"])
def test_whoever_is_not_logged_in_is_asked_to(tab: Page, served: str, path: str) -> None:
    opened(tab, served, path)

    expect(tab.get_by_role("button", name="Log in")).to_be_visible()
    shows_no_data(tab)


@pytest.mark.parametrize(
    "claims",
    [{"email": "else@x.example"}, {"email": ROLES["admin"], "email_verified": False}, {}],
    ids=["no role", "not verified", "no address"],
)
def test_whoever_has_no_role_is_told_so(enter: Enter, claims: dict[str, Any]) -> None:
    page = enter(**claims)

    expect(page.get_by_text("no role names your address")).to_be_visible()
    shows_no_data(page)


def test_a_token_that_somebody_else_signed_lets_nobody_in(
    tab: Page, served: str, identity: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "signing", new_key())
    identity.person = {"email": ROLES["admin"]}
    tab.goto(served)
    with tab.expect_response("**/oauth2callback?*"):
        tab.get_by_role("button", name="Log in").click()
    tab.wait_for_url(f"{served}/")

    expect(tab.get_by_role("button", name="Log in")).to_be_visible()
    shows_no_data(tab)


def test_a_viewer_sees_everything_and_decides_nothing(enter: Enter, served: str) -> None:
    page = enter(email=ROLES["viewer"])
    expect(page.get_by_text(f"{ROLES['viewer']} · viewer")).to_be_visible()

    opened(page, served, MONTH)
    expect(page.get_by_text("Your role may look, not close or reopen.")).to_be_visible()
    expect(page.get_by_role("button", name="Do it")).to_have_count(0)

    opened(page, served, "disputes")
    choose_first_row(page, QUEUE)
    expect(page.get_by_text("Your role may look, not decide.")).to_be_visible()
    expect(page.get_by_role("button", name="Decide")).to_have_count(0)


def test_finance_decides_by_name_and_only_an_admin_reopens_what_it_locks(
    enter: Enter, served: str
) -> None:
    page = enter(email=ROLES["finance"])
    opened(page, served, "disputes")
    choose_first_row(page, QUEUE)
    press(page, "Decide")
    expect(page.get_by_text(f"by {ROLES['finance']}")).to_be_visible()

    opened(page, served, MONTH)
    close(page, "Lock")
    expect(page.get_by_text("It is locked: only an admin reopens it.")).to_be_visible()
    expect(page.get_by_role("button", name="Do it")).to_have_count(0)
    press(page, "Log out")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()

    enter(email=ROLES["admin"])
    opened(page, served, MONTH)
    close(page, "Reopen", "A credit came late")
    expect(page.get_by_text(f"Reopened by {ROLES['admin']}: A credit came late")).to_be_visible()


def close(page: Page, step: str, reason: str = "") -> None:
    """Take the month on the page one step further."""
    choose(page, "Step", step)
    page.get_by_label("Reason (for reopening)").fill(reason)
    press(page, "Do it")
