"""One landing asset for each partner and module: fetch the list, keep every page."""

import dagster as dg

from models.ocpi.modules import HISTORY_MODULES, MODULES
from pipelines.config.errors import ConfigError
from pipelines.config.partners import FeedPartner, OcpiPartner, Partner
from pipelines.ingest.partner import PullRequest
from pipelines.landing.records import PullRecord
from pipelines.ocpi.window import Window
from pipelines.orchestration.asset_parts import LANDING_COLUMNS, landing_metadata
from pipelines.orchestration.runtime import Runtime

DAYS = dg.DailyPartitionsDefinition(start_date="2020-01-01", end_offset=1)
"""Days of `last_updated`, UTC, of the lists that have history."""

REGULAR_TAG = "roamhouse/pull"
REGULAR = "regular"
"""A run with this tag pulls what is due; one without pulls the days it was asked for.

Only what decides on what is due sets it: the schedule and `roamhouse run`. The job carries no tag,
so that whoever launches it for days, one or a range, in one run or many, gets these days.
"""

FULL = "full"  # the tag's value for a run that pulls every list whole


def modules_of(partner: Partner) -> tuple[str, ...]:
    """Return the modules that a partner may have, in the order in which they are pulled."""
    if isinstance(partner, FeedPartner):
        return tuple(partner.urls)
    senders = {"CPO", "EMSP", "HUB"} if partner.kind == "hub" else {"CPO", "EMSP"}
    if partner.modules is not None:
        return partner.modules
    return tuple(name for name, m in MODULES.items() if m.sender in senders)


def landing_key(partner: str, module: str) -> dg.AssetKey:
    """Return the asset key of a landed list."""
    return dg.AssetKey(["landing", partner, module])


def landing_asset(partner: Partner, module: str) -> dg.AssetsDefinition:
    """Return the asset that lands one list of one partner."""
    days = DAYS if module in HISTORY_MODULES and isinstance(partner, OcpiPartner) else None

    @dg.asset(
        key=landing_key(partner.name, module),
        group_name=partner.name,
        description=f"{module} of {partner.name}, page by page as received.",
        kinds={"ocpi"},
        pool=f"ocpi_{partner.name}",
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run() if days else None,
        retry_policy=dg.RetryPolicy(
            max_retries=partner.retries, delay=30, backoff=dg.Backoff.EXPONENTIAL
        ),
        metadata={"dagster/column_schema": LANDING_COLUMNS},
        check_specs=[
            dg.AssetCheckSpec(
                "complete",
                asset=landing_key(partner.name, module),
                description="Every object that the partner promised came.",
            )
        ],
    )
    def landed(
        context: dg.AssetExecutionContext, runtime: dg.ResourceParam[Runtime]
    ) -> dg.MaterializeResult:
        pull_request = _pull_request(context, runtime, partner, module)
        try:
            pulls = runtime.fetch().fetch(partner, pull_request)
        except ConfigError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        return _result(pulls, asked_for=pull_request.window is not None)

    return landed


def _pull_request(
    context: dg.AssetExecutionContext, runtime: Runtime, partner: Partner, module: str
) -> PullRequest:
    tag = context.run.tags.get(REGULAR_TAG)
    window = None
    if tag is None and context.assets_def.partitions_def is not None:
        asked = context.partition_time_window  # of a single day or of a whole range
        window = Window(asked.start, asked.end)
    return PullRequest(
        run_id=runtime.run_id or context.run_id,
        modules=(module,),
        full=tag == FULL,
        window=window,
        watermarks=runtime.watermarks(partner.name),
    )


def _result(pulls: list[PullRecord], *, asked_for: bool) -> dg.MaterializeResult:
    errors = [pull.error for pull in pulls if pull.error]
    # What is missing of days that were asked for no later pull asks for: they are not done.
    if errors and (asked_for or not any(pull.pages for pull in pulls)):
        # The client has retried already: once more within the run would only hurt the partner.
        raise dg.Failure(description="\n".join(errors), allow_retries=False)
    return dg.MaterializeResult(
        metadata=landing_metadata(pulls),
        check_results=[
            dg.AssetCheckResult(
                check_name="complete",
                passed=not errors,
                severity=dg.AssetCheckSeverity.WARN,
                description="\n".join(errors) or None,
            )
        ],
    )
