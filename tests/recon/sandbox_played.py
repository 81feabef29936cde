"""Sandbox partners pulled, rated and reconciled once, for every test that looks at the result."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.loading import load_waiting
from pipelines.ingest.partner import PullRequest
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.run import Request
from pipelines.orchestration.runtime import Runtime
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options
from pipelines.stages.rating.warehouse import rate_warehouse
from pipelines.stages.recon.reconcile import reconcile_warehouse
from pipelines.stages.recon.terms import Terms

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Played:
    """A reconciled warehouse, the terms it was reconciled by, and what the sandbox did wrong.

    Args:
        folder: where it was played; only read it.
    """

    folder: Path

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    @property
    def truth(self) -> Path:
        return self.folder / "truth.jsonl"

    @property
    def terms(self) -> Terms:
        partners = load_partners(self.home.partners).partners
        parties = {
            partner.name: {(party.country_code, party.party_id) for party in partner.parties}
            for partner in partners
            if partner.parties
        }
        return Terms({partner.name: partner.contract for partner in partners}, parties)


def play(folder: Path) -> None:
    """Pull, rate and reconcile some thousand CDRs of which one in eight is odd.

    The rest of a run, settling to publishing in Dagster, takes longer than all of this.
    """
    played = Played(folder)
    home = played.home
    home.create()
    options = Options(now=NOW, cdrs=3000, scenario="clean", errors_permille=120, truth=played.truth)
    with sandbox.start(options) as running:
        home.partners.write_text(sandbox.partners_yaml(running.partners), encoding="utf-8")
        partners = load_partners(home.partners)
        runtime = Runtime(home, partners, running.environ, _clock, NoProgress())
        asyncio.run(_pull_all(runtime))
    terms = played.terms
    with runtime.holding() as warehouse:
        load_waiting(warehouse, runtime.loading)
        with warehouse.writer() as con:
            rate_warehouse(con, terms.contracts)
            reconcile_warehouse(con, terms, as_of=NOW)


async def _pull_all(runtime: Runtime) -> None:
    asked = Request("run")
    for partner in runtime.partners.asked:
        request = PullRequest("run", asked.modules(partner), full=True, window=None, watermarks={})
        pulls = await runtime.fetch_context.pull(partner, request)
        assert not [pull.error for pull in pulls if pull.error]


def _clock() -> datetime:
    return NOW + timedelta(minutes=30)
