"""Broken partners files: one case for each fault, with the exact answer."""

from pathlib import Path

import pytest

from pipelines.config.errors import ConfigError
from pipelines.config.loading import load_partners

GOOD = """\
partners:
  - name: voltix
    kind: ocpi
    versions_url: https://voltix.example/ocpi/versions
    token_env: VOLTIX_TOKEN
"""
SECRET = "c1f7e0d2-not-for-any-log"

KEYS = {
    "window_days: 0": "window_days: expected a whole number from 1 to 366, found '0'",
    "page_limit: many": "page_limit: expected a whole number from 1 to 100000, found 'many'",
    "overlap: 15": "overlap: expected a duration such as 30s, 2m, 6h or 7d (at most 366d), "
    "found '15'",
    "overlap: 400d": "overlap: expected a duration such as 30s, 2m, 6h or 7d (at most 366d), "
    "found '400d'",
    "timeout: 0s": "timeout: expected a duration above zero such as 30s or 2m, found '0s'",
    "max_page: 64MB": "max_page: expected a size such as 512KiB, 64MiB or 4GiB "
    "(from 1KiB to 1024GiB), found '64MB'",
    "requests_per_second: 0": "requests_per_second: expected requests in a second, above 0 and "
    "at most 1000, such as 10 or 0.5, found '0'",
    "token_encoding: hex": "token_encoding: expected auto, base64 or raw, found 'hex'",
    "version: 2.3": "version: expected auto, 2.1.1, 2.2, 2.2.1 or 2.3.0, found '2.3'",
    "modules: locations": "modules: expected a list, found 'locations'",
    "modules: [cdr]": "modules[0]: expected locations, tariffs, sessions, cdrs, tokens, "
    "hubclientinfo or invoicereconciliation, found 'cdr'",
    "party: NLEMS": "party: expected a party as country code and party id, such as NL/EMS, "
    "found 'NLEMS'",
    "parties:": "parties: expected a list, found nothing",
    "parties: [[NL, VOL]]": "parties[0]: expected a party as country code and party id, such as "
    "NL/EMS, found a list",
    "origins: [https://a.example/path]": "origins[0]: expected an origin without a path, such as "
    "https://api.voltix.example, found 'https://a.example/path'",
    "origins: [a.example]": "origins[0]: expected an origin without a path, such as "
    "https://api.voltix.example, found 'a.example'",
    "proxy: socks5://a.example": "proxy: expected a URL such as "
    "https://voltix.example/ocpi/versions, found 'socks5://a.example'",
    "locations_url: x.json": "locations_url: only a partner of kind feed has this key",
    "colour: red": "colour: unknown key; expected one of ca_file, contract, every, full_every, "
    "kind, max_page, modules, name, origins, overlap, page_limit, page_timeout, parties, party, "
    "proxy, push_token_env, requests_per_second, retries, stale_after, timeout, token_encoding, "
    "token_env, version, versions_url, visit_timeout, window_days",
    "every: 7m": "every: expected 5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h or 1d, "
    "found '7m'",
    "retries: 99": "retries: expected a whole number from 0 to 20, found '99'",
    "tokn_encoding: raw": "tokn_encoding: unknown key; did you mean token_encoding?",
    "page-limit: 10": "page-limit: unknown key; did you mean page_limit?",
    f"token: {SECRET}": "token: a secret must not be in this file; put it into an environment "
    "variable and write the variable's name as token_env",
    f"api_key: {SECRET}": "api_key: a secret must not be in this file; put it into an environment "
    "variable and write the variable's name as token_env",
    "contract: usual": "contract: expected keys and values, found 'usual'",
    "contract: {biling: direct}": "contract.biling: unknown key; did you mean billing?",
    "contract: {billing: self}": "contract.billing: expected direct or reverse, found 'self'",
    "contract: {reverse_charge: perhaps}": "contract.reverse_charge: expected true or false, "
    "found 'perhaps'",
    "contract: {currency: euro}": "contract.currency: expected an ISO 4217 code such as EUR, "
    "found 'euro'",
    "contract: {tariff_source: own}": "contract.tariff_source: expected published, embedded or "
    "agreement, found 'own'",
    "contract: {month_basis: start}": "contract.month_basis: expected session_end or cdr_date, "
    "found 'start'",
    "contract: {time_zone: Amsterdam}": "contract.time_zone: expected an IANA time zone such as "
    "Europe/Amsterdam, found 'Amsterdam'",
    "contract: {time_zone: Europe}": "contract.time_zone: expected an IANA time zone such as "
    "Europe/Amsterdam, found 'Europe'",
    "contract: {time_zone: ../zone}": "contract.time_zone: expected an IANA time zone such as "
    "Europe/Amsterdam, found '../zone'",
    "contract: {rounding: {mode: nearest}}": "contract.rounding.mode: expected half_up, "
    "half_even, up or down, found 'nearest'",
    "contract: {rounding: {stage: end}}": "contract.rounding.stage: expected line, dimension or "
    "total, found 'end'",
    "contract: {tolerance: {absolute: -1}}": "contract.tolerance.absolute: expected an amount of "
    "zero or more with at most six decimals, such as 0.02, found '-1'",
    "contract: {tolerance: {absolute: .nan}}": "contract.tolerance.absolute: expected an amount "
    "of zero or more with at most six decimals, such as 0.02, found '.nan'",
    "contract: {tolerance: {relative: 5}}": "contract.tolerance.relative: expected a share "
    "between 0 and 1, such as 0.005 for half a percent, found '5'",
    "contract: {severity: {CDR_LAT: warn}}": "contract.severity.CDR_LAT: expected the id of a "
    "reconciliation rule (did you mean CDR_LATE?)",
    "contract: {thresholds: {CDR_LAT: {warn_h: 1}}}": "contract.thresholds: expected the id of a "
    "reconciliation rule (did you mean CDR_LATE?), found keys and values",
    "contract: {thresholds: {CDR_LATE: {warn: 1}}}": "contract.thresholds: expected names that "
    "exist (CDR_LATE has these thresholds: warn_h, dispute_h), found keys and values",
    "contract: {thresholds: {CDR_LATE: {warn_h: long}}}": "contract.thresholds: expected an amount "
    "of zero or more with at most six decimals, such as 0.02, found keys and values",
    "contract: {severity: {CDR_LATE: no}}": "contract.severity.CDR_LATE: expected fatal, "
    "dispute, warn or ignore, found 'no'",
}


