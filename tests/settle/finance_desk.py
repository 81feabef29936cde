"""A home with a month of one partner, and a person at its command line."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from click.testing import CliRunner, Result
from settle_builder import AS_OF, SettleBuilder, insert

from models.contract import Contract
from pipelines.cli.main import cli
from pipelines.config.home import Home
from pipelines.decisions.store import DecisionsStore
from pipelines.exports.company import Letterhead
from pipelines.invoices.store import kept_file
from pipelines.landing.files import Files
from pipelines.stages.settle.fx import load_rates
from pipelines.stages.settle.received import read_received

PARTNERS = """
partners:
  - name: voltix
    kind: ocpi
    versions_url: https://voltix.example/ocpi/versions
    token_env: VOLTIX_TOKEN
    party: NL/EMS
  - name: quiet
    kind: ocpi
    versions_url: https://quiet.example/ocpi/versions
    token_env: QUIET_TOKEN
"""


@cache
def _first_home() -> Path:
    """A home with a published month, of which each desk gets a copy."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    (folder / "partners.yaml").write_text(PARTNERS, encoding="utf-8")
    (folder / "serving").mkdir()
    desk = object.__new__(Desk)
    desk.home = folder
    world = SettleBuilder.open(str(desk.path))
    world.cdr("a", "10.00", rates={"21": "10"})
    rule = {"rule": "TIME_COST_MISMATCH", "cause": "WALL_CLOCK_TIME"}
    world.cdr("b", "12.00", verdict="overclaimed", disputed="2", **rule)
    world.con.close()
    desk.publish()
    return folder


class Desk:
    """A home with a published snapshot, and a person at its command line.

    Args:
        home: its folder, which is filled.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        shutil.copytree(_first_home(), home, dirs_exist_ok=True)

    @property
    def path(self) -> Path:
        """The snapshot that readers see."""
        return self.home / "serving" / "warehouse-000001.duckdb"

    def publish(
        self, complete_until: datetime = AS_OF, contracts: dict[str, Contract] | None = None
    ) -> None:
        """Settle with every decision so far, and let readers see it."""
        world = SettleBuilder.open(str(self.path))
        if contracts is not None:
            world.contracts = contracts
        world.con.execute("delete from ops.watermarks")
        row = {"partner": "voltix", "module": "cdrs", "party": "*", "pull_id": "pull-1"}
        insert(world.con, "ops.watermarks", [{**row, "complete_until_at": complete_until}])
        with DecisionsStore(self.home / "decisions.sqlite", clock=lambda: AS_OF) as store:
            view = store.view()
        body = partial(kept_file, Files(Home(self.home).landing))
        invoices = read_received(world.con, view.invoices, body).frames
        world.settle(view, fx=load_rates(Home(self.home), Letterhead()), received=invoices)
        world.con.close()
        (self.home / "serving" / "current").write_text(self.path.name + "\n", encoding="utf-8")

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(cli, [*words, "--home", str(self.home)])

    def dispute_id(self) -> str:
        listed = json.loads(self("dispute", "list", "--json").stdout)
        return str(listed["disputes"][0]["dispute_id"])
