"""`roamhouse run`: the same Dagster definitions that `dagster dev` shows, executed in-process."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from models.ocpi.modules import HISTORY_MODULES
from pipelines.alerts.deliveries import deliver_papers
from pipelines.alerts.send import send_alerts
from pipelines.config.connections import resolve_token
from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import PSEUDONYM_KEY, Home
from pipelines.config.partners import OcpiPartner, Partner, Partners
from pipelines.config.pseudonyms import FINGERPRINT_FILE, open_pseudonymiser
from pipelines.exports.company import FILE_NAME, CompanyError, load_letterhead
from pipelines.ingest.fetching import ParallelFetcher
from pipelines.ingest.loading import load_waiting
from pipelines.ingest.partner import PullRequest
from pipelines.ingest.pushes import land_pushes
from pipelines.landing.manifests import stamp
from pipelines.ocpi.window import Window
from pipelines.orchestration import run_records
from pipelines.orchestration.core_assets import core_key
from pipelines.orchestration.definitions import build_defs
from pipelines.orchestration.downstream import DERIVE_JOB, PUBLISH_JOB
from pipelines.orchestration.housekeeping import tidy_history
from pipelines.orchestration.instance import RUN_TAG, open_instance, reap_killed_runs
from pipelines.orchestration.landing_assets import (
    DAYS,
    FULL,
    REGULAR,
    REGULAR_TAG,
    landing_key,
    modules_of,
)
from pipelines.orchestration.run_records import Run
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import has_history, job_name
from pipelines.stages.rating.warehouse import compile_beside
from pipelines.stages.settle.fx import land_rates
from pipelines.warehouse.connection import Warehouse

_LONGEST_REASON = 300
_LONGEST_PULL = timedelta(days=1)
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Request:
    """A request for a run."""

    command: str  # what started it
    full: bool = False  # whether every list is pulled whole
    window: Window | None = None  # a window of `last_updated` to pull again; None: what is due

    def modules(self, partner: Partner) -> tuple[str, ...]:
        """Return the modules of a partner that the run pulls: in a window, only with history."""
        modules = modules_of(partner)
        if self.window is None:
            return modules
        return tuple(module for module in modules if module in HISTORY_MODULES)


@dataclass(frozen=True)
class RunOutcome:
    """The outcome of a run."""

    run: Run  # the run
    states: Mapping[str, str]  # partner → ok, degraded or failed
    failures: tuple[str, ...]  # what failed beside the partners: checks, steps after core
    # what went on without something, such as newer exchange rates, or was put right: damaged
    # bodies, watermarks ahead
    warnings: tuple[str, ...] = ()

    @property
    def failed_partners(self) -> list[str]:
        """Partners of which anything failed."""
        return [name for name, state in self.states.items() if state != "ok"]

    @property
    def failed(self) -> bool:
        """True where a partner or a check failed."""
        return bool(self.failures or self.failed_partners)


def run_pipeline(runtime: Runtime, request: Request) -> RunOutcome:
    """Visit every partner, load what came, publish.

    `runtime`: the home, the partners, the clock; its fetcher and run id are set here.

    Raises:
        ConfigError: a token or the pseudonym key is missing, or the clock cannot be right; nothing
            was done.
        WarehouseLocked: another process writes the warehouse and did not let go.
    """
    _refuse_impossible_clock(runtime.now())
    for partner in runtime.partners.asked:
        if isinstance(partner, OcpiPartner):
            resolve_token(partner, runtime.tokens)
    pseudonym = open_pseudonymiser(runtime.home, runtime.environ)
    if not runtime.landing.agree(FINGERPRINT_FILE, pseudonym.fingerprint):
        raise ConfigError([Problem("pseudonyms", _OTHER_KEY)])
    compile_beside()
    with runtime.holding() as warehouse, open_instance(runtime.home) as instance:
        started = runtime.now()
        run = Run(stamp(started), request.command, started, len(runtime.partners.asked))
        reap_killed_runs(instance)
        names = [partner.name for partner in runtime.partners.asked]
        with warehouse.working(run.run_id, names):
            ended = _run_at_work(runtime, request, run, warehouse, instance)
    _tidy_history(runtime, run)
    warnings = (*ended.warnings, *_alert(runtime), *_deliver(runtime))
    return dataclasses.replace(ended, warnings=warnings)


_OTHER_KEY = (
    "the landing's store was filled with another key (or with pseudonyms switched the other way): "
    f"give every worker of it the same {PSEUDONYM_KEY}"
)


def _run_at_work(
    runtime: Runtime, request: Request, run: Run, warehouse: Warehouse, instance: dg.DagsterInstance
) -> RunOutcome:
    """Carry a run out that nobody is in the way of."""
    runtime.landing.carry_waiting()
    runtime.landing.objects.sweep(run.started_at - _LONGEST_PULL)
    run_records.begin(warehouse, run)
    land_pushes(runtime.landing, runtime.partners, runtime.now)  # they came before the pulls
    known = run_records.damaged_pulls(warehouse)
    ahead = run_records.watermarks_ahead(warehouse, run.started_at)
    runtime = _fetching_all(runtime, run, request)
    defs = build_defs(runtime)
    failures = _visit_all(runtime, defs, instance, run, request)
    land_pushes(runtime.landing, runtime.partners, runtime.now)  # those that came meanwhile
    # These, and what came of pulls that failed.
    load_waiting(warehouse, runtime.loading, only=runtime.own_lists)
    run_records.refresh_partner_health(warehouse)
    warnings = _land_rates(runtime.home)
    failures += map(str, _failed_steps(_job(defs, DERIVE_JOB, instance, run)))
    damaged = run_records.damaged_pulls(warehouse)
    mended = (damaged[pull_id] for pull_id in damaged if pull_id not in known)
    warnings = (*warnings, *_unfilled(warehouse), *ahead, *mended)
    ended = RunOutcome(run, _states(warehouse, runtime.partners), tuple(failures), warnings)
    run_records.end(
        warehouse, run, runtime.now(), failed=ended.failed_partners, whole=not ended.failed
    )
    unpublished = _failed_steps(_job(defs, PUBLISH_JOB, instance, run))
    return dataclasses.replace(ended, failures=(*ended.failures, *map(str, unpublished)))


def _refuse_impossible_clock(now: datetime) -> None:
    """Refuse to write times of before roamhouse: a machine whose clock lost its battery."""
    if now < DAYS.start.astimezone(UTC):
        raise ConfigError(
            [Problem("clock", f"it is {now:%Y-%m-%d} by this machine: set its clock")]
        )


def _tidy_history(runtime: Runtime, run: Run) -> None:
    """Keep Dagster's history small; once nothing keeps its files open any more."""
    kept = runtime.settings.retention.history
    limit = None if kept is None else run.started_at - kept
    with open_instance(runtime.home) as instance:
        tidy_history(instance, limit, {RUN_TAG: run.run_id})