def answer(tmp_path: Path, text: str | bytes) -> list[str]:
    path = tmp_path / "p.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_partners(path)
    assert SECRET not in str(caught.value)
    return [line.removeprefix(f"{tmp_path}/") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("line", KEYS)
def test_a_bad_key_or_value_is_answered_at_its_place(tmp_path: Path, line: str) -> None:
    assert answer(tmp_path, f"{GOOD}    {line}\n") == [f"p.yaml:6: partners[0].{KEYS[line]}"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "name: voltix",
            "name: Voltix",
            "p.yaml:2: partners[0].name: expected lower-case letters, digits and _, a letter "
            "first, at most 40, such as voltix, found 'Voltix'",
        ),
        (
            "kind: ocpi",
            "kind: ocip",
            "p.yaml:3: partners[0].kind: expected ocpi, hub or feed, found 'ocip'; "
            "did you mean ocpi?",
        ),
        (
            "    kind: ocpi\n",
            "",
            "p.yaml:2: partners[0].kind: is missing; expected ocpi, hub or feed",
        ),
        (
            "kind: ocpi",
            "kind: hub",
            "p.yaml:2: partners[0]: a hub needs party: who we are, such as NL/EMS",
        ),
        (
            "https://voltix.example/ocpi/versions",
            "voltix.example/ocpi",
            "p.yaml:4: partners[0].versions_url: expected a URL such as "
            "https://voltix.example/ocpi/versions, found 'voltix.example/ocpi'",
        ),
        (
            "https://voltix.example/ocpi/versions",
            f"https://us:{SECRET}@voltix.example/",
            "p.yaml:4: partners[0].versions_url: the URL holds credentials: remove everything "
            "between // and @",
        ),
        (
            "https://voltix.example/ocpi/versions",
            f"https://voltix.example/?access_token={SECRET}",
            "p.yaml:4: partners[0].versions_url: the URL holds a secret: remove the parameter "
            "access_token",
        ),
        (
            "    versions_url: https://voltix.example/ocpi/versions\n",
            "",
            "p.yaml:2: partners[0].versions_url: is missing; expected the partner's versions "
            "endpoint",
        ),
        (
            "VOLTIX_TOKEN",
            SECRET,
            "p.yaml:5: partners[0].token_env: expected the name of an environment variable in "
            "upper case, such as VOLTIX_TOKEN (what stands there is not repeated here in case "
            "it is the token itself)",
        ),
        ("partners:", "partnrs:", "p.yaml:1: partnrs: unknown key; did you mean partners?"),
    ],
)
def test_a_spoilt_partner_is_answered_at_its_place(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert expected in answer(tmp_path, GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "p.yaml:1: expected the keys defaults and partners, found nothing"),
        ("- a\n", "p.yaml:1: expected the keys defaults and partners, found a list"),
        (
            "defaults: {}\n",
            "p.yaml:1: partners: expected a list of at least one partner, found nothing",
        ),
        (
            "partners: []\n",
            "p.yaml:1: partners: expected a list of at least one partner, found an empty one",
        ),
        ("partners: [5]\n", "p.yaml:1: partners[0]: expected keys and values, found '5'"),
        (
            "partners: [{name: ndw, kind: feed}]\n",
            "p.yaml:1: partners[0]: a feed needs locations_url, tariffs_url or tokens_url",
        ),
        (
            "partners: [{name: ndw, kind: feed, tariffs_url: ftp://a.example/t.json}]\n",
            "p.yaml:1: partners[0].tariffs_url: expected a URL such as "
            "https://voltix.example/ocpi/versions, found 'ftp://a.example/t.json'",
        ),
        (
            "partners: [{name: ndw, kind: feed, tariffs_url: t.json, token_env: NDW}]\n",
            "p.yaml:1: partners[0].token_env: only a partner of kind ocpi or hub has this key",
        ),
        (
            "partners: [{name: ndw, kind: feed, tariffs_url: ''}]\n",
            "p.yaml:1: partners[0].tariffs_url: expected a URL or a file path, found ''",
        ),
        (
            "partners: [{name: ndw, kind: feed, tariffs_url: t.json, ca_file: no.pem}]\n",
            "p.yaml:1: partners[0].ca_file: expected a PEM file that exists, found 'no.pem'",
        ),
        (
            f"{GOOD}  - name: voltix\n    kind: feed\n    tariffs_url: t.json\n",
            "p.yaml:6: partners[1].name: voltix is the name of the partner on line 2, too",
        ),
        (
            f"{GOOD}    kind: hub\n",
            "p.yaml:6: partners[0].kind: the key is there twice, first on line 3; keep one",
        ),
        (
            f"{GOOD}    <<: {{party: NL/EMS}}\n",
            "p.yaml:6: partners[0]: merge keys (<<) are not supported; use `defaults`, or "
            "repeat the keys",
        ),
        (f"{GOOD}    [a, b]: c\n", "p.yaml:6: partners[0]: a key must be a plain word"),
        (
            f"{GOOD}    party: !!python/name:os.system NL/EMS\n",
            "p.yaml:6: partners[0].party: YAML tags are not supported",
        ),
        (
            "partners: [\n",
            "p.yaml:2: not valid YAML: expected the node content, but found '<stream end>'",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "p.yaml:2: not valid YAML: but found another document",
        ),
        ("a: \x00\n", "p.yaml: not valid YAML: it has control characters"),
        (b"partners:\n  - name: caf\xe9\n", "p.yaml:2: not UTF-8: byte 0xe9"),
    ],
)
def test_a_broken_file_is_answered(tmp_path: Path, text: str | bytes, expected: str) -> None:
    (answered,) = answer(tmp_path, text)
    assert answered == expected


