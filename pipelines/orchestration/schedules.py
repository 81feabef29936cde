"""Schedules: each partner's lists every hour, everything downstream when core moved."""

import dagster as dg

from models.ocpi.modules import HISTORY_MODULES
from pipelines.config import FeedPartner, Partner
from pipelines.orchestration.landing_assets import REGULAR, REGULAR_TAG, modules_of


def has_history(partner: Partner) -> bool:
    """Return whether a partner has lists that are pulled by day."""
    return not isinstance(partner, FeedPartner) and bool(HISTORY_MODULES & set(modules_of(partner)))


def job_name(partner: str) -> str:
    """Return the name of a partner's job."""
    return f"pull_{partner}"


def partner_timetable(partner: Partner) -> dg.Definitions:
    """Return the job that fetches and loads everything of one partner, and its hourly schedule."""
    job = dg.define_asset_job(
        job_name(partner.name),
        dg.AssetSelection.groups(partner.name),
        description=f"Fetch and load what is new at {partner.name}; for days: these days again.",
    )

    @dg.schedule(
        name=f"{job.name}_hourly",
        job=job,
        cron_schedule=f"{_minute(partner.name)} * * * *",
        execution_timezone="UTC",
    )
    def hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        moment = context.scheduled_execution_time
        return dg.RunRequest(
            run_key=moment.isoformat(),
            partition_key=moment.strftime("%Y-%m-%d") if has_history(partner) else None,
            tags={REGULAR_TAG: REGULAR},
        )

    return dg.Definitions(jobs=[job], schedules=[hourly])


def _minute(partner: str) -> int:
    """Return a minute of the partner's own, so that not all are visited at once."""
    return sum(partner.encode()) % 60
