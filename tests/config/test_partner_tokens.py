"""Tokens come from the environment, and their absence is explained."""

import pytest

from pipelines.config.connections import resolve_token
from pipelines.config.errors import ConfigError
from pipelines.config.partners import OcpiPartner

PARTNER = OcpiPartner(
    name="voltix",
    kind="ocpi",
    versions_url="https://voltix.example/ocpi/versions",
    token_env="VOLTIX_TOKEN",
)


def test_a_token_is_taken_without_surrounding_space() -> None:
    assert resolve_token(PARTNER, {"VOLTIX_TOKEN": "abc-123==\n"}) == "abc-123=="


@pytest.mark.parametrize("environ", [{}, {"VOLTIX_TOKEN": ""}, {"VOLTIX_TOKEN": " \n"}])
def test_an_unset_variable_names_variable_partner_and_remedy(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve_token(PARTNER, environ)
    assert str(caught.value) == (
        "partner voltix: the environment variable VOLTIX_TOKEN is not set; set it to the token "
        "that voltix gave you: export VOLTIX_TOKEN=..."
    )


@pytest.mark.parametrize(
    ("token", "advice"),
    [
        ("Token s3cr3t-s3cr3t", "set it to the token alone"),
        ("s3cr3t s3cr3t", "holds spaces or other characters that no OCPI token can have"),
        ("s3cr3t\r\nX-Evil: s3cr3t", "holds spaces or other characters"),
        ("s3cr3t-é", "holds spaces or other characters"),
    ],
)
def test_what_cannot_be_a_token_is_refused_and_not_repeated(token: str, advice: str) -> None:
    with pytest.raises(ConfigError, match=advice) as caught:
        resolve_token(PARTNER, {"VOLTIX_TOKEN": token})
    assert "s3cr3t" not in str(caught.value)
