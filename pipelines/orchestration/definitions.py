"""The one place where the pipeline is assembled, for production and for tests."""

import os
import warnings
from datetime import UTC, datetime

import dagster as dg

from models.ocpi.modules import MODULES
from pipelines.config.home import Home, find_partners_file
from pipelines.config.loading import load_partners
from pipelines.config.partners import Partner, has_lists
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.asset_parts import main_table
from pipelines.orchestration.core_assets import core_asset, core_key
from pipelines.orchestration.downstream import downstream_definitions
from pipelines.orchestration.housekeeping import housekeeping
from pipelines.orchestration.landing_assets import landing_asset, modules_of
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import partner_timetable
from pipelines.orchestration.sensors import invoice_sensors, push_sensor


def build_defs(runtime: Runtime) -> dg.Definitions:
    """Assemble every asset, check, job and schedule for the partners of a runtime.

    `runtime`: what asset bodies are given; tests hand in one of their own.
    """
    settings = runtime.settings
    assets: list[dg.AssetsDefinition | dg.AssetSpec] = []
    for partner in runtime.partners.partners:
        assets += partner_assets(partner) if has_lists(partner) else pushed_assets(partner)
    core = [asset.key for asset in assets if asset.key.path[0] == "core"]
    return dg.Definitions.merge(
        dg.Definitions(
            assets=assets,
            resources={"runtime": runtime},
            # Steps are short and one of them writes at a time: a process for each would
            # cost seconds and gain nothing.
            executor=dg.in_process_executor,
        ),
        *(
            partner_timetable(partner, settings.schedules)
            for partner in runtime.partners.partners
            if has_lists(partner)
        ),
        downstream_definitions(core, settings),
        housekeeping(settings),
        dg.Definitions(sensors=[push_sensor(runtime), *invoice_sensors(runtime)]),
    )


def partner_assets(partner: Partner) -> list[dg.AssetsDefinition]:
    """Return the landing and core assets of one partner."""
    modules = modules_of(partner)
    return [landing_asset(partner, module) for module in modules] + [
        core_asset(partner, module) for module in modules
    ]


def pushed_assets(partner: Partner) -> list[dg.AssetSpec]:
    """Return the core tables of a partner that only pushes: the sensor says when they moved."""
    return [
        dg.AssetSpec(
            core_key(partner.name, module),
            group_name=partner.name,
            description=f"{main_table(module).description} Pushed by {partner.name}.",
        )
        for module in MODULES
    ]


# Dagster says of each young parameter, once an asset, that it is young: we chose them.
warnings.filterwarnings("ignore", category=dg.BetaWarning)


@dg.definitions
def defs() -> dg.Definitions:
    """Assemble the definitions of `dagster dev`; the environment names home and partners file."""
    home = Home.resolve(None, os.environ)
    home.create()
    partners = load_partners(find_partners_file(None, os.environ, home))
    return build_defs(Runtime(home, partners, os.environ, lambda: datetime.now(UTC), NoProgress()))
