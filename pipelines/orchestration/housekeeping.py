"""Jobs of the daemon beside the data: telling people what needs them, keeping history small."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.alerts.send import send_alerts
from pipelines.config.home_settings import HomeSettings
from pipelines.orchestration.history import tidy_history
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import status

_DAILY = "41 4 * * *"
_EVERY_TEN_MINUTES = "*/10 * * * *"


def housekeeping(settings: HomeSettings) -> dg.Definitions:
    """Return the jobs that watch and tidy, and their schedules.

    Args:
        settings: how long runs are kept, and whether schedules run from the start.
    """
    kept = settings.retention.history

    @dg.op
    def forget_old_runs(context: dg.OpExecutionContext) -> None:
        """Forget the runs that are older than `retention.history`."""
        before = None if kept is None else datetime.now(UTC) - kept
        context.log.info("%d runs forgotten", tidy_history(context.instance, before))

    @dg.job(description="Keep Dagster's history small.")
    def tidy() -> None:
        forget_old_runs()

    @dg.op
    def tell_people(context: dg.OpExecutionContext, runtime: dg.ResourceParam[Runtime]) -> None:
        """Tell people what began to need them, and what is over."""
        report = send_alerts(runtime.home, runtime.partners, runtime.environ, runtime.now())
        context.log.info("%d causes, %d messages", len(report.causes), len(report.told))
        if report.failed:
            raise dg.Failure("a message did not get there; the next watch tries again")

    @dg.job(description="Tell people what needs them, each cause once.")
    def watch() -> None:
        tell_people()

    running = status(settings.schedules)
    daily = dg.ScheduleDefinition(
        name="tidy_daily", job=tidy, cron_schedule=_DAILY, default_status=running
    )
    often = dg.ScheduleDefinition(
        name="watch_often", job=watch, cron_schedule=_EVERY_TEN_MINUTES, default_status=running
    )
    watched = bool(settings.alerts.to_env or settings.metrics.file)
    return dg.Definitions(
        jobs=[tidy, *([watch] if watched else [])],
        schedules=[daily, *([often] if watched else [])],
    )
