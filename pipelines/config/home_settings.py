"""`settings.yaml` in the home directory: how the home is run and kept. All of it is optional.

Each field's description is also its line in `docs/settings.md`.
"""

from datetime import timedelta
from typing import Final, Literal

from pydantic import Field, ValidationError

from models.keys import Keys, key
from models.settle.approvals import Approvals
from pipelines.config.addresses import LakeFolder, PostgresUrl, Store, Url
from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import Home
from pipelines.config.loading import describe, explain
from pipelines.config.values import (
    Amount,
    Copies,
    Days,
    Destination,
    FilePath,
    Memory,
    Retention,
    Retries,
    TableName,
    Text,
    TimeOfDay,
    Variable,
)
from pipelines.config.yaml_nodes import Mapping, Scalar, read_yaml_file, without_places

MEMORY: Final = 2 << 30
"""Bytes that the database may use where nothing else is said."""


class ScheduleSettings(Keys):
    """`schedules`: what runs by itself under `dagster dev` or Dagster's daemon."""

    enabled: bool = key(True, "whether schedules and sensors run from the start")
    retries: Retries = key(2, "how often a run that was lost, such as by a restart, is asked again")


class RetentionSettings(Keys):
    """`retention`: what `roamhouse prune` removes, and when."""

    landing: Retention = key(None, "how long landed pages are kept; the newest full pulls stay")
    history: Retention = key(timedelta(days=7), "how long Dagster remembers a run")
    snapshots: Copies = key(3, "how many published snapshots stay")
    lake: Retention = key(timedelta(days=7), "how long earlier states of a lake can be read")


class PublishSettings(Keys):
    """`publish`: a place that gets the tables of every new snapshot."""

    to: Text = Field(description="a folder, or s3://bucket/folder")
    format: Literal["parquet", "csv"] = key("parquet", "parquet or csv")
    tables: tuple[TableName, ...] = key(
        (), "tables, as core.cdrs, or stages, as mart; default: all"
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


class AlertSettings(Keys):
    """`alerts`: who is told what needs a person."""

    to_env: tuple[Variable, ...] = key((), "names of variables that hold the addresses to send to")
    link: Url | None = key(None, "address of the dashboards, for links in messages")
    quiet: tuple[AlertKind, ...] = key(
        ("tariffs_missing", "dispute_unsent", "dispute_undecided"), "kinds that nobody is told of"
    )
    digest_at: TimeOfDay | None = key(
        None, "time of day, UTC, of one message for all; default: as they come"
    )
    urgent: tuple[AlertKind, ...] = key(
        ("partner_failing", "run_failed", "disk_filling"), "kinds that do not wait for the digest"
    )
    money_above: Amount | None = key(
        None, "money in doubt at one partner, in any currency, worth a word"
    )


class MetricSettings(Keys):
    """`metrics`: figures for a monitoring of your own."""

    file: FilePath | None = key(None, "file for Prometheus's node exporter, as its text files are")


class InvoiceSettings(Keys):
    """`invoices`: where partners' invoices come in."""

    folder: FilePath | None = key(None, "folder whose files every settlement takes in as invoices")


class DeliverySettings(Keys):
    """`deliveries`: statements and dispute letters that go out by themselves."""

    to: Destination = Field(description="a folder, or the variable that holds the addresses")
    partners: tuple[Text, ...] = key((), "whose months; default: all")
    formats: tuple[Literal["pdf", "xlsx", "csv"], ...] = key(
        ("pdf", "xlsx"), "of the statement: pdf, xlsx, csv"
    )
    letters: bool = key(True, "whether dispute letters go along")
    after_days: Days | None = key(None, "days after the month's end; default: when it is locked")


class WarehouseSettings(Keys):
    """`warehouse`: a lake in the place of the file."""

    ducklake: PostgresUrl = Field(
        description="catalogue, postgres://user@host:5432/database; the password is PGPASSWORD's"
    )
    data: LakeFolder = Field(
        description="folder, or s3://bucket/folder, where its rows are kept, as Parquet"
    )


class ApprovalSettings(Keys):
    """`approvals`: what one person may not decide alone."""

    lock: bool = key(False, "whether a month is locked by another than who signed it off")
    write_off_above: Amount | None = key(
        None, "amount of a dispute, in its currency, above which another person approves"
    )

    def policy(self) -> Approvals:
        """Return what the store of decisions asks for."""
        return Approvals(self.lock, self.write_off_above)


class HomeSettings(Keys):
    """The whole file."""

    schedules: ScheduleSettings = key(ScheduleSettings(), "what runs by itself")
    retention: RetentionSettings = key(RetentionSettings(), "how long things are kept")
    alerts: AlertSettings = key(AlertSettings(), "who is told what needs a person")
    metrics: MetricSettings = key(MetricSettings(), "figures for a monitoring of your own")
    approvals: ApprovalSettings = key(ApprovalSettings(), "what one person may not decide alone")
    invoices: InvoiceSettings = key(InvoiceSettings(), "where partners' invoices come in")
    deliveries: tuple[DeliverySettings, ...] = key(
        (), "statements and letters that go out by themselves"
    )
    publish: tuple[PublishSettings, ...] = key(
        (), "places that get the tables of every new snapshot"
    )
    warehouse: WarehouseSettings | None = key(
        None, "a lake in the place of the file; none: the file"
    )
    memory: Memory = key(MEMORY, "what the database may use of memory before it takes to the disk")
    decisions: PostgresUrl | None = key(
        None,
        "PostgreSQL database of the decisions, as the catalogue; none: a file in the home",
    )
    landing: Store | None = key(
        None, "object store of the landed pages, s3://bucket/folder; none: the folder in the home"
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