def test_every_problem_is_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("ocpi\n", "ocip\n", 1).replace("VOLTIX_TOKEN", "token") + "    x: 1\n"
    lines = [int(line.split(":")[1]) for line in answer(tmp_path, text)]
    assert lines == [3, 5, 6]


def test_a_fault_in_the_defaults_is_said_once(tmp_path: Path) -> None:
    second = GOOD.removeprefix("partners:\n").replace("voltix", "lumen")
    text = f"defaults: {{overlap: long}}\n{GOOD}{second}"
    (only,) = answer(tmp_path, text)
    assert only.startswith("p.yaml:1: defaults.overlap: expected a duration")


def test_a_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file; copy data/partners\.example\.yaml"):
        load_partners(tmp_path / "none.yaml")


def test_a_directory_is_not_a_partners_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_partners(tmp_path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    (answered,) = answer(tmp_path, b"#" * (1 << 20) + b"\n")
    assert answered.endswith("larger than 1 MiB: not a partners file")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    assert answer(tmp_path, "[" * 5000) == ["p.yaml: nested deeper than 20 levels"]


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 10)]
    (answered,) = answer(tmp_path, "\n".join(["l0: &l0 x", *levels]))
    assert answered.endswith("aliases expand beyond reason")


def test_an_alias_that_holds_itself_is_refused(tmp_path: Path) -> None:
    (answered,) = answer(tmp_path, "partners: &p [*p]\n")
    assert answered.endswith("aliases expand beyond reason")
