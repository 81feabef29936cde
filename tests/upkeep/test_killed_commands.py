"""Commands killed while they write: nothing is lost or there twice, the same command heals.

`make faults` kills every command that writes, at 50 seeded points. After a kill readers see the
tables of before or of after, files that were asked for are whole or not there, and giving the
command again leads to what it leads to undisturbed.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from children import Ended, give
from people import somebody

from pipelines.config.home import Home
from pipelines.decisions.store import DecisionsStore
from pipelines.landing.landing import Landing
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options
from pipelines.upkeep.backup import verify
from pipelines.warehouse.snapshot import open_current
from tests.shrunken_list import shrunken_list

LOG = logging.getLogger(__name__)
POINTS = int(os.environ.get("KILL_POINTS", "0"))  # of all commands together; 0: one of each
SEED = int(os.environ.get("KILL_SEED", "12"))
WORLD_NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
_MONTH = "--partner lumen --month 2026-09"
_TYPED = "--number I-1 --issued 2026-10-02 --currency GBP --net 40.58 --gross 40.58"
CLAIMS = (
    "core.tariffs",
    "core.sessions",
    "core.cdrs",
    "rating.cdrs",
    "recon.cdrs",
    "recon.findings",
    "settle.statements",
    "settle.statement_lines",
)


@dataclass(frozen=True)
class Case:
    """A command, and the home that it is given in."""

    home: str  # as `Bases` knows it
    words: str  # the command; {out} is a folder beside the home
    then: str = ""  # what its user gives next, where it is refused the second time as done
    # the tables whole; their counts where people get other names each time; what was claimed and
    # found where the rest says for how long it was observed
    compares: str = "tables"
    settings: str = ""  # its settings.yaml


CASES = {
    "settle after an upgrade": Case("earlier", "settle"),
    "restore": Case("backed up", "restore {out}/backup"),
    "close": Case("disputed", "close --month 2026-09 --yes"),
    "dispute open": Case("disputed", f"dispute open {_MONTH}"),
    "backup": Case("disputed", "backup {out}/kept"),
    "settle": Case("to settle", "settle"),
    "replay": Case("disputed", "replay"),
    "run": Case("to run", "run --only lumen", compares="claims"),
    "invoice import": Case("disputed", f"invoice import {_MONTH} {_TYPED}", then="settle"),
    "publish": Case("disputed", "publish --to {out}/lake"),
    "privacy erase": Case(
        "disputed", "privacy erase --person {person} --reason asked --yes", compares="counts"
    ),
    "reopen": Case("locked", f"reopen {_MONTH} --reason late"),
    "statement": Case("disputed", f"statement {_MONTH} -o {{out}}/s.xlsx"),
    "dispute export": Case("disputed", "dispute export --partner lumen -o {out}/d.json"),
    "invoice withdraw": Case("invoiced", "invoice withdraw I-1 --reason twice", then="settle"),
    "accept removals": Case(
        "withheld", "accept-removals --partner voltix --party NL/VOL --as Ada --reason sold"
    ),
    "prune": Case("to prune", "prune"),
    "init": Case("none", "init"),
    "deliver": Case("locked", "deliver", settings="deliveries: [{{to: {out}/papers}}]"),
}


def unpack(archive: Path, folder: Path) -> None:
    with (
        archive.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as stream,
        tarfile.open(fileobj=stream, mode="r|") as members,
    ):
        members.extractall(folder, filter="data")


class Bases:
    """Homes to begin with, each made once; `home` and `out` lie side by side."""

    def __init__(self, folder: Path, run_home: Path) -> None:
        self.folder, self.run_home = folder, run_home
        self._sandbox: sandbox.Sandbox | None = None

    def environ(self, name: str) -> dict[str, str]:
        """The variables that a home needs; one key, so that people are called the same in each."""
        if name != "to run" or self._sandbox is None:
            return {}
        return {**self._sandbox.environ, "ROAMHOUSE_PSEUDONYM_KEY": "k" * 32}

    def stop(self) -> None:
        if self._sandbox is not None:
            self._sandbox.stop()

    def __call__(self, name: str) -> Path:
        folder = self.folder / name.replace(" ", "-")
        if not folder.exists():
            (folder / "out").mkdir(parents=True)
            getattr(self, f"_{name.replace(' ', '_')}")(folder)
        return folder

    def _none(self, folder: Path) -> None:
        pass

    def _earlier(self, folder: Path) -> None:
        newest = max((Path(__file__).parents[1] / "homes").glob("*.tar.zst"))
        unpack(newest, folder / "home")

    def _to_settle(self, folder: Path) -> None:
        """Every CDR is contested once this is settled: it is in another currency."""
        shutil.copytree(self.run_home, folder / "home")
        file = folder / "home" / "partners.yaml"
        file.write_text(file.read_text().replace("currency: GBP", "currency: EUR"))

    def _disputed(self, folder: Path) -> None:
        shutil.copytree(self("to settle") / "home", folder / "home")
        assert give(folder / "home", "settle").code == 0

    def _locked(self, folder: Path) -> None:
        shutil.copytree(self("disputed") / "home", folder / "home")
        for words in ("close --month 2026-09 --yes", "settle"):
            assert give(folder / "home", *words.split()).code == 0

    def _invoiced(self, folder: Path) -> None:
        shutil.copytree(self("disputed") / "home", folder / "home")
        words = f"invoice import {_MONTH} {_TYPED}".split()
        assert give(folder / "home", *words).code == 0

    def _withheld(self, folder: Path) -> None:
        shrunken_list(Home(folder / "home"))

    def _to_prune(self, folder: Path) -> None:
        """Every landed page that may go is older than a day, but for the newest full pulls."""
        shrunken_list(Home(folder / "home"))
        (folder / "home" / "settings.yaml").write_text("retention: {landing: 1d}")

    def _backed_up(self, folder: Path) -> None:
        ended = give(self("disputed") / "home", "backup", folder / "out" / "backup")
        assert ended.code == 0

    def _to_run(self, folder: Path) -> None:
        options = Options(now=WORLD_NOW, cdrs=100, scenario="clean")
        self._sandbox = sandbox.start(options)
        home = Home(folder / "home")
        home.create()
        home.partners.write_text(sandbox.partners_yaml(self._sandbox.partners))


@pytest.fixture(scope="module")
def bases(run_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Bases(tmp_path_factory.mktemp("bases"), run_home)
    yield made
    made.stop()


#: The columns that say what is so; the others say when it was found out, and by which pull, and the
#: digests of what a settlement rested on have such moments in them.
_LASTING = """
select schema_name || '.' || table_name, string_agg('"' || column_name || '"', ', ')
from duckdb_columns()
where list_contains(['core', 'rating', 'recon', 'settle', 'mart'], schema_name) and not internal
    and data_type not like 'TIMESTAMP%' and not regexp_matches(column_name, '(pull|page|run)_id')
    and not (schema_name = 'settle' and table_name = 'inputs' and column_name = 'value')
