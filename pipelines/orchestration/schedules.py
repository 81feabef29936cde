"""Schedules: each partner's lists as often as its `every` says, what follows when core moved."""

from datetime import timedelta

import dagster as dg

from models.ocpi.modules import HISTORY_MODULES
from pipelines.config.home_settings import ScheduleSettings
from pipelines.config.partners import FeedPartner, Partner
from pipelines.orchestration.landing_assets import REGULAR, REGULAR_TAG, modules_of

_NIGHT_H = 4


def has_history(partner: Partner) -> bool:
    """Return whether a partner has lists that are pulled by day."""
    return not isinstance(partner, FeedPartner) and bool(HISTORY_MODULES & set(modules_of(partner)))


def job_name(partner: str) -> str:
    """Return the name of a partner's job."""
    return f"pull_{partner}"


def partner_timetable(partner: Partner, settings: ScheduleSettings) -> dg.Definitions:
    """Return the job that fetches and loads everything of one partner, and its schedule."""
    job = dg.define_asset_job(
        job_name(partner.name),
        dg.AssetSelection.groups(partner.name),
        description=f"Fetch and load what is new at {partner.name}; for days: these days again.",
        tags=lost_run_tags(settings),
    )

    @dg.schedule(
        name=f"{job.name}_when_due",
        job=job,
        cron_schedule=cron(partner.name, partner.every),
        execution_timezone="UTC",
        default_status=status(settings),
    )
    def when_due(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        moment = context.scheduled_execution_time
        return dg.RunRequest(
            run_key=moment.isoformat(),
            partition_key=moment.strftime("%Y-%m-%d") if has_history(partner) else None,
            tags={REGULAR_TAG: REGULAR},
        )

    return dg.Definitions(jobs=[job], schedules=[when_due])


def status(settings: ScheduleSettings) -> dg.DefaultScheduleStatus:
    """Return whether schedules run before anybody switched them."""
    return (
        dg.DefaultScheduleStatus.RUNNING if settings.enabled else dg.DefaultScheduleStatus.STOPPED
    )


def sensor_status(settings: ScheduleSettings) -> dg.DefaultSensorStatus:
    """Return whether sensors run before anybody switched them."""
    return dg.DefaultSensorStatus.RUNNING if settings.enabled else dg.DefaultSensorStatus.STOPPED


def lost_run_tags(settings: ScheduleSettings) -> dict[str, str]:
    """Return the tags by which Dagster asks again for a run that was lost, not for one that failed.

    Steps have retries of their own; what failed in them would fail again.
    """
    return {
        "dagster/max_retries": str(settings.retries),
        "dagster/retry_on_asset_or_op_failure": "false",
    }


def cron(partner: str, every: timedelta) -> str:
    """Return the cron line of a cadence, at times of the partner's own: not all come at once.

    `every`: a part of an hour, whole hours that are a part of a day, or a day.
    """
    own = sum(partner.encode())
    minutes = int(every.total_seconds()) // 60
    if minutes < 60:
        return f"{own % minutes}-59/{minutes} * * * *"
    hours = minutes // 60
    if hours == 1:
        return f"{own % 60} * * * *"
    if hours < 24:
        return f"{own % 60} {own % hours}-23/{hours} * * *"
    return f"{own % 60} {1 + own % _NIGHT_H} * * *"