def _alert(runtime: Runtime) -> tuple[str, ...]:
    """Tell people what the run brought to light; return what did not get there."""
    try:
        report = send_alerts(runtime.home, runtime.partners, runtime.environ, runtime.now())
    except ConfigError as error:
        return tuple(map(str, error.problems))
    except OSError as error:  # the run is over and whole, whatever becomes of its metrics
        return (f"metrics cannot be written: {error}",)
    return ("an alert could not be sent; the next run tries again",) if report.failed else ()


def _deliver(runtime: Runtime) -> tuple[str, ...]:
    """Send the papers that are due; return what did not get there."""
    try:
        found = deliver_papers(runtime.home, runtime.partners, runtime.environ, runtime.now())
    except ConfigError as error:
        return tuple(map(str, error.problems))
    except CompanyError:
        return ()  # settlement refuses the file, and says why
    return found.waiting


def _unfilled(warehouse: Warehouse) -> tuple[str, ...]:
    """Say which columns an upgrade added that old rows lack."""
    if not warehouse.gained:
        return ()
    some = ", ".join(warehouse.gained[:3]) + (" …" if len(warehouse.gained) > 3 else "")
    return (
        f"this version reads more of what partners send ({some}): new objects have it, and "
        "`roamhouse replay` fills it for the others",
    )


