from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ocpi.errors import ConfigurationError
from pipelines.ocpi.origins import Origins, origin_name

HOME = "https://cpo.example/ocpi/versions"


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        ("https://cpo.example/cdrs?offset=1", "https://cpo.example/cdrs?offset=1"),
        ("https://CPO.example:443/cdrs", "https://cpo.example/cdrs"),
        ("/cdrs?offset=1", "https://cpo.example/cdrs?offset=1"),
        ("?offset=1", "https://cpo.example/ocpi/versions?offset=1"),
        ("//cpo.example/cdrs", "https://cpo.example/cdrs"),
        ("http://cpo.example/cdrs", "https://cpo.example/cdrs"),
        ("http://cpo.example:8080/cdrs", "https://cpo.example/cdrs"),
        ("  https://cpo.example/cdrs#part ", "https://cpo.example/cdrs"),
        ("https://user:pass@cpo.example/cdrs", "https://cpo.example/cdrs"),
    ],
)
def test_the_home_origin_is_asked(target: str, asked: str) -> None:
    assert Origins(HOME).permit(HOME, target) == asked


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/cdrs",
        "https://cpo.example.evil.example/cdrs",
        "https://cpo.example@evil.example/cdrs",
        "https://cpo.example:8443/cdrs",
        "https://10.0.0.7/cdrs",
        "http://cpo-internal:8080/cdrs",
        "//evil.example/cdrs",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://[broken/cdrs",
        "https://cpo.example:99999/",
        "//xn--/x",
        "https://xn--a/x",
    ],
)
def test_other_origins_are_refused(target: str) -> None:
    assert Origins(HOME).permit(HOME, target) is None


def test_named_origins_are_allowed_and_upgraded_too() -> None:
    origins = Origins(HOME, ["https://api.cpo.example:8443"])
    assert (
        origins.permit(HOME, "https://api.cpo.example:8443/x") == "https://api.cpo.example:8443/x"
    )
    assert origins.permit(HOME, "http://api.cpo.example/x") == "https://api.cpo.example:8443/x"
    assert origins.permit(HOME, "https://api.cpo.example/x") is None


def test_a_partner_may_move_to_https_but_never_back() -> None:
    plain = Origins("http://cpo.example/versions")
    assert plain.permit("http://cpo.example/versions", "https://cpo.example/x") == (
        "https://cpo.example/x"
    )
    permitted = Origins(HOME).permit(HOME, "http://cpo.example/x")
    assert permitted is not None
    assert permitted.startswith("https://")


@pytest.mark.parametrize(
    ("home", "target"),
    [
        ("http://cpo.example/versions", "https://cpo.example:8443/x"),
        ("http://cpo.example:8080/versions", "https://cpo.example/x"),
        ("http://cpo.example/versions", "http://cpo.example:8080/x"),
        (HOME, "https://cpo.example:80/x"),
    ],
)
def test_another_port_of_the_same_host_is_another_origin(home: str, target: str) -> None:
    assert Origins(home).permit(home, target) is None


@settings(deadline=None)
@given(st.text(max_size=60) | st.text("xn-/:.ü", max_size=12).map("//xn--{}".format))
def test_whatever_a_partner_writes_only_its_own_origin_comes_out(target: str) -> None:
    permitted = Origins(HOME).permit(HOME, target)
    assert permitted is None or permitted.startswith("https://cpo.example")
    assert permitted is None or permitted[len("https://cpo.example")] in "/?"


def test_refused_origins_are_named_without_path_or_userinfo() -> None:
    assert origin_name(HOME, "https://u:p@evil.example:8443/x?token=1") == (
        "https://evil.example:8443"
    )
    assert origin_name(HOME, "https://cpo.example:none/") == "something that is no URL"
    assert origin_name(HOME, "//xn--/x") == "something that is no URL"


@pytest.mark.parametrize("home", ["https://cpo.example:port/", "https://cpo.example/\0"])
def test_a_setting_that_is_no_url_is_told(home: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Origins(home)
