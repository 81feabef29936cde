"""Papers that go out by themselves: the statement of a month and its dispute letters, each once."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from duckdb import DuckDBPyConnection as DuckDB

from models.errors import Refused
from models.settle.months import next_month
from models.settle.view import DecisionsView
from pipelines.alerts.send import people_of
from pipelines.config.home import Home, write_private
from pipelines.config.home_settings import DeliverySettings, load_settings
from pipelines.config.partners import Partners
from pipelines.exports.letter import letters
from pipelines.exports.statement import export_statement
from pipelines.stages.settle.dispute_queries import refuse_outdated, with_current_disputes
from pipelines.stages.settle.reading import read_document
from pipelines.stages.settle.workspace import Workspace
from pipelines.warehouse.snapshot import open_current

FILE: Final = "deliveries.json"
_LATE: Final = timedelta(days=31)
"""What was due longer ago is not sent: a delivery that is new would begin with years."""


@dataclass(frozen=True)
class Parcel:
    """The papers of one partner's month, for one place."""

    place: DeliverySettings
    partner: str
    month: str
    revision: int  # how often the month was reopened: then it goes out again

    @property
    def key(self) -> str:
        """The key by which it is remembered that this went out."""
        return f"{self.place.to} {self.partner} {self.month} {self.revision}"


@dataclass(frozen=True)
class Deliveries:
    """The outcome of looking for what has to go out."""

    sent: tuple[str, ...]  # partner and month, and where to
    waiting: tuple[str, ...]  # what did not get there, with why; it is tried again next time


def deliver_papers(
    home: Home,
    partners: Partners,
    environ: Mapping[str, str],
    now: datetime,
    *,
    only_say: bool = False,
) -> Deliveries:
    """Send the statements and letters that are due and did not go out yet.

    Args:
        home: the home directory.
        partners: the partners file, for who we are to each.
        environ: the environment, which holds the addresses.
        now: the clock, UTC.
        only_say: say what would go; send and remember nothing.

    Raises:
        ConfigError: settings cannot be used, or a variable that they name is not set.
        CompanyError: company.yaml cannot be used.
    """
    places = load_settings(home).deliveries
    con = open_current(home.serving) if places else None
    if con is None:
        return Deliveries((), ())
    path = home.path / FILE
    gone: list[str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    sent, waiting = [], []
    with con:
        workspace = Workspace(home, partners, con, lambda: now)
        view = workspace.decisions_view()
        for parcel in _due(con, view, places, now):
            if parcel.key in gone:
                continue
            what = f"{parcel.month} of {parcel.partner} to {parcel.place.to}"
            problem = "" if only_say else _try(parcel, workspace, view, environ)
            if problem:
                waiting.append(f"{what}: {problem}")
                continue
            sent.append(what)
            if not only_say:
                gone.append(parcel.key)
                write_private(path, json.dumps(gone, indent=1).encode())
    return Deliveries(tuple(sent), tuple(waiting))


def _due(
    con: DuckDB, view: DecisionsView, places: tuple[DeliverySettings, ...], now: datetime
) -> Iterator[Parcel]:
    rows = con.execute(
        "select distinct partner, month from settle.statements order by all"
    ).fetchall()
    for place in places:
        for partner, month in rows:
            at = _due_at(place, partner, month, view, now)
            asked = not place.partners or partner in place.partners
            if asked and at is not None and at <= now < at + _LATE:
                yield Parcel(place, partner, month, view.revision(partner, month))


def _due_at(
    place: DeliverySettings, partner: str, month: str, view: DecisionsView, now: datetime
) -> datetime | None:
    if place.after_days is not None:
        first = datetime.fromisoformat(f"{next_month(month)}-01").replace(tzinfo=now.tzinfo)
        return first + timedelta(days=place.after_days)
    settlement = view.months.get((partner, month))
    return settlement.history[-1].at if settlement is not None and settlement.locked else None


def _try(
    parcel: Parcel, workspace: Workspace, view: DecisionsView, environ: Mapping[str, str]
) -> str:
    """Make the papers and send them; return why not, empty where they arrived."""
    try:
        files = _papers(parcel, workspace, view)
        if parcel.place.to.startswith("/"):
            _put(Path(parcel.place.to) / parcel.month, files)
            return ""
    except (Refused, OSError) as error:
        return str(error)
    return "" if _mail(parcel, files, environ) else "it did not get there"


def _papers(parcel: Parcel, workspace: Workspace, view: DecisionsView) -> dict[str, bytes]:
    document = read_document(workspace.con, parcel.partner, parcel.month)
    refuse_outdated(document, view)
    today = workspace.now().date()
    paperwork = workspace.paperwork(parcel.partner, parcel.month, view, today)
    name = f"{parcel.month}-{parcel.partner}"
    files = {
        f"{name}-statement.{kind}": export_statement(document, kind, paperwork)
        for kind in parcel.place.formats
    }
    if parcel.place.letters:
        current = with_current_disputes(document, view)
        for suffix, pdf, csv in letters(current, paperwork.letterhead, today, paperwork.own_party):
            files[f"{name}-letter{suffix}.pdf"] = pdf
            files[f"{name}-letter{suffix}.csv"] = csv
    return files


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        write_private(folder / name, data)


def _mail(parcel: Parcel, files: Mapping[str, bytes], environ: Mapping[str, str]) -> bool:
    people = people_of("deliveries.to", (parcel.place.to,), environ)
    with tempfile.TemporaryDirectory() as folder:
        _put(Path(folder), files)
        return bool(
            people.notify(
                body_format="text",
                title=f"Statement of {parcel.partner} for {parcel.month}",
                body="\n".join(files),
                attach=[str(Path(folder) / name) for name in files],
            )
        )
