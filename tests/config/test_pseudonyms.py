"""People's identifiers as keyed hashes, under a key that never changes unnoticed."""

import hashlib
import hmac
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config.errors import ConfigError
from pipelines.config.home import Home
from pipelines.config.pseudonyms import Pseudonymiser, open_pseudonymiser, pseudonym_key

KEY = b"k" * 32
OFF = {"ROAMHOUSE_PSEUDONYMS": "off"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_a_pseudonym_is_half_an_hmac_sha256() -> None:
    expected = hmac.new(KEY, b"NL8ACC12E46L89", hashlib.sha256).hexdigest()[:32]
    assert Pseudonymiser(KEY)("NL8ACC12E46L89") == expected


def test_case_does_not_tell_identifiers_apart() -> None:
    assert Pseudonymiser(KEY)("nl-8acc-12e46l89") == Pseudonymiser(KEY)("NL-8ACC-12E46L89")


def test_another_key_gives_other_pseudonyms() -> None:
    assert Pseudonymiser(KEY)("A") != Pseudonymiser(b"l" * 32)("A")


@given(st.text())
def test_any_text_has_a_pseudonym_and_off_leaves_it(text: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", Pseudonymiser(KEY)(text))
    assert Pseudonymiser(None)(text) == text


def test_a_lone_surrogate_has_a_pseudonym() -> None:
    assert len(Pseudonymiser(KEY)("\ud800")) == 32


def test_the_key_is_not_shown() -> None:
    assert "kkkk" not in repr(Pseudonymiser(KEY))
    assert "kkkk" not in Pseudonymiser(KEY).fingerprint


def test_a_key_is_made_once_and_kept_to_its_owner(home: Home) -> None:
    first = pseudonym_key(home, {})
    assert first is not None
    assert len(first) == 64
    assert pseudonym_key(home, {}) == first
    key_file = home.path / "pseudonym.key"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in home.path.glob(".pseudonym*")] == []


def test_of_several_first_users_at_once_one_makes_the_key(home: Home) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: pseudonym_key(home, {}), range(32)))
    assert len(set(keys)) == 1


def test_two_homes_have_two_keys(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.create()
    assert pseudonym_key(home, {}) != pseudonym_key(other, {})


def test_the_environment_s_key_goes_first_and_is_not_written_down(home: Home) -> None:
    environ = {"ROAMHOUSE_PSEUDONYM_KEY": "e" * 32}
    assert pseudonym_key(home, environ) == b"e" * 32
    assert not (home.path / "pseudonym.key").exists()


def test_off_needs_no_key(home: Home) -> None:
    assert pseudonym_key(home, OFF) is None
    assert open_pseudonymiser(home, OFF)("ABC") == "ABC"


def test_a_short_key_is_refused_and_not_repeated(home: Home) -> None:
    with pytest.raises(ConfigError, match="has 5 characters, expected at least 32") as caught:
        pseudonym_key(home, {"ROAMHOUSE_PSEUDONYM_KEY": "short"})
    assert "short" not in str(caught.value)


def test_an_emptied_key_file_is_not_replaced(home: Home) -> None:
    key_file = home.path / "pseudonym.key"
    key_file.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="restore it from a backup"):
        open_pseudonymiser(home, {})
    assert key_file.read_text(encoding="utf-8") == ""


def test_a_lost_key_file_is_not_replaced(home: Home) -> None:
    open_pseudonymiser(home, {})
    (home.path / "pseudonym.key").unlink()
    with pytest.raises(ConfigError, match="restore it from a backup"):
        open_pseudonymiser(home, {})
    assert not (home.path / "pseudonym.key").exists()


@pytest.mark.parametrize("environ", [{"ROAMHOUSE_PSEUDONYM_KEY": "e" * 32}, OFF])
def test_another_key_than_the_home_was_filled_with_is_refused(
    home: Home, environ: dict[str, str]
) -> None:
    open_pseudonymiser(home, {})
    with pytest.raises(ConfigError, match=r"filled with another key .* run `roamhouse replay`"):
        open_pseudonymiser(home, environ)


def test_the_same_key_opens_the_home_again(home: Home) -> None:
    environ = {"ROAMHOUSE_PSEUDONYM_KEY": "e" * 32}
    assert open_pseudonymiser(home, environ)("A") == open_pseudonymiser(home, environ)("A")