def _land_rates(home: Home) -> tuple[str, ...]:
    """Take the exchange rates that company.yaml names; return why not, where it failed."""
    try:
        warning = land_rates(home, load_letterhead(home.path / FILE_NAME))
    except CompanyError:
        return ()  # settlement refuses the file, and says why
    return (warning,) if warning else ()


def _states(warehouse: Warehouse, partners: Partners) -> dict[str, str]:
    known = run_records.states(warehouse)
    return {
        name: known.get(name, "failed") for name in (partner.name for partner in partners.asked)
    }


def _fetching_all(runtime: Runtime, run: Run, request: Request) -> Runtime:
    pull_requests = {
        partner.name: (
            partner,
            PullRequest(
                run_id=run.run_id,
                modules=request.modules(partner),
                full=request.full,
                window=request.window,
                watermarks=runtime.watermarks(partner.name),
            ),
        )
        for partner in runtime.partners.asked
    }
    return runtime.with_fetcher(ParallelFetcher(runtime.fetch_context, pull_requests), run.run_id)


def _visit_all(
    runtime: Runtime, defs: dg.Definitions, instance: dg.DagsterInstance, run: Run, request: Request
) -> list[str]:
    """Load each partner as its fetching ends; return what failed on our side, one line each."""
    fetcher = runtime.fetcher
    if not isinstance(fetcher, ParallelFetcher):
        raise TypeError("a run fetches all partners at once")
    failures: list[str] = []
    fetcher.start()
    for name in fetcher.finished():
        result = _execute_partner(defs, instance, run, runtime.partners[name], request)
        # A failed pull is told by the partner's own state already.
        failed_pulls = {
            landing_key(name, pull.module).to_python_identifier()
            for pull in fetcher.pulls(name)
            if pull.error
        }
        failures += [str(f) for f in _failed_steps(result) if f.step_key not in failed_pulls]
        if error := fetcher.error(name):
            failures.append(f"{name}: {error}")
    return failures


def _execute_partner(
    defs: dg.Definitions, instance: dg.DagsterInstance, run: Run, partner: Partner, request: Request
) -> dg.ExecuteInProcessResult:
    keys = [
        key(partner.name, module)
        for module in request.modules(partner)
        for key in (landing_key, core_key)
    ]
    tags = _partitions(run, request) if has_history(partner) else {}
    if request.window is None:
        tags[REGULAR_TAG] = FULL if request.full else REGULAR
    return _job(defs, job_name(partner.name), instance, run, tags=tags, asset_selection=keys)


def _partitions(run: Run, request: Request) -> dict[str, str]:
    """Return the days that Dagster books the pull under; what is asked for is apart."""
    window = request.window or Window(run.started_at, run.started_at)
    first = window.date_from or run.started_at
    last = window.date_to or run.started_at
    if window.date_to is not None:
        last = max(first, last - timedelta(microseconds=1))
    return {
        "dagster/asset_partition_range_start": _day(first),
        "dagster/asset_partition_range_end": _day(min(last, run.started_at)),
    }


def _day(moment: datetime) -> str:
    """Return the day's partition; all days before the first one are booked under that."""
    return max(moment, DAYS.start).strftime("%Y-%m-%d")


def _job(
    defs: dg.Definitions,
    name: str,
    instance: dg.DagsterInstance,
    run: Run,
    *,
    tags: Mapping[str, str] | None = None,
    asset_selection: Sequence[dg.AssetKey] | None = None,
) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def(name).execute_in_process(
        instance=instance,
        run_config=_QUIET,
        raise_on_error=False,
        tags={**(tags or {}), RUN_TAG: run.run_id},
        asset_selection=asset_selection,
    )


@dataclass(frozen=True)
class FailedStep:
    """A step of a Dagster run that failed."""

    step_key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.step_key}: {self.reason}"


def _failed_steps(result: dg.ExecuteInProcessResult) -> list[FailedStep]:
    return [
        FailedStep(str(event.step_key), _reason(event.step_failure_data))
        for event in result.all_events
        if event.is_step_failure
    ]


def _reason(failure: Any) -> str:
    if failure.user_failure_data and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    cause = failure.error
    while cause is not None and cause.cause is not None:
        cause = cause.cause
    return cause.message.strip().splitlines()[0][:_LONGEST_REASON] if cause else "failed"
