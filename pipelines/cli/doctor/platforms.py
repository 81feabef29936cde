"""A partner's OCPI platform, examined as a run would meet it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from pipelines.cli.doctor.results import Check
from pipelines.config import ConfigError, OcpiPartner
from pipelines.ingest.connecting import connection_of
from pipelines.ocpi import RetryPolicy
from pipelines.ocpi.probe import Finding, probe

_IMPATIENT = RetryPolicy(attempts=2, total_wait_s=5)


async def check_platform(partner: OcpiPartner, environ: Mapping[str, str]) -> list[Check]:
    """Visit a partner: reachable, token accepted, version, modules, parties, clock."""
    checks = list(_check_scheme(partner))
    try:
        connection = connection_of(partner, environ)
    except ConfigError as error:
        return [*checks, Check(partner.name, "token", "unusable", error.problems[0].message)]
    expected = [(party.country_code, party.party_id) for party in partner.parties]
    findings = await probe(replace(connection, retry=_IMPATIENT), expected=expected)
    return [*checks, *_checks(partner.name, findings)]


def _check_scheme(partner: OcpiPartner) -> Iterator[Check]:
    parts = urlsplit(partner.versions_url)
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        message = "the token would travel in clear; ask the partner for an https address"
        yield Check(partner.name, "encryption", "warn", message)


def _checks(name: str, findings: tuple[Finding, ...]) -> Iterator[Check]:
    """Yield the findings as checks; what a failure kept from being looked at is not a check."""
    for finding in findings:
        if finding.state != "skipped":
            message = finding.message.removeprefix(f"{name}: ")
            yield Check(name, finding.check, finding.state, message)
