"""`settings.yaml` in the home directory: how the home is run and kept. All of it is optional.

Each field's description is also its line in `docs/settings.md`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.settle.approvals import Approvals
from pipelines.config.addresses import LakeFolder, PostgresUrl, Url
from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import Home
from pipelines.config.loading import describe, explain
from pipelines.config.values import (
    Amount,
    Copies,
    Days,
    Destination,
    FilePath,
    Retention,
    Retries,
    TableName,
    Text,
    TimeOfDay,
    Variable,
)
from pipelines.config.yaml_nodes import Mapping, Scalar, read_yaml_file, without_places


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScheduleSettings(_Keys):
    """`schedules`: what runs by itself under `dagster dev` or Dagster's daemon."""

    enabled: bool = Field(
        default=True, description="whether schedules and sensors run from the start"
    )
    retries: Retries = Field(
        default=2, description="how often a run that was lost, such as by a restart, is asked again"
    )


class RetentionSettings(_Keys):
    """`retention`: what `roamhouse prune` removes, and when."""

    landing: Retention = Field(
        default=None, description="how long landed pages are kept; the newest full pulls stay"
    )
    history: Retention = Field(
        default=timedelta(days=7), description="how long Dagster remembers a run"
    )
    snapshots: Copies = Field(default=3, description="how many published snapshots stay")
    lake: Retention = Field(
        default=timedelta(days=7), description="how long earlier states of a lake can be read"
    )


class PublishSettings(_Keys):
    """`publish`: a place that gets the tables of every new snapshot."""

    to: Text = Field(description="a folder, or s3://bucket/folder")
    format: Literal["parquet", "csv"] = Field(default="parquet", description="parquet or csv")
    tables: tuple[TableName, ...] = Field(
        default=(), description="tables, as core.cdrs, or stages, as mart; default: all"
    )


AlertKind = Literal[
    "partner_failing",
    "list_incomplete",
    "partner_stale",
    "removals_withheld",
    "volume_drop",
    "sessions_in_doubt",
    "numbers_missing",
    "objects_refused",
    "tariffs_missing",
    "dispute_escalation",
    "dispute_overdue",
    "dispute_unsent",
    "dispute_undecided",
    "money_in_doubt",
    "tolerance_exceeded",
    "month_unlocked",
    "rates_missing",
    "run_failed",
    "invoice_set_aside",
    "disk_filling",
]


class AlertSettings(_Keys):
    """`alerts`: who is told what needs a person."""

    to_env: tuple[Variable, ...] = Field(
        default=(), description="names of variables that hold the addresses to send to"
    )
    link: Url | None = Field(
        default=None, description="address of the dashboards, for links in messages"
    )
    quiet: tuple[AlertKind, ...] = Field(
        default=("tariffs_missing", "dispute_unsent", "dispute_undecided"),
        description="kinds that nobody is told of",
    )
    digest_at: TimeOfDay | None = Field(
        default=None, description="time of day, UTC, of one message for all; default: as they come"
    )
    urgent: tuple[AlertKind, ...] = Field(
        default=("partner_failing", "run_failed", "disk_filling"),
        description="kinds that do not wait for the digest",
    )
    money_above: Amount | None = Field(
        default=None, description="money in doubt at one partner, in any currency, worth a word"
    )


class MetricSettings(_Keys):
    """`metrics`: figures for a monitoring of your own."""

    file: FilePath | None = Field(
        default=None, description="file for Prometheus's node exporter, as its text files are"
    )


class InvoiceSettings(_Keys):
    """`invoices`: where partners' invoices come in."""

    folder: FilePath | None = Field(
        default=None, description="folder whose files every settlement takes in as invoices"
    )


class DeliverySettings(_Keys):
    """`deliveries`: statements and dispute letters that go out by themselves."""

    to: Destination = Field(description="a folder, or the variable that holds the addresses")
    partners: tuple[Text, ...] = Field(default=(), description="whose months; default: all")
    formats: tuple[Literal["pdf", "xlsx", "csv"], ...] = Field(
        default=("pdf", "xlsx"), description="of the statement: pdf, xlsx, csv"
    )
    letters: bool = Field(default=True, description="whether dispute letters go along")
    after_days: Days | None = Field(
        default=None, description="days after the month's end; default: when it is locked"
    )


class WarehouseSettings(_Keys):
    """`warehouse`: a lake in the place of the file."""

    ducklake: PostgresUrl = Field(
        description="catalogue, postgres://user@host:5432/database; the password is PGPASSWORD's"
    )
    data: LakeFolder = Field(
        description="folder, or s3://bucket/folder, where its rows are kept, as Parquet"
    )


class ApprovalSettings(_Keys):
    """`approvals`: what one person may not decide alone."""

    lock: bool = Field(
        default=False, description="whether a month is locked by another than who signed it off"
    )
    write_off_above: Amount | None = Field(
        default=None,
        description="amount of a dispute, in its currency, above which another person approves",
    )

    def policy(self) -> Approvals:
        """Return what the store of decisions asks for."""
        return Approvals(self.lock, self.write_off_above)


class HomeSettings(_Keys):
    """The whole file."""

    schedules: ScheduleSettings = Field(
        default=ScheduleSettings(), description="what runs by itself"
    )
    retention: RetentionSettings = Field(
        default=RetentionSettings(), description="how long things are kept"
    )
    alerts: AlertSettings = Field(
        default=AlertSettings(), description="who is told what needs a person"
    )
    metrics: MetricSettings = Field(
        default=MetricSettings(), description="figures for a monitoring of your own"
    )
    approvals: ApprovalSettings = Field(
        default=ApprovalSettings(), description="what one person may not decide alone"
    )
    invoices: InvoiceSettings = Field(
        default=InvoiceSettings(), description="where partners' invoices come in"
    )
    deliveries: tuple[DeliverySettings, ...] = Field(
        default=(), description="statements and letters that go out by themselves"
    )
    publish: tuple[PublishSettings, ...] = Field(
        default=(), description="places that get the tables of every new snapshot"
    )
    warehouse: WarehouseSettings | None = Field(
        default=None, description="a lake in the place of the file; none: the file"
    )


def load_settings(home: Home) -> HomeSettings:
    """Read and check a home's settings; the defaults where there are none.

    Raises:
        ConfigError: with every problem of the file.
    """
    if not home.settings.exists():
        return HomeSettings()
    where = str(home.settings)
    root = read_yaml_file(home.settings, "a settings file", missing="it went while it was read")
    if isinstance(root, Scalar) and root.text is None:
        return HomeSettings()
    if not isinstance(root, Mapping):
        known = ", ".join(HomeSettings.model_fields)
        message = f"expected the keys {known}, found {describe(root)}"
        raise ConfigError([Problem(where, message, root.line)])
    try:
        return HomeSettings.model_validate(without_places(root))
    except ValidationError as error:
        problems = (explain(detail, root, HomeSettings, where) for detail in error.errors())
        raise ConfigError(sorted(problems, key=lambda problem: problem.line or 0)) from None
