"""`roamhouse price` and `roamhouse lint` as a person and as a script meet them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from command_support import CDR, TARIFF, run, write_file

from pipelines.cli.price import lint, price
from pipelines.stages.rating import files, pricing

SHAPES = {
    "one": json.dumps(CDR),
    "list": json.dumps([CDR, {**CDR, "id": "C2"}], indent=2),
    "envelope": json.dumps(
        {"data": [CDR], "status_code": 1000, "timestamp": "2026-10-05T10:00:00Z"}
    ),
    "ndjson": "\n".join([json.dumps(CDR), "", json.dumps({**CDR, "id": "C2"})]),
    "marked ndjson": "\ufeff" + "\n".join([json.dumps(CDR), json.dumps({**CDR, "id": "C2"})]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_any_usual_shape_is_read(tmp_path: Path, shape: str) -> None:
    result = run(price, write_file(tmp_path, "cdrs.json", SHAPES[shape]), "--json")
    found = json.loads(result.output)
    assert [cdr["id"] for cdr in found["cdrs"]] == (
        ["C1", "C2"] if shape == "list" or "ndjson" in shape else ["C1"]
    )
    assert {cdr["verdict"] for cdr in found["cdrs"]} == {"agreed"}
    assert result.exit_code == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_a_dash_is_standard_input(shape: str) -> None:
    result = CliRunner().invoke(price, ["-", "--json"], input=SHAPES[shape])
    assert {cdr["verdict"] for cdr in json.loads(result.output)["cdrs"]} == {"agreed"}
    linted = CliRunner().invoke(lint, ["-", "--json"], input=json.dumps([TARIFF, TARIFF]))
    assert [tariff["id"] for tariff in json.loads(linted.output)["tariffs"]] == ["T", "T"]


ODD_ID = 'C"\u00e9\\'


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shape", ["list", "envelope", "ndjson"])
def test_a_large_file_is_priced_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str, packed: bool
) -> None:
    dear = {**CDR, "id": ODD_ID, "total_cost": {"excl_vat": 3.5}}
    cdrs = [CDR, dear, {"id": "broken"}, {**CDR, "id": None}, {**dear, "tariffs": []}]
    text = {
        "list": json.dumps(cdrs),
        "envelope": json.dumps({"status_code": 1000, "data": cdrs, "timestamp": "now"}),
        "ndjson": "\n\n".join(map(json.dumps, cdrs)),
    }[shape].encode()
    file = tmp_path / "cdrs.json"
    file.write_bytes(gzip.compress(text) if packed else text)
    whole = run(price, file, "--json")
    for module, name, size in (
        (files, "_WHOLE", 1500),
        (files, "_PIECE", 64),
        (pricing, "_BATCH", 2),
    ):
        monkeypatch.setattr(module, name, size)

    assert run(price, file, "--json").output == whole.output
    found = json.loads(whole.output)
    assert whole.output.isascii()
    assert whole.output.splitlines() == [whole.output.rstrip("\n")]
    assert [cdr["id"] for cdr in found["cdrs"]] == ["C1", ODD_ID, "#3 (no id)", ODD_ID]
    assert [one["id"] for one in found["refused"]] == ["broken"]


def test_a_file_that_breaks_off_prints_no_half_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_WHOLE", 100)
    monkeypatch.setattr(pricing, "_BATCH", 1)
    file = tmp_path / "cdrs.json.gz"
    file.write_bytes(gzip.compress(json.dumps([CDR] * 9).encode())[:-40])
    result = run(price, file, "--json")

    assert result.exit_code == 2
    assert result.stdout == ""


def test_of_several_cdrs_those_that_differ_are_shown_and_a_summary(tmp_path: Path) -> None:
    dear = {**CDR, "id": "DEAR", "total_cost": {"excl_vat": 4}}
    file = write_file(tmp_path, "cdrs.json", [CDR, dear, CDR])
    some, every = run(price, file).output, run(price, file, "--all").output

    assert ("CDR DEAR" in some, "CDR C1" in some) == (True, False)
    assert every.count("CDR C1") == 2
    for output in (some, every):
        assert "3 CDRs: 2 agreed, 1 overclaimed" in output
        assert "claimed 10.00, expected 9.00, difference 1.00" in output


def test_a_cdr_alone_is_shown_though_it_agrees(tmp_path: Path) -> None:
    output = run(price, write_file(tmp_path, "cdr.json", CDR)).output
    assert "CDR C1" in output
    assert "10 kWh" in output
    assert "CDRs:" not in output


def test_neither_a_cdr_nor_a_tariff_needs_an_id(tmp_path: Path) -> None:
    tariff = {name: value for name, value in TARIFF.items() if name != "id"}
    period = {"start_date_time": CDR["start_date_time"],
              "dimensions": [{"type": "ENERGY", "volume": 10}]}  # fmt: skip
    cdr = {**CDR, "id": None, "tariffs": [tariff], "charging_periods": [period]}
    result = run(price, write_file(tmp_path, "cdrs.json", [cdr, CDR, cdr]), "--json")
    found = json.loads(result.output)["cdrs"]
    assert [one["id"] for one in found] == ["#0 (no id)", "C1", "#2 (no id)"]
    assert {one["expected_excl_vat"] for one in found} == {"3.00"}
    assert run(lint, write_file(tmp_path, "tariff.json", tariff)).exit_code == 0


def test_the_json_is_stable(tmp_path: Path) -> None:
    result = run(price, write_file(tmp_path, "cdr.json", CDR), "--json")
    (found,) = json.loads(result.output)["cdrs"]
    assert {name: found[name] for name in ("id", "currency", "verdict", "notes")} == {
        "id": "C1", "currency": "EUR", "verdict": "agreed", "notes": [],
    }  # fmt: skip
    assert (found["expected_excl_vat"], found["expected_incl_vat"]) == ("3.00", "3.63")
    assert found["claimed_excl_vat"] == "3.00"
    energy = found["lines"][1]
    assert (energy["dimension"], energy["quantity"], energy["unit_price"]) == (
        "ENERGY",
        "10.00",
        "0.25",
    )
    assert (energy["amount_excl_vat"], energy["tariff_id"], energy["element_index"]) == (
        "2.50",
        "T",
        0,
    )


def test_a_difference_ends_with_1_and_names_its_cause(tmp_path: Path) -> None:
    wrong = {**CDR, "total_cost": {"excl_vat": 3.63, "incl_vat": 4.39}}
    result = run(price, write_file(tmp_path, "cdr.json", wrong))
    assert result.exit_code == 1
    assert "overclaimed" in result.output
    assert "the amount after taxes" in result.output


def charged(*periods: dict[str, float], price: float, **tariff: Any) -> dict[str, Any]:
    """A CDR of half-hour periods with these volumes, by a tariff, that claims this price."""
    return {
        **CDR,
        "tariffs": [{**TARIFF, **tariff}],
        "charging_periods": [
            {"start_date_time": f"2026-10-05T08:{30 * place:02}:00Z", "tariff_id": "T",
             "dimensions": [{"type": kind, "volume": volume} for kind, volume in volumes.items()]}
            for place, volumes in enumerate(periods)
        ],
        "total_cost": {"excl_vat": price},
    }  # fmt: skip


def by(*components: dict[str, Any]) -> dict[str, Any]:
    return {"elements": [{"price_components": [{"vat": 21, **one} for one in components]}]}


HOURLY = {"type": "TIME", "price": 6, "step_size": 1}
TWENTY_MINUTES = {"type": "TIME", "price": 6, "step_size": 1200}
PER_KWH = {"type": "ENERGY", "price": 0.25, "step_size": 1}


@pytest.mark.parametrize(
    ("cause", "cdr"),
    [
        ("VAT_INCLUDED", charged({"ENERGY": 10}, price=3.63)),
        ("LIMIT_IGNORED", charged({"ENERGY": 10}, price=3, max_price={"excl_vat": 2})),
        ("WH_FOR_KWH", charged({"ENERGY": 10}, price=2500.50)),
        ("LINE_ROUNDING", charged({"ENERGY": 0.5}, {"ENERGY": 0.5}, price=0.26, **by(PER_KWH))),
        ("STEP_PER_PERIOD", charged({"TIME": 0.5}, {"TIME": 0.5}, price=8, **by(TWENTY_MINUTES))),
        ("WALL_CLOCK_TIME", charged({"TIME": 0.5}, {"PARKING_TIME": 0.5}, price=6, **by(HOURLY))),
        (None, charged({"ENERGY": 10}, price=7.77)),
        (None, charged({"ENERGY": 10}, price=3)),
        (None, {**charged({"ENERGY": 10}, price=9), "tariffs": []}),
    ],
)
def test_the_mistake_that_gives_the_claim_is_named(
    tmp_path: Path, cause: str | None, cdr: dict[str, Any]
) -> None:
    file = write_file(
        tmp_path, "cdrs.json", [charged({"ENERGY": 1}, price=0.75), cdr | {"id": "C2"}]
    )
    right, wrong = json.loads(run(price, file, "--json").output)["cdrs"]
    assert (right["verdict"], right["cause"]) == ("agreed", None)
    assert wrong["cause"] == cause


def test_a_mistake_is_found_with_a_tariff_of_its_own_file(tmp_path: Path) -> None:
    cdr = charged({"TIME": 0.5}, {"PARKING_TIME": 0.5}, price=6)
    tariff = write_file(tmp_path, "tariff.json", {**TARIFF, **by(HOURLY), "id": "OTHER"})
    output = run(price, write_file(tmp_path, "cdr.json", cdr), "--tariff", tariff).output
    assert "overclaimed: the claim prices the whole stay as charging time" in output


def test_another_tariff_can_be_tried(tmp_path: Path) -> None:
    dear = json.loads(json.dumps(TARIFF).replace("0.25", "0.35").replace('"id": "T"', '"id": "X"'))
    cdr, other = write_file(tmp_path, "cdr.json", CDR), write_file(tmp_path, "tariff.json", dear)
    result = run(price, cdr, "--tariff", other, "--json")
    (found,) = json.loads(result.output)["cdrs"]
    assert (found["expected_excl_vat"], found["verdict"]) == ("4.00", "underclaimed")
    assert result.exit_code == 1


def test_the_zone_can_be_given(tmp_path: Path) -> None:
    early = {**TARIFF, "elements": [
        {**TARIFF["elements"][0], "restrictions": {"start_time": "04:00", "end_time": "05:00"}},  # type: ignore[index]
    ]}  # fmt: skip
    path = write_file(tmp_path, "cdr.json", {**CDR, "tariffs": [early]})
    local = json.loads(run(price, path, "--timezone", "America/New_York", "--json").output)
    assert local["cdrs"][0]["expected_excl_vat"] == "3.00"
    assert json.loads(run(price, path, "--json").output)["cdrs"][0]["expected_excl_vat"] == "0.00"


def test_copies_of_a_cdr_in_one_file_are_priced_each(tmp_path: Path) -> None:
    copies = [CDR, charged({"ENERGY": 20}, price=5.5), CDR]
    found = json.loads(run(price, write_file(tmp_path, "cdrs.json", copies), "--json").output)[
        "cdrs"
    ]
    assert [cdr["expected_excl_vat"] for cdr in found] == ["3.00", "5.50", "3.00"]
    assert {cdr["id"] for cdr in found} == {"C1"}
    assert {cdr["verdict"] for cdr in found} == {"agreed"}


def test_an_unpriceable_cdr_says_why(tmp_path: Path) -> None:
    result = run(price, write_file(tmp_path, "cdr.json", {**CDR, "tariffs": []}))
    assert result.exit_code == 1
    assert "unpriceable: TARIFF_MISSING" in result.output


def test_an_object_that_is_no_cdr_is_named(tmp_path: Path) -> None:
    result = run(price, write_file(tmp_path, "cdr.json", [CDR, {"id": "broken"}]))
    assert result.exit_code == 1
    assert "broken is no usable CDR" in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html>no</html>", "bad.json"),
        ("[]", "no CDR in it"),
        ("", "bad.json"),
        ("null", "is null"),
        (json.dumps({"status_code": 3001, "status_message": "API is down"}), "3001: API is down"),
        (json.dumps({"status_code": 2000, "data": []}), "OCPI status 2000"),
    ],
)
def test_a_file_without_cdrs_ends_with_2(tmp_path: Path, text: str, said: str) -> None:
    result = run(price, write_file(tmp_path, "bad.json", text))
    assert result.exit_code == 2
    assert said in result.output


def test_a_missing_file_and_a_wrong_zone_end_with_2(tmp_path: Path) -> None:
    assert run(price, tmp_path / "none.json").exit_code == 2
    result = run(price, write_file(tmp_path, "cdr.json", CDR), "--timezone", "Amsterdam")
    assert result.exit_code == 2
    assert "Europe/Amsterdam" in result.output


HOSTILE = "C1\x1b]0;x\x07\u202e[red]:car:"


@pytest.mark.parametrize("command", [price, lint])
def test_a_partner_s_words_do_not_steer_the_terminal(tmp_path: Path, command: Any) -> None:
    tariff = {**TARIFF, "id": HOSTILE, "currency": "USD", HOSTILE: 1}
    held = tariff if command is lint else {**CDR, "id": HOSTILE, "tariffs": [tariff]}
    for objects in ([held], [held, {"id": HOSTILE}]):
        output = run(command, write_file(tmp_path, "hostile.json", objects)).output
        assert "[red]:car:" in output
        assert not {"\x1b", "\x07", "\u202e"} & set(output)


def test_a_torn_last_line_is_named(tmp_path: Path) -> None:
    torn = [json.dumps(CDR), json.dumps({**CDR, "id": "C2"})[:200]]
    result = run(price, write_file(tmp_path, "torn.json", "\n".join(torn)), "--json")
    found = json.loads(result.output)
    assert [cdr["id"] for cdr in found["cdrs"]] == ["C1"]
    assert "not JSON" in found["refused"][0]["reasons"][0]
    assert result.exit_code == 1


PARTNERS = """
partners:
  - name: voltix
    kind: ocpi
    versions_url: https://voltix.example/ocpi/versions
    token_env: VOLTIX_TOKEN
    contract: {tolerance: {absolute: "0.05", relative: "0"}}
  - name: open
    kind: feed
    locations_url: https://open.example/locations.json
