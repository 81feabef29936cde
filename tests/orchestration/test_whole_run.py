"""A whole run over real partners: landed, loaded, repeated, replayed, survived."""

import dataclasses
import itertools
import shutil
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest
from contents import contents

from pipelines.cli.rich_terminal import Terminal
from pipelines.cli.run_output import print_summary
from pipelines.config.errors import ConfigError
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.landing.landing import Landing
from pipelines.ocpi.window import Window
from pipelines.orchestration.replay import replay_landing
from pipelines.orchestration.run import Request, run_pipeline
from pipelines.orchestration.summary import summarise
from pipelines.warehouse.snapshot import current
from tests.orchestration.conftest import runtime_of


def rows(runtime, query):
    with duckdb.connect(str(runtime.home.warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def tables(runtime):
    with duckdb.connect(str(runtime.home.warehouse), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return contents(con)


def clock_of_calls():
    """Make a clock that runs with the calls, not with the machine.

    Ages grow over their bounds as time passes: what two runs show may only differ by what they did,
    however long a machine under load takes between them.
    """
    began, calls = datetime.now(UTC), itertools.count()
    return lambda: began + timedelta(microseconds=100 * next(calls))


def with_contracts(text):
    """Terms that differ from the default ones in every verdict: nothing is tolerated."""
    return text.replace("absolute: '0.02'", "absolute: '0'").replace(
        "relative: '0.005'", "relative: '0'"
    )


@pytest.fixture(scope="module")
def ran(partners_at_play, tmp_path_factory):
    """A home of all partners after one run, and how that ended; only read it."""
    # A contract of their own shows by which terms CDRs were judged.
    runtime = runtime_of(partners_at_play, tmp_path_factory.mktemp("ran") / "home", with_contracts)
    runtime.now = clock_of_calls()
    return runtime, run_pipeline(runtime, Request("run"))


@pytest.fixture(scope="module")
def ran_alone(partners_at_play, tmp_path_factory):
    """A home of one partner after one run, with exchange rates of its own; only read it."""
    folder = tmp_path_factory.mktemp("alone") / "home"
    runtime = runtime_of(partners_at_play, folder, only=("lumen",))
    days = (date(2026, 7, 1) + timedelta(days=day) for day in range(123))
    (folder / "rates.csv").write_text(
        "Date,USD,GBP\n" + "".join(f"{day},1.0625,0.85\n" for day in days)
    )
    (folder / "company.yaml").write_text(
        "reporting_currency: USD\nexchange_rates: {ecb_history: rates.csv}\n"
    )
    return runtime, run_pipeline(runtime, Request("run"))


def copied(runtime, folder, only=()):
    """Return the runtime of a copy of a home, for some of its partners."""
    home = Home(shutil.copytree(runtime.home.path, folder / "home"))
    partners = load_partners(home.partners, only=only)
    return dataclasses.replace(runtime, home=home, partners=partners)


def test_a_run_lands_loads_and_publishes_and_a_second_changes_nothing(ran, tmp_path):
    first_runtime, first = ran
    assert not first.failed, first
    assert set(first.states) == {"voltix", "lumen", "borealis", "gridlink"}
    runtime = copied(first_runtime, tmp_path)
    promised = rows(runtime, "select sum(total_count) from ops.pulls where module = 'cdrs'")
    held = rows(
        runtime,
        "select (select count(*) from core.cdrs) + (select count(*) from core.cdr_conflicts)",
    )
    assert held == promised
    assert rows(runtime, "select count(*) from core.locations")[0][0] > 100
    assert current(runtime.home.serving) is not None

    before = tables(runtime)
    second = run_pipeline(runtime, Request("run"))
    assert not second.failed, second
    after = tables(runtime)
    # Statuses are observed for longer; nothing else is other than it was.
    assert {name for name in after if after[name] != before[name]} == {"core.evse_status"}

    before = after
    replayed = replay_landing(
        runtime.home, None, since=None, now=lambda: datetime(2026, 11, 1, tzinfo=UTC)
    )
    assert replayed.failures == ()
    assert tables(runtime) == before

    since = first.run.started_at + timedelta(milliseconds=1)
    replay_landing(runtime.home, None, since=since, now=runtime.now)
    assert tables(runtime) == before


@pytest.mark.withstands(
    "the warehouse is lost", "`roamhouse replay` makes the same tables from the landing"
)
def test_a_lost_warehouse_is_rebuilt_from_the_landing_alone(ran_alone, tmp_path):
    first_runtime, ended = ran_alone
    runtime = copied(first_runtime, tmp_path, only=("lumen",))
    # The run takes the bank's history into the landing, and settles by it.
    assert ended.warnings == ()
    quotes = (
        "select distinct fx_reporting_quote from settle.statement_lines where fx_date is not null"
    )
    assert rows(runtime, quotes) == [(Decimal("1.0625"),)]
    (runtime.home.path / "rates.csv").unlink()
    before = tables(runtime)
    pages = rows(runtime, "select * from ops.pages order by page_id")
    runtime.home.warehouse.write_bytes(b"this was a warehouse once")
    replay_landing(runtime.home, None, since=None, now=runtime.now)
    assert tables(runtime) == before
    assert rows(runtime, "select * from ops.pages order by page_id") == pages


@pytest.mark.withstands(
    "a partner cannot be reached", "it is failed and said; the others are whole"
)
def test_one_partner_that_cannot_be_reached_leaves_the_others_whole(make_runtime):
    def break_voltix(text):
        return text.replace("/voltix/ocpi/versions", "/nobody/ocpi/versions")

    runtime = make_runtime(break_voltix, only=("voltix", "lumen"))
    ended = run_pipeline(runtime, Request("run"))
    assert ended.failed
    assert ended.states == {"voltix": "failed", "lumen": "ok"}
    health = dict(rows(runtime, "select partner, message from ops.partner_health"))
    assert "404" in health["voltix"]
    assert health["lumen"] is None
    assert rows(runtime, "select count(*) > 0 from core.cdrs where partner = 'lumen'") == [(True,)]
    assert rows(runtime, "select count(*) from ops.watermarks where partner = 'voltix'") == [(0,)]


def test_no_token_is_written_anywhere(ran):
    runtime, _ = ran
    tokens = [value.encode() for value in runtime.environ.values()]
    files = [path.read_bytes() for path in runtime.home.path.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert len(tokens) == 4
    assert not any(token in content for token in tokens for content in files)


def test_people_are_in_no_table(ran):
    runtime, _ = ran
    uids = rows(runtime, "select token_uid from core.cdrs union select uid from core.tokens")
    assert len(uids) > 50
    assert all(len(uid) == 32 and set(uid) <= set("0123456789abcdef") for (uid,) in uids)
    joined = rows(
        runtime,
        "select count(*) > 50 from core.cdrs join core.tokens on token_uid = uid",
    )
    assert joined == [(True,)]


def test_a_window_is_pulled_again_and_moves_no_watermark(ran, tmp_path):
    runtime = copied(ran[0], tmp_path, only=("voltix",))
    marks = rows(runtime, "select * from ops.watermarks order by all")
    before = tables(runtime)
    window = Window(datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 8, tzinfo=UTC))
    ended = run_pipeline(runtime, Request("run", window=window))
    assert not ended.failed, ended
    again = rows(
        runtime,
        "select module, mode, objects > 0, date_from_at, date_to_at from ops.pulls"  # noqa: S608
        f" where run_id = '{ended.run.run_id}' order by module",
    )
    assert again == [
        ("cdrs", "window", True, window.date_from, window.date_to),
        ("sessions", "window", True, window.date_from, window.date_to),
    ]
    assert rows(runtime, "select * from ops.watermarks order by all") == marks
    assert tables(runtime) == before


def test_the_summary_counts_what_is_there_in_json_and_in_words(ran, capsys):
    runtime, ended = ran
    with duckdb.connect(str(runtime.home.warehouse), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        summarised = summarise(con, ended, runtime.now())
    summary = summarised.to_json()
    assert summary["status"] == "complete"
    [partner] = [one for one in summary["partners"] if one["name"] == "borealis"]
    assert partner["ocpi_version"] == "2.3.0"
    assert partner["objects"] == sum(one["objects"] for one in partner["lists"])
    [(count,)] = rows(runtime, "select count(*) from core.cdrs")
    assert summary["tables"]["core.cdrs"] == count
    print_summary(Terminal(width=140), summarised)
    [(lines,)] = rows(runtime, "select count(*) from rating.lines")
    assert f"{count:,} CDRs with {lines:,} price lines" in capsys.readouterr().out


@pytest.mark.withstands(
    "a run is killed", "nothing is lost, nothing comes twice, and the next run completes it"
)
def test_a_killed_run_loses_nothing_and_the_next_one_completes(make_runtime):
    runtime = make_runtime(only=("voltix",))
    script = "\n".join(
        [
            "import os, signal, sys",
            "from pipelines.landing import manifests",
            "keep = manifests.Manifest.page",
            "def page_then_die(self, page):",
            "    keep(self, page)",
            "    if page.module == 'cdrs':",
            "        os.kill(os.getpid(), signal.SIGKILL)",
            "manifests.Manifest.page = page_then_die",
            "from pipelines.cli.main import cli",
            "cli(sys.argv[1:])",
        ]
    )
    home = str(runtime.home.path)
    done = subprocess.run(
        [sys.executable, "-c", script, "run", "--home", home, "--only", "voltix"],
        env={"PATH": "/usr/bin:/bin", **runtime.environ},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    [(killed, pages)] = list(Landing(runtime.home.landing).pulls("voltix", "cdrs"))
    assert killed.status == "failed"
    assert pages

    ended = run_pipeline(runtime, Request("run"))
    assert not ended.failed, ended
    statuses = rows(runtime, "select status from ops.pulls where module = 'cdrs' order by pull_id")
    assert statuses == [("failed",), ("complete",)]
    assert rows(runtime, "select status from ops.runs order by run_id") == [
        ("failed",),
        ("complete",),
    ]


def test_a_run_for_one_partner_leaves_verdicts_and_statements_of_the_others(ran, tmp_path):
    runtime = copied(ran[0], tmp_path, only=("lumen",))
    before = tables(runtime)
    for window in (None, Window(datetime(2026, 10, 1, tzinfo=UTC), None)):
        ended = run_pipeline(runtime, Request("run", window=window))
        assert not ended.failed
        assert set(ended.states) == {"lumen"}
        asked = f"select distinct partner from ops.pulls where run_id = '{ended.run.run_id}'"  # noqa: S608
        assert rows(runtime, asked) == [("lumen",)]
        after = tables(runtime)
        assert {name: after[name] for name in before if name.startswith(("recon.", "settle."))} == {
            name: before[name] for name in before if name.startswith(("recon.", "settle."))
        }


@pytest.mark.withstands(
    "our clock is set back by weeks", "it is said, every list is pulled whole, nothing is lost"
)
@pytest.mark.withstands(
    "our clock was a year ahead", "no watermark moves ahead; one that did is said and put back"
)
def test_a_clock_a_year_ahead_moves_no_watermark_and_one_that_is_there_is_put_back(make_runtime):
    runtime = make_runtime(only=("lumen",))
    year, now = timedelta(days=365), runtime.now
    runtime.now = lambda: now() + year
    run_pipeline(runtime, Request("run"))
    runtime.now = now
    furthest = "select max(complete_until_at) from ops.watermarks"
    assert rows(runtime, furthest)[0][0] <= now()

    with runtime.holding() as warehouse, warehouse.writer() as con:
        con.execute("update ops.watermarks set complete_until_at = $ahead", {"ahead": now() + year})
    second = run_pipeline(runtime, Request("run"))
    assert not second.failed, second
    assert any("lumen cdrs: the watermark" in note for note in second.warnings)
    assert rows(runtime, furthest)[0][0] <= now()
    modes = f"select distinct mode from ops.pulls where run_id = '{second.run.run_id}'"  # noqa: S608
    assert rows(runtime, modes) == [("full",)]

    before, back = tables(runtime), now() - timedelta(days=40)
    runtime.now = lambda: back
    third = run_pipeline(runtime, Request("run"))
    assert not third.failed, third
    assert any("lumen cdrs: the watermark" in note for note in third.warnings)
    assert rows(runtime, furthest) == [(back,)]
    assert tables(runtime)["core.cdrs"] == before["core.cdrs"]


@pytest.mark.withstands("our clock lost its battery", "nothing is done, and that is said")
def test_a_clock_that_cannot_be_right_is_refused(make_runtime):
    runtime = make_runtime(only=("lumen",))
    runtime.now = lambda: datetime(2016, 1, 1, tzinfo=UTC)
    with pytest.raises(ConfigError, match="it is 2016-01-01 by this machine: set its clock"):
        run_pipeline(runtime, Request("run"))
    assert not runtime.home.warehouse.exists()


@pytest.mark.withstands(
    "a power cut tears a landed body",
    "its pull is set aside, said, and fetched again; the rest goes on",
)
def test_a_body_torn_by_a_power_cut_is_said_and_its_list_fetched_again(ran_alone, tmp_path):
    runtime = copied(ran_alone[0], tmp_path, only=("lumen",))
    before = rows(runtime, "select count(*) from core.cdrs")
    pages = "select sha256 from ops.pages where module = 'cdrs' and object_count > 0 limit 1"
    runtime.landing.objects.path(rows(runtime, pages)[0][0]).write_bytes(b"")
    result = replay_landing(runtime.home, None, since=None, now=runtime.now)
    assert ["lumen cdrs: the landing is damaged" in line for line in result.failures] == [True]
    again = run_pipeline(runtime, Request("run"))
    assert not again.failed, again
    assert rows(runtime, "select count(*) from core.cdrs") == before
