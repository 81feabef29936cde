"""Each page's logic, against the same snapshot asked in other words."""

from __future__ import annotations

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.format import money, number, percent, plain
from dashboards.navigation import MENU
from tests.dashboards.conftest import show

PAGES = [address for entries in MENU.values() for address, _, _ in entries]


def metrics(app: AppTest, label: str) -> list[str]:
    return [metric.value for metric in app.metric if metric.label == label]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_a_choice(app: AppTest, page: str) -> None:
    show(app, page)

    assert app.title
    assert not app.error


def test_overview_shows_the_money_of_the_newest_month(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    app.run()
    month = app.selectbox(key="month").value
    expected = snapshot.execute(
        "select currency, sum(claimed_excl_vat) from settle.statement_lines where month = ? "
        "and direction = 'payable' and section = 'roaming' group by 1 order by count(*) desc, 1",
        [month],
    ).fetchall()

    assert month == "2026-10"
    (first, amount), *others = expected
    assert metrics(app, "Claimed") == [money(amount, first)]
    app.session_state["other_currencies_open"] = True
    app.run()
    shown = next(frame.value for frame in app.dataframe if "agreed_share" in frame.value)
    assert list(shown["currency"]) == [currency for currency, _ in others]
    assert list(map(float, shown["claimed_excl_vat"])) == [float(amount) for _, amount in others]


def test_overview_begins_with_what_works(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    app.run()
    (connectors, working) = snapshot.execute(
        "select count(*), avg(cast(e.status in ('AVAILABLE', 'CHARGING', 'RESERVED') as integer)) "
        "from core.connectors as k join core.evses as e on k.partner = e.partner "
        "and k.location_id = e.location_id and k.evse_uid = e.uid and k.party_id = e.party_id "
        "and k.country_code = e.country_code where e.is_current_copy"
    ).fetchall()[0]

    assert metrics(app, "Connectors") == [number(connectors)]
    assert metrics(app, "Work now") == [percent(working)]


def test_overview_leads_on_from_the_partner(app: AppTest) -> None:
    show(app, "partners", partner="voltix")

    assert app.selectbox(key="partner").value == "voltix"
    assert len(metrics(app, "Score")) == 1


@pytest.mark.parametrize("page", ["overview", "partners"])
def test_what_a_run_said_of_each_partner_is_shown(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection, page: str
) -> None:
    show(app, page)
    said = snapshot.execute(
        "select partner, state, coalesce(message, '\N{EN DASH}') from ops.partner_health"
    ).fetchall()

    rows = next(table.value for table in app.dataframe if "message" in table.value)
    assert sorted(rows[["partner", "state", "message"]].itertuples(index=False)) == sorted(said)


def test_statements_are_all_there(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    show(app, "settlement")
    (count,) = snapshot.execute("select count(*) from settle.statements").fetchall()[0]

    assert len(app.dataframe[0].value) == count


def test_a_partner_filters_the_statements(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "settlement", partner="lumen")

    assert set(app.dataframe[0].value["partner"]) == {"lumen"}


@pytest.mark.parametrize(
    ("page", "counting"),
    [
        (
            "settlement",
            "select count(*) from settle.statements where partner in ('lumen', 'voltix')",
        ),
        (
            "disputes",
            "select count(*) from settle.disputes where partner in ('lumen', 'voltix') "
            "and (contested_excl_vat <> 0 or contested_vat <> 0 or state <> 'detected')",
        ),
    ],
)
def test_several_partners_filter_a_whole_list(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection, page: str, counting: str
) -> None:
    show(app, page, partner=["lumen", "voltix"])
    (count,) = snapshot.execute(counting).fetchall()[0]

    rows = next(table.value for table in app.dataframe if "partner" in table.value)
    assert set(rows["partner"]) == {"lumen", "voltix"}
    labels = [button.label.split(" :gray[")[0] for button in app.get("download_button")]
    assert f"Download {count:,} rows" in labels


def test_a_month_adds_up_to_its_lines(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    show(app, "statement", partner="voltix")
    month = app.selectbox(key="month").value
    rows = snapshot.execute(
        "select currency, sum(payable_excl_vat) from settle.statement_lines "
        "where partner = 'voltix' and month = ? group by direction, section, country_code, "
        "party_id, currency",
        [month],
    ).fetchall()

    assert sorted(metrics(app, "Payable")) == sorted(money(amount, cur) for cur, amount in rows)


def test_verdicts_filter_the_lines(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    show(app, "statement", partner="voltix")
    verdict, count = snapshot.execute(
        "select verdict, count(*) from settle.statement_lines where partner = 'voltix' "
        "and month = '2026-10' and verdict <> 'agreed' group by 1 order by 2 desc, 1 limit 1"
    ).fetchall()[0]
    app.multiselect(key="verdict").set_value([verdict]).run()

    assert list(app.dataframe[0].value["verdict"]) == [verdict] * count


def test_a_cdr_is_explained(app: AppTest, snapshot: duckdb.DuckDBPyConnection) -> None:
    row = snapshot.sql(
        "select * from recon.cdrs where verdict = 'overclaimed' order by id limit 1"
    ).pl()
    verdict = row.row(0, named=True)
    key = {name: verdict[name] for name in ("partner", "country_code", "party_id", "id")}

    show(app, "cdr", **key)

    currency = verdict["currency"]
    assert metrics(app, "Verdict") == ["Overclaimed"]
    assert metrics(app, "Claimed") == [money(verdict["claimed_excl_vat"], currency)]
    assert metrics(app, "Expected") == [money(verdict["expected_excl_vat"], currency)]
    findings = snapshot.execute(
        "select count(*) from recon.findings where subject = 'cdr' and partner = ? "
        "and country_code = ? and party_id = ? and subject_id = ?",
        list(key.values()),
    ).fetchall()[0][0]
    shown = [frame.value for frame in app.dataframe if "rule_id" in frame.value.columns]
    assert [len(frame) for frame in shown] == [findings]


def test_the_price_lines_of_a_cdr_have_units_and_begin_with_what_it_is_judged_by(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    names = ("partner", "country_code", "party_id", "id")
    *key, currency, expected = snapshot.execute(
        "select partner, country_code, party_id, id, currency, expected_excl_vat from recon.cdrs "
        "where verdict = 'overclaimed' and tariff_source = 'published' order by id limit 1"
    ).fetchall()[0]

    show(app, "cdr", **dict(zip(names, key, strict=True)))

    lines = next(frame.value for frame in app.dataframe if "unit_price" in frame.value)
    for measured, unit_price in zip(lines["measured"], lines["unit_price"], strict=True):
        assert unit_price == "\N{EN DASH}" or unit_price.startswith(f"{currency} ")
        assert measured == "\N{EN DASH}" or measured.endswith((" kWh", " h"))
    rounding = lines[lines["what"] == "Rounding of the total"]
    assert len(rounding)
    assert set(rounding["vat"]) == {"\N{EN DASH}"}, "no rate applies, none is unknown"
    assert sum(map(float, lines["unrounded_excl_vat"])) == pytest.approx(float(expected), abs=0.01)


def test_a_cdr_shows_the_object_it_came_as(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    names = ("partner", "country_code", "party_id", "id")
    row = snapshot.execute(
        "select partner, country_code, party_id, id, token_uid from core.cdrs "
        "where partner = 'voltix' order by id limit 1"
    ).fetchall()[0]
    show(app, "cdr", **dict(zip(names, row, strict=False)))

    next(button for button in app.button if "received" in button.label).click().run()

    (raw,) = [code.value for code in app.code if '"cdr_token"' in code.value]
    assert f'"id": "{row[3]}"' in raw
    assert '"uid": "(hidden)"' in raw


@pytest.mark.parametrize("by_session", [False, True])
def test_a_cdr_is_found_by_an_id_in_whatever_case(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection, by_session: bool
) -> None:
    *ids, _ = snapshot.execute(
        "select id, session_id, count(*) over (partition by lower(session_id)) from core.cdrs "
        "where partner = 'voltix' and session_id is not null order by 3, 1 limit 1"
    ).fetchall()[0]

    show(app, "cdr", find=ids[by_session].swapcase())

    assert ids[by_session].swapcase() not in ids
    assert f"### {plain(ids[0])}" in [text.value for text in app.markdown]


def test_an_unknown_cdr_says_so(app: AppTest) -> None:
    show(app, "cdr", partner="voltix", country_code="NL", party_id="VLX", id="no such thing")

    assert any("no such CDR" in box.value for box in app.info)


def test_refused_objects_are_listed_by_reason(
    app: AppTest, snapshot: duckdb.DuckDBPyConnection
) -> None:
    show(app, "quarantine")
    (refused,) = snapshot.execute("select count(*) from core.quarantine").fetchall()[0]
    reasons = [f.value for f in app.dataframe if "reason" in f.value.columns]

    assert sum(int(frame["object_count"].sum()) for frame in reasons) >= refused > 0


def test_what_is_folded_away_is_drawn_once_it_is_opened(app: AppTest) -> None:
    show(app, "partners")
    tables = len(app.dataframe)
    app.session_state["pulls_by_day"] = True
    app.run()
    assert len(app.dataframe) == tables + 1


def test_further_filters_are_drawn_where_they_are_used(app: AppTest) -> None:
    show(app, "availability_outages")
    assert "kw" not in {field.key for field in app.selectbox}

    show(app, "availability_outages", kw="50")

    assert app.selectbox(key="kw").value == "50"
    app.selectbox(key="kw").set_value(None).run()
    assert "kw" not in app.query_params


def test_the_browser_is_prepared_once(app: AppTest) -> None:
    del app.session_state["prepared"]
    app.run()
    assert "prepared" in {shown.label for shown in app.metric}
    app.run()
    assert "prepared" not in {shown.label for shown in app.metric}
