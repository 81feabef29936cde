"""A good partners file: what each key becomes, and where the rest comes from."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from models.contract import Contract
from pipelines.config.errors import ConfigError
from pipelines.config.loading import load_partners
from pipelines.config.partners import FeedPartner, OcpiPartner, Partners, sole_owner
from pipelines.config.values import Party

FULL = """
defaults:
  {overlap: 15m, page_limit: 1000, requests_per_second: 10, timeout: 30s, page_timeout: 2m,
   max_page: 64MiB}
partners:
  - name: voltix
    kind: ocpi
    versions_url: https://voltix.example/ocpi/versions
    token_env: VOLTIX_TOKEN
    token_encoding: raw
    version: 2.2.1
    modules: [locations, cdrs]
    party: nl/ems
    parties: [NL/VOL]
    origins: ["https://API.voltix.example:8443/"]
    window_days: 30
    full_every: 1d
    contract:
      billing: reverse
      reverse_charge: true
      currency: EUR
      tariff_source: embedded
      month_basis: cdr_date
      time_zone: Europe/Amsterdam
      rounding: {mode: half_even, stage: line}
      tolerance: {absolute: 0.02, relative: "0.005"}
      severity: {SESSION_MISSING: ignore}
  - name: gridlink
    kind: hub
    versions_url: http://127.0.0.1:8080/hub/versions
    token_env: GRIDLINK_TOKEN
    party: NL/EMS
  - name: ndw
    kind: feed
    locations_url: https://opendata.ndw.nu/charging_point_locations_ocpi.json.gz
    tariffs_url: files/tariffs.json.gz