group by all
"""


def published(home: Home) -> dict[str, list[tuple[Any, ...]]] | None:
    """What readers see; None: nothing was published."""
    con = open_current(home.serving)
    if con is None:
        return None
    with con:
        columns = dict(con.execute(_LASTING).fetchall())
        return {
            table: con.execute(f"select {some} from {table} order by all").fetchall()  # noqa: S608
            for table, some in columns.items()
        }


def decisions(home: Home) -> list[tuple[Any, ...]]:
    """What people decided, in a chain that holds."""
    if not home.decisions.exists():
        return []
    with DecisionsStore(home.decisions, clock=lambda: WORLD_NOW) as store:
        assert store.walk_chain().broken_at is None
        return [(one.kind, one.stream, one.name, one.who) for one in store.events()]


def landed(home: Home) -> set[tuple[str, str]]:
    """The pages of complete pulls, each with a body that is what its hash says."""
    landing = Landing(home.landing)
    found = set()
    for pull, pages in landing.pulls():
        for page in pages if pull.status == "complete" else ():
            landing.objects.read(page.sha256, max_bytes=1 << 30)
            found.add((pull.module, page.sha256))
    return found


def written(out: Path) -> dict[str, int]:
    """The files that a command was asked for, with their sizes; a backup's is of what it holds."""
    files = (path for path in out.rglob("*") if path.is_file())
    return {
        path.relative_to(out).as_posix(): (
            verify(path).bytes if path.name == "kept" else path.stat().st_size
        )
        for path in files
    }