"""


@pytest.mark.parametrize(
    ("claimed", "exact", "by_contract"),
    [(3.00, "agreed", "agreed"), (3.05, "overclaimed", "tolerated"),
     (2.95, "underclaimed", "tolerated"), (3.06, "overclaimed", "overclaimed")],
)  # fmt: skip
def test_a_contract_sets_the_tolerance(
    tmp_path: Path, claimed: float, exact: str, by_contract: str
) -> None:
    cdr = write_file(tmp_path, "cdr.json", {**CDR, "total_cost": {"excl_vat": claimed}})
    partners = write_file(tmp_path, "partners.yaml", PARTNERS)
    own = ("--partner", "voltix", "--partners", partners)

    for verdict, options in ((exact, ()), (by_contract, own)):
        result = run(price, cdr, "--json", *options)
        (found,) = json.loads(result.output)["cdrs"]
        assert found["verdict"] == verdict
        assert result.exit_code == (verdict not in ("agreed", "tolerated"))


@pytest.mark.parametrize("name", ["open", "nobody"])
def test_a_partner_without_a_contract_is_a_usage_error(tmp_path: Path, name: str) -> None:
    partners = write_file(tmp_path, "partners.yaml", PARTNERS)
    result = run(
        price, write_file(tmp_path, "cdr.json", CDR), "--partner", name, "--partners", partners
    )

    assert result.exit_code == 2


def test_wh_for_kwh_is_agreed_where_the_claim_is_right_for_kwh(tmp_path: Path) -> None:
    period = {**CDR["charging_periods"][0], "dimensions": [{"type": "ENERGY", "volume": 10000}]}
    cdr = {**CDR, "charging_periods": [period], "total_energy": 10000}
    result = run(price, write_file(tmp_path, "cdr.json", cdr), "--json")

    assert json.loads(result.output)["cdrs"][0]["verdict"] == "agreed"
