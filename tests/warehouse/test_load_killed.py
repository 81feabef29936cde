"""A process killed at any moment of a commit leaves all of a pull or nothing, and no lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from warehouse_world import a_cdr, a_pull, cdr_page, contents, load

from pipelines.warehouse.connection import Warehouse

HERE = Path(__file__).resolve().parent
CDRS = 400

# Loads a pull and kills itself with SIGKILL when it executes its n-th query of the commit.
VICTIM = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from warehouse_world import a_cdr, a_pull, cdr_page, load
from pipelines.warehouse.connection import Warehouse

class Fatal:
    def __init__(self, con, fatal):
        self.con, self.fatal, self.begun = con, fatal, False
    def __getattr__(self, name):
        if name == "begin":
            self.begun = True
        if self.begun and name in ("execute", "sql", "commit"):
            self.fatal -= 1
            if self.fatal == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            if name == "commit" and self.fatal < 0:
                self.con.commit()
                os.kill(os.getpid(), signal.SIGKILL)
        return getattr(self.con, name)
    def cursor(self):
        return Fatal(self.con.cursor(), self.fatal)

warehouse = Warehouse(Path(sys.argv[2]))
with warehouse.writer() as con:
    load(con, a_pull(1, "cdrs"), [cdr_page(a_cdr("old"))])
    page = cdr_page(*(a_cdr(str(i), periods=2) for i in range(int(sys.argv[4]))))
    load(Fatal(con, int(sys.argv[3])), a_pull(2, "cdrs"), [page])
"""

# The query to die at: the first, some in the midst of the merge, and 0: just after the commit.
MOMENTS = [1, 4, 7, 9, 0]


@pytest.mark.withstands(
    "killed in the middle of a load",
    "all of the pull is in the tables, or nothing of it; loading again completes it",
)
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_commit_is_all_or_nothing_and_can_be_done_again(tmp_path: Path, moment: int) -> None:
    path = tmp_path / "w.duckdb"
    process = subprocess.run(
        [sys.executable, "-c", VICTIM, str(HERE), str(path), str(moment), str(CDRS)],
        cwd=HERE.parents[1],
        capture_output=True,
        check=False,
    )
    assert process.returncode == -9, process.stderr.decode()
    page = cdr_page(*(a_cdr(str(i), periods=2) for i in range(CDRS)))
    with Warehouse(path, wait_seconds=0) as warehouse, warehouse.writer() as con:
        committed = moment == 0
        assert len(contents(con, "core.cdrs")) == (1 + CDRS if committed else 1)
        assert len(contents(con, "ops.pulls")) == (2 if committed else 1)
        again = load(con, a_pull(2, "cdrs"), [page])
        assert again.already_loaded == committed
        assert len(contents(con, "core.cdrs")) == 1 + CDRS
        assert len(contents(con, "core.charging_periods")) == 1 + 2 * CDRS
