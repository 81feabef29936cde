"""The surroundings of asset bodies: the home, the partners, a fetcher and the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from models.ocpi.watermarks import Watermark
from models.tables.operations import EVERY_PARTY
from pipelines.config.connections import connected_tokens
from pipelines.config.home import Home
from pipelines.config.home_settings import HomeSettings, load_settings
from pipelines.config.partners import Partners
from pipelines.config.pseudonyms import open_pseudonymiser
from pipelines.decisions.removals import accepted_removals
from pipelines.ingest.decode_cache import DecodeCache
from pipelines.ingest.fetching import DirectFetcher, FetchContext, Fetcher
from pipelines.ingest.loading import Loading
from pipelines.ingest.progress import Progress
from pipelines.landing.landing import Landing
from pipelines.stages.stage import source_digest
from pipelines.warehouse.connection import Warehouse, open_warehouse

WAREHOUSE_WAIT_S = 600.0


@dataclass
class Runtime:
    """The world of one process of the pipeline."""

    home: Home  # where everything is written
    partners: Partners  # who is visited
    environ: Mapping[str, str]  # the environment
    now: Callable[[], datetime]  # the clock
    progress: Progress  # told how things go
    fetcher: Fetcher | None = None  # how lists are fetched; None: when they are asked for
    run_id: str | None = None  # the run's id; None: each asset takes Dagster's
    _held: Warehouse | None = field(default=None, init=False)

    @property
    def settings(self) -> HomeSettings:
        """The home's settings.

        Raises:
            ConfigError: the file cannot be used.
        """
        return load_settings(self.home)

    @property
    def landing(self) -> Landing:
        """The home's landing."""
        return Landing.of_home(self.home)

    @property
    def loading(self) -> Loading:
        """The dependencies of loading."""
        pseudonym = open_pseudonymiser(self.home, self.environ)
        accepted = accepted_removals(self.home)
        depends = source_digest("models/ocpi", "models/tables") + pseudonym("")
        cache = DecodeCache(self.home.cache, depends)
        return Loading(self.landing, pseudonym, self.progress, accepted, cache)

    @property
    def own_lists(self) -> list[tuple[str, str]] | None:
        """The lists whose pulls this process loads, as (partner, module); None: all that wait.

        On a lake a run of some partners leaves those of the others to the workers that visit them.
        """
        if not self.partners.only or self.settings.warehouse is None:
            return None
        return [one for one in self.landing.scopes() if one[0] in self.partners.only]

    @property
    def fetch_context(self) -> FetchContext:
        """The surroundings of fetching."""
        return FetchContext(self.landing, self.tokens, self.now, self.progress)

    @property
    def tokens(self) -> Mapping[str, str]:
        """The environment, with the tokens that handshakes brought."""
        return connected_tokens(self.home, self.partners, self.environ)

    def fetch(self) -> Fetcher:
        """Return the fetcher of this process."""
        return self.fetcher or DirectFetcher(self.fetch_context)

    def with_fetcher(self, fetcher: Fetcher, run_id: str) -> Runtime:
        """Return the same runtime, for one run, with its lists fetched another way."""
        other = replace(self, fetcher=fetcher, run_id=run_id)
        other._held = self._held
        return other

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        """Provide the warehouse, open for writing: the one held, else opened for this once."""
        if self._held is not None:
            yield self._held
            return
        with open_warehouse(self.home, wait_seconds=WAREHOUSE_WAIT_S) as warehouse:
            yield warehouse

    @contextmanager
    def holding(self) -> Iterator[Warehouse]:
        """Keep the warehouse open for everything that happens inside."""
        with open_warehouse(
            self.home, wait_seconds=WAREHOUSE_WAIT_S, waiting=self.progress.waiting
        ) as warehouse:
            self._held = warehouse
            try:
                yield warehouse
            finally:
                self._held = None

    def watermarks(self, partner: str) -> dict[str, Watermark]:
        """Read how far each list of a partner is complete, by module."""
        with self.warehouse() as warehouse, warehouse.reader() as con:
            rows = con.execute(
                "select module, complete_until_at, full_at, pull_id from ops.watermarks "
                "where partner = $partner and party = $every",
                {"partner": partner, "every": EVERY_PARTY},
            ).fetchall()
        return {module: Watermark(*mark) for module, *mark in rows}
