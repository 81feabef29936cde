"""Durations and sizes as people write them."""

from datetime import timedelta
from string import ascii_letters, ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config.values import RefusedValue, read_duration, read_size, read_variable


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0s", timedelta()),
        ("250ms", timedelta(milliseconds=250)),
        ("30s", timedelta(seconds=30)),
        ("1.5h", timedelta(minutes=90)),
        ("15m", timedelta(minutes=15)),
        ("366d", timedelta(days=366)),
    ],
)
def test_durations(text: str, length: timedelta) -> None:
    assert read_duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "15", "15 m", "-1s", "15min", "1w", "366.1d", "1e3s", "٣s", "15M", None, 15]
)
def test_not_a_duration(text: object) -> None:
    with pytest.raises(ValueError, match="a duration such as"):
        read_duration(text)


@given(st.integers(0, 366 * 24 * 60))
def test_minutes_are_exact(minutes: int) -> None:
    assert read_duration(f"{minutes}m") == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "size"), [("1024B", 1024), ("1KiB", 1024), ("64MiB", 64 << 20), ("4GiB", 4 << 30)]
)
def test_sizes(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "64", "64MB", "64mib", "0MiB", "1B", "2048GiB", "1.5GiB"])
def test_not_a_size(text: str) -> None:
    with pytest.raises(ValueError, match="a size such as"):
        read_size(text)


BASE64 = f"{ascii_letters}{digits}+/=-"


@given(st.text(BASE64, min_size=12, max_size=61).filter(lambda token: not token[0].isupper()))
def test_a_pasted_token_is_refused_as_a_variable_name_and_not_repeated(token: str) -> None:
    with pytest.raises(RefusedValue) as caught:
        read_variable(token)
    assert token not in str(caught.value)


@given(
    st.text(f"{ascii_uppercase}{digits}_", min_size=1, max_size=80).filter(
        lambda name: name[0].isupper()
    )
)
def test_an_upper_case_word_is_a_variable_name(name: str) -> None:
    assert read_variable(name) == name
