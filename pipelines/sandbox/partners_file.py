"""Writes the partners file that fits a sandbox."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from pipelines.sandbox.cast import EMSP, PARTNERS
from pipelines.sandbox.process import PartnerInfo, Sandbox


def partners_yaml(handle: Sandbox) -> str:
    """The partners file text for a running sandbox; tokens by the names of their variables."""
    return yaml_of(handle.partners)


def yaml_of(partners: Iterable[PartnerInfo]) -> str:
    """The partners file text for these partners."""
    written = [_entry(partner) for partner in partners]
    head = "# The sandbox partners: generated, all names are fictional.\n"
    return head + yaml.safe_dump({"partners": written}, sort_keys=False, allow_unicode=True)


def _entry(info: PartnerInfo) -> dict[str, Any]:
    partner = next(one for one in PARTNERS if one.name == info.name)
    currencies = {party.country.currency for party in partner.parties}
    zones = {party.country.time_zone for party in partner.parties}
    contract: dict[str, Any] = {
        "billing": "direct",
        "reverse_charge": partner.hub_party is not None,
        "tariff_source": "published",
        "month_basis": "session_end",
        "time_zone": zones.pop() if len(zones) == 1 else "UTC",
        "tolerance": {"absolute": "0.02", "relative": "0.005"},
    }
    if len(currencies) == 1:
        contract["currency"] = currencies.pop()
    limits = {"window_days": info.window_days} if info.window_days else {}
    return {
        "name": info.name,
        "kind": info.kind,
        "versions_url": info.versions_url,
        "token_env": info.token_env,
        "party": "/".join(EMSP),
        "parties": ["/".join(code) for code in info.parties],
        **limits,
        "contract": contract,
    }
