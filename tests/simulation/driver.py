"""A house of the product that lives in a simulated world; with `stand_ins`, all that imports it.

Everything the product does is its own doing, but for four things: its HTTP goes to the world's
partners inside the process, its clock is the world's, Dagster's part of a run (calling one
function after another) is played by `stand_ins`, and marts are left out. A backfill is executed by
Dagster itself.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import yaml
from decided import decide

import pipelines.orchestration.replay as replay_module
from models.errors import NothingThere
from models.settle.decisions import IllegalDecision
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.config.partners import Partners
from pipelines.decisions.removals import EVERY_PARTY
from pipelines.decisions.store import DecisionsStore
from pipelines.exports.company import FILE_NAME, load_letterhead
from pipelines.ingest.loading import load_waiting
from pipelines.ingest.plan import Window
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.core_assets import core_key
from pipelines.orchestration.definitions import build_defs
from pipelines.orchestration.landing_assets import landing_key
from pipelines.orchestration.run import Request, run_pipeline
from pipelines.orchestration.run_records import refresh_partner_health
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import job_name
from pipelines.stages.sequence import contracts_of
from pipelines.stages.settle.closing import CannotClose, Closing
from pipelines.stages.settle.dispute_queries import decision_data, find_dispute
from pipelines.stages.settle.fx import load_rates
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.sql_files import fetch_row
from simulation import steps
from simulation.objects import Clock, PartnerSetup
from simulation.partner import Server
from simulation.queries import COMPARED, TABLES
from simulation.stand_ins import HeldRuntime, Killed, KillingProgress, derive, let_go, replaced

Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Done:
    """How a step ended."""

    refused: str | None = None  # why it was not done; None: it was
    failures: tuple[str, ...] = ()  # what it said failed
    told: bool = False  # whether a partner, a check or a step was said not to be well
    case: dict[str, Any] = field(default_factory=dict)  # the dispute that was decided on
    # (partner, module) → pages that landed before it was killed
    landed: dict[tuple[str, str], int] = field(default_factory=dict)
    ended: set[tuple[str, str]] = field(default_factory=set)  # lists whose pull had ended by then


class House:
    """A home directory of the product, with its partners file, in a simulated world.

    Args:
        setups: the partners and their contracts.
        server: their answers.
        clock: the world's.
    """

    def __init__(self, setups: tuple[PartnerSetup, ...], server: Server, clock: Clock) -> None:
        fast = Path("/dev/shm")  # noqa: S108 - where there is one, a year costs no disk
        self._folder = Path(tempfile.mkdtemp(dir=fast if fast.is_dir() else None))
        self._setups = {setup.name: setup for setup in setups}
        self._terms = {setup.name: dict(setup.terms) for setup in setups}
        self._left: set[str] = set()
        self._server = server
        self._clock = clock
        self._home = Home(self._folder)
        self._home.create()
        self._warehouse: Warehouse | None = None
        self._known: Partners | None = None
        self._patches = ExitStack()
        self._write_partners()

    def __enter__(self) -> House:
        for target, name, value in replaced(self._server):
            self._patches.enter_context(patch.object(target, name, value))
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.close()
        self._release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, step: steps.Run) -> Done:
        """`roamhouse run`, as its command starts it."""
        self._clock.tick()
        partners = self._partners(step.only)
        progress = KillingProgress(step.killed_after)
        runtime = self._runtime(partners, progress)
        window = None
        if step.window_h is not None:
            window = Window(self._clock.ours() - timedelta(hours=step.window_h), None)
        self._clock.ahead = timedelta(hours=step.clock_ahead_h)
        try:
            ended = run_pipeline(runtime, Request("run", full=step.full, window=window))
        except Killed:
            let_go()
            self._release()
            return Done(refused="killed", landed=progress.landed, ended=progress.ended)
        finally:
            self._clock.ahead = timedelta()
        told = ended.failed or bool(ended.warnings)
        return Done(failures=ended.failures, told=told)

    def backfill(self, step: steps.Backfill) -> Done:
        """Days of a partner's CDRs, through Dagster itself, then everything after core."""
        self._clock.tick()
        partners = self._partners()
        if step.partner not in partners.names:
            return Done(refused="not in the partners file")
        runtime = self._runtime(partners, NoProgress())
        # Definitions of a hundred partners take seconds to assemble; the rest is for all of them.
        own = replace(partners, partners=(partners[step.partner],))
        first = self._clock.ours() - timedelta(days=step.first_day)
        last = min(first + timedelta(days=step.days - 1), self._clock.ours())
        tags = {
            "dagster/asset_partition_range_start": f"{first:%Y-%m-%d}",
            "dagster/asset_partition_range_end": f"{last:%Y-%m-%d}",
        }
        keys = [key(step.partner, "cdrs") for key in (landing_key, core_key)]
        with dg.DagsterInstance.ephemeral() as instance:
            result = (
                build_defs(self._runtime(own, NoProgress()))
                .resolve_job_def(job_name(step.partner))
                .execute_in_process(
                    instance=instance,
                    run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                    raise_on_error=False,
                    tags=tags,
                    asset_selection=keys,
                )
            )
        failed = [str(event.step_key) for event in result.all_events if event.is_step_failure]
        self._load_killed(runtime)
        refresh_partner_health(self._open())
        derive(runtime)
        return Done(failures=tuple(failed))

    def replay(self, step: steps.Replay) -> Done:
        """`roamhouse replay`."""
        self._clock.tick()
        self._release()
        since = None
        if step.since_h is not None:
            since = self._clock.ours() - timedelta(hours=step.since_h)
        done = replay_module.replay_landing(
            self._home, self._home.partners, since=since, now=self._clock.ours
        )
        return Done(failures=done.failures)

    def accept(self, step: steps.Accept) -> Done:
        """`roamhouse accept-removals`."""
        self._clock.tick()
        with self._open().reader() as con:
            kept = con.execute(
                "select distinct pull_id, module from ops.removals_skipped where partner = ?",
                [step.partner],
            ).fetchall()
        if not kept:
            return Done(refused="nothing is kept")
        self._load_killed(self._runtime(self._partners(), NoProgress()))
        with self._decisions() as store:
            for pull_id, _ in sorted(kept):
                store.accept_removals(pull_id, EVERY_PARTY, "someone", "because")
        self._release()
        done = replay_module.replay_landing(
            self._home,
            self._home.partners,
            lists={(step.partner, module) for _, module in kept},
            now=self._clock.ours,
        )
        return Done(failures=done.failures)

    def decide(self, step: steps.Decide) -> Done:
        """`roamhouse dispute VERB`."""
        with self._open().reader() as con, self._decisions() as store:
            found = fetch_row(
                con,
                "select dispute_id from settle.disputes where partner = ? and subject = 'cdr' "
                "and lower(subject_id) = lower(?) order by state = 'detected', dispute_id",
                [step.partner, step.cdr],
            )
            if found is None:
                return Done(refused="no such dispute")
            case = find_dispute(con, store.view(), found[0])
            said = {"reason": "because", "due_on": date(2026, 1, 1).isoformat()}
            data = decision_data(case, step.verb, said)
            try:
                decide(store, case["dispute_id"], step.verb, "someone", data)
            except IllegalDecision as refusal:
                return Done(refused=str(refusal), case=case)
        return Done(case=case)

    def close(self, partner: str, month: str) -> Done:
        """`roamhouse close`."""
        partners = self._partners()
        if partner not in partners.names:
            return Done(refused="not in the partners file")
        with self._open().reader() as con, self._decisions() as store:
            contract = contracts_of(partners)[partner]
            rates = load_rates(self._home, load_letterhead(self._home.path / FILE_NAME))
            closing = Closing(con, store, contract, rates, version("roamhouse"), self._clock.ours())
            try:
                closing.lock(partner, month, "someone")
            except (CannotClose, IllegalDecision, NothingThere) as refusal:
                return Done(refused=str(refusal))
        return Done()

    def reopen(self, partner: str, month: str) -> Done:
        """`roamhouse reopen`."""
        with self._decisions() as store:
            try:
                store.move_month(partner, month, "reopened", "someone", {"reason": "because"})
            except IllegalDecision as refusal:
                return Done(refused=str(refusal))
        return Done()

    def agree(self, step: steps.Contract) -> None:
        """Change a contract in the partners file."""
        self._terms.setdefault(step.partner, {}).update(step.terms)
        self._write_partners()

    def leave(self, step: steps.Leave) -> None:
        """Take a partner out of the partners file, or put it back."""
        left = self._left - {step.partner} if step.back else self._left | {step.partner}
        if left >= self._setups.keys():
            return  # a partners file names somebody
        self._left = left
        self._write_partners()

    def rename(self, partner: str, to: str) -> None:
        """Give a partner another name in the partners file."""
        old = self._setups[partner]
        self._terms[to] = self._terms[partner]
        self._setups[to] = old
        self._left.add(partner)
        self._write_partners()

    def tables(self) -> Rows:
        """Read everything that the auditor looks at."""
        with self._open().reader() as con:
            found: Rows = {}
            for name, query in TABLES.items():
                cursor = con.execute(query)
                names = [column[0] for column in cursor.description]
                found[name] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return found

    def dump(self) -> dict[str, list[str]]:
        """Read whole tables, as sorted lines of text: what a replay must give again."""
        with self._open().reader() as con:
            return {
                name: sorted(
                    str(row)
                    for row in con.execute(f"select * from {name}").fetchall()  # noqa: S608
                )
                for name in COMPARED
            }

    def _load_killed(self, runtime: Runtime) -> None:
        """Load what a killed run landed, as the next run does: here it is not always the next."""
        load_waiting(self._open(), runtime.loading)

    def _partners(self, only: tuple[str, ...] = ()) -> Partners:
        """Read the partners file, once for as long as it stays the same."""
        if self._known is None:
            self._known = load_partners(self._home.partners)
        return replace(self._known, only=frozenset(only))

    def _runtime(self, partners: Any, progress: NoProgress) -> Runtime:
        environ = {f"{name.upper()}_TOKEN": "secret" for name in self._setups}
        runtime = HeldRuntime(self._home, partners, environ, self._clock.ours, progress)
        runtime._held = self._open()
        return runtime

    def _open(self) -> Warehouse:
        if self._warehouse is None:
            self._warehouse = Warehouse(self._home.warehouse, threads=1)
        return self._warehouse

    def _release(self) -> None:
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None

    def _decisions(self) -> DecisionsStore:
        return DecisionsStore(self._home.decisions, clock=self._clock.ours)

    def _write_partners(self) -> None:
        entries = [
            _entry(name, setup, self._terms[name])
            for name, setup in self._setups.items()
            if name not in self._left
        ]
        self._known = None
        self._home.partners.write_text(yaml.safe_dump({"partners": entries}))


def _entry(name: str, setup: PartnerSetup, terms: dict[str, str]) -> dict[str, Any]:
    contract: dict[str, Any] = {
        key: terms[key] for key in ("time_zone", "month_basis") if key in terms
    }
    tolerance = {
        name: terms[key]
        for key, name in (("tolerance", "absolute"), ("relative", "relative"))
        if key in terms
    }
    if tolerance:
        contract["tolerance"] = tolerance
    if "reverse_charge" in terms:
        contract["reverse_charge"] = terms["reverse_charge"] == "yes"
    return {
        "name": name,
        "kind": "hub" if setup.hub else "ocpi",
        "party": "NL/EMS",
        "versions_url": f"http://{setup.name}.test/versions",
        "token_env": f"{name.upper()}_TOKEN",
        "modules": list(setup.modules),
        "parties": [f"NL/{party}" for party in setup.parties],
        "requests_per_second": 1000,
        "contract": contract,
    }
