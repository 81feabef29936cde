"""The sensor that settles again as files come into the folder of invoices."""

from __future__ import annotations

import dagster as dg

from pipelines.orchestration.downstream import derived_key
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import sensor_status
from pipelines.stages.settle.import_invoices import waiting_files
from pipelines.stages.settle.stage import SETTLEMENT

_EVERY_S = 60


def invoice_sensors(runtime: Runtime) -> list[dg.SensorDefinition]:
    """Return the sensor; none where the settings name no folder.

    Args:
        runtime: the home and its settings.
    """
    folder = runtime.settings.invoices.folder
    if folder is None:
        return []

    @dg.sensor(
        name="invoices",
        target=dg.AssetSelection.assets(derived_key(SETTLEMENT.name)).downstream(),
        minimum_interval_seconds=_EVERY_S,
        default_status=sensor_status(runtime.settings.schedules),
        description="Take in the invoices that lie in their folder, and settle again.",
    )
    def invoices(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        waiting = [(path.name, path.stat()) for path in waiting_files(folder)]
        if not waiting:
            return dg.SkipReason(f"{folder} is empty")
        # The same files ask once: those that settlement leaves there wait for the next run.
        return dg.RunRequest(
            run_key=", ".join(f"{name} {one.st_size} {one.st_mtime_ns}" for name, one in waiting)
        )

    return [invoices]
