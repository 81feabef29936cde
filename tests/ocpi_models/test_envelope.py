from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ocpi.envelope import EnvelopeError, read_envelope

ONE, TWO = {"id": "1", "name": "a"}, {"id": "2"}


def found(body: bytes, module: str | None = None) -> list[object]:
    return [json.loads(bytes(raw)) for raw in read_envelope(body, module=module).objects]


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ({"data": [ONE, TWO], "status_code": 1000}, "list"),
        ({"name": "OK", "message": "ok", "data": [ONE, TWO], "error": None}, "list"),
        ([ONE, TWO], "bare"),
        ({"items": [ONE, TWO], "next": "x"}, "items"),
        ({"locations": [ONE, TWO]}, "named"),
        ({"data": {"locations": [ONE, TWO]}, "status_code": 1000}, "nested"),
        ({"data": {"items": [ONE, TWO]}}, "nested"),
        ({"data": {"locations": {"a": ONE, "b": TWO}}}, "nested"),
        ({"data": {"a": ONE, "b": TWO}}, "nested"),
        ({"locations": {"a": ONE, "b": TWO}}, "nested"),
    ],
)
def test_lists_are_found_wherever_they_are(body: object, shape: str) -> None:
    text = json.dumps(body).encode()
    assert found(text) == [ONE, TWO]
    assert found(text, "locations") == [ONE, TWO]
    assert read_envelope(text).shape == shape


@pytest.mark.parametrize("body", [{"data": ONE, "status_code": 1000}, ONE])
def test_one_object_for_a_list(body: object) -> None:
    assert found(json.dumps(body).encode()) == [ONE]
    assert read_envelope(json.dumps(body).encode()).shape == "object"


def test_an_object_with_lists_of_its_own_is_no_envelope() -> None:
    cdr = {"id": "c", "tariffs": [{"id": "t"}]}
    assert found(json.dumps(cdr).encode()) == [cdr]
    assert found(json.dumps({"data": cdr}).encode()) == [cdr]


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": null, "status_code": 1000}',
        b'{"status_code": 1000}',
        b'{"data": [], "status_code": 1000}',
        b'{"data": {}, "status_code": 1000}',
        b'{"data": "oops", "status_code": 2000}',
        b"[]",
    ],
)
def test_nothing_is_an_empty_list(body: bytes) -> None:
    assert found(body) == []


def test_the_status_is_read_even_as_text() -> None:
    envelope = read_envelope(b'{"status_code": "2001", "status_message": "bad"}')
    assert (envelope.status_code, envelope.status_message) == (2001, "bad")
    assert read_envelope(b'{"data": [], "status_code": true}').status_code is None
    assert read_envelope(b'{"data": [], "status_code": "ok"}').status_code is None


@pytest.mark.parametrize(
    ("token", "read"), [('"t1"', "t1"), ("7", "7"), ("null", None), ('""', None)]
)
def test_the_token_of_the_next_page(token: str, read: str | None) -> None:
    assert read_envelope(b'{"items": [], "next": %s}' % token.encode()).next_token == read


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\n <HTML>", "web page"),
        (b"<?xml version='1.0'?>", "web page"),
        (b"Bad Gateway", "text, not JSON"),
        (b"null", "is null, neither"),
        (b" 3 ", "mere value"),
        (b'"x"', "is a text, neither"),
        (b"PK\x03\x04", "binary, not JSON"),
        ('{"data": []}'.encode("utf-16"), "UTF-16"),
        ('{"data": []}'.encode("utf-16-le"), "UTF-16"),
        ('{"data": []}'.encode("utf-16-be"), "UTF-16"),
        (b'{"data": [{"id": 1}', "ends in the middle"),
        (b'{"data": [{"id": "abc', "ends in the middle"),
        (b"[1,]", "malformed"),
        (b'{"data": "oops", "status_code": 1000}', "not a list of objects"),
        (b'{"data": 5}', "not a list of objects"),
        (b'{"hello": 1, "world": 2}', "its members are 'hello', 'world'"),
        (b"{}", "its members are none"),
        (b'{"data": {"count": 5, "page": 1}}', "holds an object, not a list"),
        (b'{"data": [], "items": []}', "several lists: data, items"),
        (b"[" * 100_000 + b"]" * 100_000, "malformed"),
        (gzip.compress(b"[]", mtime=0)[:-3], "gzip that cannot be read"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, says: str) -> None:
    with pytest.raises(EnvelopeError, match=says) as raised:
        read_envelope(body)
    assert "\n" not in str(raised.value)
    assert raised.value.truncated == (says in ("ends in the middle", "empty"))


def test_the_module_s_own_list_counts() -> None:
    both = json.dumps({"locations": [ONE], "tariffs": [TWO]}).encode()
    assert found(both, "tariffs") == [TWO]
    assert found(both, "locations") == [ONE]
    with pytest.raises(EnvelopeError, match="several lists"):
        read_envelope(both)


def test_gzip_is_recognised_and_bounded() -> None:
    squeezed = gzip.compress(json.dumps([ONE] * 100).encode(), mtime=0)
    assert found(squeezed) == [ONE] * 100
    with pytest.raises(EnvelopeError, match="more than 1,000 bytes"):
        read_envelope(squeezed, max_inflated=1000)


@pytest.mark.parametrize(
    ("body", "objects"),
    [
        (b'\xef\xbb\xbf[{"id": 1}]', [{"id": 1}]),
        (b'[{"id": NaN, "n": "NaN"}]', [{"id": None, "n": "NaN"}]),
        (b'[{"a": -Infinity, "b": Infinity}]', [{"a": None, "b": None}]),
        (b'[{"id": "a\tb"}]', [{"id": "a\tb"}]),
        (b'[{"id": "\\ud83d\\ude00 \\ud83d"}]', [{"id": "\U0001f600 \ufffd"}]),
        (b'[{"id": "\\udc00\\\\ud800"}]', [{"id": "\ufffd\\ud800"}]),
    ],
)
def test_what_is_almost_json_is_mended(body: bytes, objects: list[object]) -> None:
    assert found(body) == objects


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read_envelope(body, max_inflated=1 << 20)
    except EnvelopeError as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=9,
)


@settings(deadline=None)
@given(st.lists(json_values, max_size=6), st.booleans())
def test_objects_come_out_as_they_went_in(values: list[object], ascii_only: bool) -> None:
    text = json.dumps({"data": values, "status_code": 1000}, ensure_ascii=ascii_only)
    assert found(text.encode("utf-8", "surrogatepass")) == json.loads(text)["data"]


SHARED = Path(os.environ.get("ROAMHOUSE_SHARED", Path(__file__).parents[3] / "shared")) / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real feeds are not here")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("uk/chargy_locations_page1.json", 2),
        ("uk/chargy_tariffs_page1.json", 2),
        ("uk/clenergy_locations.json", 2),
        ("uk/clenergy_tariffs.json", 8),
        ("uk/geniepoint_tariffs.json", 6),
        ("uk/mfg_tariffs.json", 2),
        ("ndw/locations.json.gz", 1038),
        ("ndw/tariffs.json.gz", 328),
    ],
)
def test_real_feeds_are_read(name: str, count: int) -> None:
    module = "tariffs" if "tariffs" in name else "locations"
    assert len(read_envelope((SHARED / name).read_bytes(), module=module).objects) == count