"""


def load(tmp_path: Path, text: str, *only: str) -> Partners:
    path = tmp_path / "partners.yaml"
    path.write_text(text, encoding="utf-8")
    return load_partners(path, only=only)


def ocpi(partners: Partners, name: str) -> OcpiPartner:
    partner = partners[name]
    assert isinstance(partner, OcpiPartner)
    return partner


def feed(partners: Partners, name: str) -> FeedPartner:
    partner = partners[name]
    assert isinstance(partner, FeedPartner)
    return partner


def test_every_key_of_an_ocpi_partner_is_read(tmp_path: Path) -> None:
    voltix = ocpi(load(tmp_path, FULL), "voltix")
    assert voltix.versions_url == "https://voltix.example/ocpi/versions"
    assert voltix.token_env == "VOLTIX_TOKEN"
    assert (voltix.token_encoding, voltix.version) == ("raw", "2.2.1")
    assert voltix.modules == ("locations", "cdrs")
    assert voltix.party == ("NL", "EMS")
    assert voltix.parties == (Party("NL", "VOL"),)
    assert voltix.origins == ("https://api.voltix.example:8443",)
    assert (voltix.window_days, voltix.full_every) == (30, timedelta(days=1))
    assert (voltix.overlap, voltix.timeout) == (timedelta(minutes=15), timedelta(seconds=30))
    assert (voltix.page_timeout, voltix.max_page) == (timedelta(minutes=2), 64 * 1024 * 1024)
    assert (voltix.page_limit, voltix.requests_per_second) == (1000, 10)


def test_every_term_of_a_contract_is_read(tmp_path: Path) -> None:
    contract = ocpi(load(tmp_path, FULL), "voltix").contract
    assert (contract.billing, contract.reverse_charge, contract.currency) == (
        "reverse",
        True,
        "EUR",
    )
    assert (contract.tariff_source, contract.month_basis) == ("embedded", "cdr_date")
    assert contract.time_zone == "Europe/Amsterdam"
    assert (contract.rounding.mode, contract.rounding.stage) == ("half_even", "line")
    assert contract.tolerance.absolute == Decimal("0.02")
    assert contract.tolerance.relative == Decimal("0.005")
    assert contract.severity == {"SESSION_MISSING": "ignore"}


def test_what_is_not_said_has_the_documented_default(tmp_path: Path) -> None:
    hub = ocpi(load(tmp_path, FULL), "gridlink")
    assert (hub.token_encoding, hub.version, hub.modules) == ("auto", "auto", None)
    assert (hub.parties, hub.origins, hub.window_days) == ((), (), None)
    assert hub.full_every == timedelta(days=7)
    assert hub.contract == Contract()
    assert hub.contract.tolerance.absolute == Decimal("0.02")
    assert hub.contract.time_zone == "UTC"


def test_a_feed_path_is_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    ndw = feed(load(tmp_path, FULL), "ndw")
    assert ndw.locations_url == "https://opendata.ndw.nu/charging_point_locations_ocpi.json.gz"
    assert ndw.tariffs_url == str(tmp_path / "files" / "tariffs.json.gz")


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    text = "partners: [{name: ndw, kind: feed, tariffs_url: 'file:///srv/tariffs.json'}]"
    assert feed(load(tmp_path, text), "ndw").tariffs_url == "/srv/tariffs.json"


def test_defaults_reach_each_partner_that_does_not_say_otherwise(tmp_path: Path) -> None:
    text = FULL.replace("overlap: 15m", "overlap: 1h, contract: {currency: SEK, billing: reverse}")
    partners = load(tmp_path, text)
    assert ocpi(partners, "gridlink").overlap == timedelta(hours=1)
    assert ocpi(partners, "gridlink").contract.currency == "SEK"
    assert ocpi(partners, "voltix").contract.currency == "EUR"


def test_defaults_of_a_contract_merge_term_by_term(tmp_path: Path) -> None:
    text = FULL.replace(
        "overlap: 15m", "contract: {rounding: {stage: line}, severity: {CDR_LATE: ignore}}"
    ).replace("rounding: {mode: half_even, stage: line}", "rounding: {mode: up}")
    contract = ocpi(load(tmp_path, text), "voltix").contract
    assert (contract.rounding.mode, contract.rounding.stage) == ("up", "line")
    assert contract.severity == {"CDR_LATE": "ignore", "SESSION_MISSING": "ignore"}


def test_a_feed_keeps_its_own_bounds_whatever_the_defaults_for_pages(tmp_path: Path) -> None:
    ndw = feed(load(tmp_path, FULL.replace("timeout: 30s", "timeout: 5s")), "ndw")
    assert ndw.max_page == 4 * 1024**3
    assert ndw.page_timeout == timedelta(minutes=30)
    assert ndw.timeout == timedelta(seconds=5)


def test_only_chooses_who_is_asked_and_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    some = load(tmp_path, FULL, "ndw", "voltix")
    assert [partner.name for partner in some.asked] == ["voltix", "ndw"]
    assert some.names == ("voltix", "gridlink", "ndw")
    everyone = load(tmp_path, FULL)
    assert everyone.asked == everyone.partners


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, FULL, "voltx", "zzz")
    file = tmp_path / "partners.yaml"
    assert str(caught.value).splitlines() == [
        f"{file}: there is no partner 'voltx'; did you mean voltix?",
        f"{file}: there is no partner 'zzz'; it has voltix, gridlink, ndw",
    ]


def test_an_alias_repeats_what_it_names(tmp_path: Path) -> None:
    text = FULL.replace("contract:\n", "contract: &usual\n", 1).replace(
        "token_env: GRIDLINK_TOKEN", "token_env: GRIDLINK_TOKEN\n    contract: *usual"
    )
    partners = load(tmp_path, text)
    assert ocpi(partners, "gridlink").contract == ocpi(partners, "voltix").contract


def test_an_amount_never_passes_through_a_float(tmp_path: Path) -> None:
    text = FULL.replace("absolute: 0.02", "absolute: 0.100000")
    assert str(ocpi(load(tmp_path, text), "voltix").contract.tolerance.absolute) == "0.100000"


def test_norway_is_not_false(tmp_path: Path) -> None:
    text = FULL.replace("parties: [NL/VOL]", "parties: [NO/VOL]")
    assert ocpi(load(tmp_path, text), "voltix").parties == (Party("NO", "VOL"),)


def test_a_ca_file_beside_the_partners_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("", encoding="utf-8")
    text = FULL.replace("window_days: 30", "ca_file: ca.pem")
    assert ocpi(load(tmp_path, text), "voltix").ca_file == tmp_path / "ca.pem"


def test_one_party_owns_what_names_no_owner_and_two_do_not(tmp_path: Path) -> None:
    assert sole_owner(load(tmp_path, FULL)["voltix"]) == ("NL", "VOL")
    text = FULL.replace("parties: [NL/VOL]", "parties: [NL/VOL, NL/VOX]")
    assert sole_owner(load(tmp_path, text)["voltix"]) is None
    assert sole_owner(load(tmp_path, FULL)["ndw"]) is None