@dataclass
class Ground:
    """A folder of its own that a command works in."""

    folder: Path

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def give(self, case: Case, bases: Bases, **how: Any) -> Ended:
        base = Home(bases(case.home) / "home")
        person = somebody(base) if "{person}" in case.words else ""
        if case.settings:
            (self.home.path / "settings.yaml").write_text(case.settings.format(out=self.out))
        words = case.words.format(out=self.out, person=person).split()
        return give(self.home.path, *words, environ=bases.environ(case.home), **how)

    def state(self, case: Case) -> tuple[Any, ...]:
        tables: Any = published(self.home)
        pages: Any = landed(self.home)
        if case.compares == "counts" and tables is not None:
            tables = {table: len(rows) for table, rows in tables.items()}
            pages = set(enumerate(sorted(module for module, _ in pages)))
        elif case.compares == "claims" and tables is not None:
            tables = {table: tables[table] for table in CLAIMS}
            pages = set()
        return tables, decisions(self.home), pages, written(self.out)


@pytest.fixture(scope="module")
def undisturbed(bases: Bases, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a case comes to, and how many points it has; each found out once."""
    known: dict[str, tuple[tuple[Any, ...], int]] = {}

    def find(name: str) -> tuple[tuple[Any, ...], int]:
        if name not in known:
            ground = Ground(tmp_path_factory.mktemp("undisturbed") / "ground")
            shutil.copytree(bases(CASES[name].home), ground.folder)
            ended = ground.give(CASES[name], bases)
            assert ended.code == 0, ended.output
            known[name] = ground.state(CASES[name]), ended.points
        return known[name]

    return find


def kills() -> list[tuple[str, int]]:
    names = list(CASES)
    return [(names[number % len(names)], number) for number in range(POINTS or len(names))]


@pytest.mark.withstands(
    "a command that writes is killed at any moment, an upgrade too",
    "readers see before or after, nothing is lost or there twice, the same command completes it",
)
@pytest.mark.parametrize(("name", "number"), kills())
def test_killed_command_leaves_before_or_after_and_heals_when_it_is_given_again(
    bases: Bases,
    undisturbed: Callable[[str], tuple[tuple[Any, ...], int]],
    tmp_path: Path,
    name: str,
    number: int,
) -> None:
    case, (after, points) = CASES[name], undisturbed(name)
    ground = Ground(tmp_path / "ground")
    shutil.copytree(bases(case.home), ground.folder)
    before = ground.state(case)
    dice = random.Random(f"{SEED} {name} {number}")
    point, delay_s = dice.randint(1, points), dice.choice([0, dice.uniform(0, 0.02)])
    killed = ground.give(case, bases, point=point, delay_s=delay_s if POINTS else 0)
    assert killed.code in (-9, 0), killed.output

    tables, decided, pages, files = ground.state(case)
    assert tables in (before[0], after[0])
    assert decided in (before[1], after[1])
    assert before[2] - pages <= before[2] - after[2]
    assert all(files[name] == after[3].get(name) for name in set(files) - unfinished(files))

    again = ground.give(case, bases)
    LOG.info("point %d of %d, %d, again %d: %s", point, points, killed.code, *said(again))
    assert "Traceback" not in again.output
    if case.then and again.code:
        assert ground.give(Case(case.home, case.then), bases).code == 0
    else:
        assert again.code in (0, 1, 2), again.output
    assert ground.state(case) == after, again.output


def said(again: Ended) -> tuple[int, str]:
    """How the second time ended, and its last words."""
    return again.code, " ".join(again.output.split())[-200:]


def unfinished(files: dict[str, int]) -> set[str]:
    return {name for name in files if name.endswith((".unfinished", ".new"))}
