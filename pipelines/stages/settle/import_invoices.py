"""Taking in partners' invoices: whose a file is, what it says, and the decision that keeps it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.settle.decisions import Event, IllegalDecision
from models.settle.imports import ANNEXED, IMPORTED, InvoiceImport, apply, fold, stream_of
from models.settle.received import ReceivedInvoice, UnreadableInvoice
from pipelines.decisions.store import DecisionsStore
from pipelines.exports.company import Letterhead
from pipelines.invoices.annex import annex_lines, complete_columns
from pipelines.invoices.reading import SHEETS, format_of, read_document, typed_invoice
from pipelines.invoices.sheet import read_sheet
from pipelines.invoices.store import invoice_store
from pipelines.stages.settle import query
from pipelines.warehouse.sql_files import registered

Party = tuple[str, str, str]
_TAKEN, _REFUSED, _REASON = "taken", "refused", ".reason.txt"
_WATCHED = "watched folder"


@dataclass(frozen=True)
class Offered:
    """A file that a person wants to take in."""

    name: str  # of the file
    data: bytes  # its bytes

    @property
    def sha256(self) -> str:
        """Return what identifies its bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Said:
    """Facts that a person gives with the files."""

    partner: str | None = None  # whose invoices they are; None: the invoices say it
    # `(country_code, party_id)` of whoever invoices; None: likewise
    party: tuple[str, str] | None = None
    number: str | None = None  # of the invoice that sheets belong to
    month: str | None = None  # that it is about
    # typed values, by field; see `typed_invoice`
    head: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)  # of sheets, field → column


@dataclass(frozen=True)
class Step:
    """One decision to take, and the file that it keeps."""

    stream: str
    name: str
    data: Mapping[str, str]
    file: Offered | None


@dataclass(frozen=True)
class Intake:
    """Everything that taking files in rests on."""

    con: DuckDB  # the published tables
    letterhead: Letterhead  # who counterparties are
    zones: Mapping[str, str]  # partner → the time zone of its contract
    invoices: Sequence[InvoiceImport]  # what was taken in before

    def prepare(self, files: Sequence[Offered], said: Said) -> list[Step]:
        """Return the decisions that take the files in.

        Args:
            files: documents and sheets; sheets belong to the one document among them, or to the
                invoice that `said.number` names, or make an invoice with what was typed in.
            said: what the person says with them.

        Raises:
            UnreadableInvoice: a file cannot be read, or it is not clear whose or what it is; the
                message names the file.
        """
        documents: list[tuple[Offered, str]] = []
        sheets: list[tuple[Offered, str]] = []
        for file in files:
            with _naming(file.name):
                kind = format_of(file.data)
            (sheets if kind in SHEETS else documents).append((file, kind))
        steps = [self._document(file, kind, said) for file, kind in documents]
        if len(steps) > 1 and sheets:
            raise UnreadableInvoice("several invoices and sheets: take each in with its own sheets")
        if sheets:
            return self._with_sheets(steps, sheets, said)
        return steps or [self._typed(said)]

    def _document(self, file: Offered, kind: str, said: Said) -> Step:
        with _naming(file.name):
            document = read_document(file.data, kind)
            party = self._party(document, said)
        data = {"sha256": file.sha256, "file": file.name, "format": kind}
        return _step(IMPORTED, party, document.number, data, said, file)

    def _typed(self, said: Said) -> Step:
        typed_invoice(_number(said), _checked(said.head), None)
        head = {"head": json.dumps(dict(said.head), sort_keys=True)}
        return _step(IMPORTED, self._party_said(said), _number(said), head, said, None)

    def _with_sheets(
        self, documents: list[Step], sheets: Sequence[tuple[Offered, str]], said: Said
    ) -> list[Step]:
        """Return the decisions with those for sheets: annexes, or an invoice of what was typed."""
        steps = list(documents)
        before = self._before(said)
        party = _party_of(documents[0].stream) if documents else before.key[:3] if before else None
        number = documents[0].stream.split("/", 3)[3] if documents else _number(said)
        for file, kind in sheets:
            with _naming(file.name):
                sheet = read_sheet(file.data, kind)
                partner = party[0] if party else said.partner or ""
                zone = self.zones.get(partner, "UTC")
                columns = complete_columns(sheet, said.columns, self._learned(partner), zone)
                lines = annex_lines(sheet, columns)
                party = party or self._party_of_lines(lines, said)
            data = {"sha256": file.sha256, "file": file.name, "format": kind}
            data["columns"] = json.dumps(columns, sort_keys=True)
            if steps or before:
                steps.append(_step(ANNEXED, party, number, data, said, file))
                continue
            typed_invoice(number, _checked(said.head), lines)
            data["head"] = json.dumps(dict(said.head), sort_keys=True)
            steps.append(_step(IMPORTED, party, number, data, said, file))
        return steps

    def _before(self, said: Said) -> InvoiceImport | None:
        found = [
            one
            for one in self.invoices
            if one.number == said.number and said.partner in (None, one.partner)
        ]
        return found[0] if len(found) == 1 and not said.head else None

    def _learned(self, partner: str | None) -> Mapping[str, str]:
        """Return the mapping of the partner's newest sheet."""
        sheets = [
            file.columns
            for one in self.invoices
            if one.partner == partner
            for file in one.files
            if file.columns
        ]
        return sheets[-1] if sheets else {}

    def _party(self, document: ReceivedInvoice, said: Said) -> Party:
        """Return who invoices: as said, else by the seller's VAT number, else by the CDRs."""
        if said.partner and said.party:
            return (said.partner, *said.party)
        by_vat = self._party_of_seller(document.seller_vat_id, said.partner)
        return by_vat or self._party_of_lines(document.lines, said)

    def _party_of_seller(self, vat_id: str | None, partner: str | None) -> Party | None:
        if vat_id is None:
            return None
        bare = vat_id.replace(" ", "").upper()
        named = {
            tuple(party.split("/", 1))
            for party, details in self.letterhead.counterparties.items()
            if details.vat_id and details.vat_id.replace(" ", "").upper() == bare
        }
        rows = self.con.execute(
            "select distinct partner, country_code, party_id from settle.statements "
            "where direction = 'payable' and ($partner is null or partner = $partner)",
            {"partner": partner},
        ).fetchall()
        found = [row for row in rows if (row[1], row[2]) in named]
        return found[0] if len(found) == 1 else None

    def _party_of_lines(self, lines: pl.DataFrame, said: Said) -> Party:
        """Return the party whose CDRs the lines name; else the only one of the partner.

        Raises:
            UnreadableInvoice: nobody can tell.
        """
        texts = (lines["cdr_reference"], lines["session_reference"])
        words = pl.concat([*texts, lines["other_references"].explode()])
        named = words.drop_nulls().unique().to_frame("word")
        with registered(self.con, invoice_words=named):
            rows = self.con.execute(
                query("find_invoice_party"), {"partner": said.partner}
            ).fetchall()
        if rows and (len(rows) == 1 or rows[0][3] > rows[1][3]):
            return (rows[0][0], rows[0][1], rows[0][2])
        return self._party_said(said)

    def _party_said(self, said: Said) -> Party:
        if said.partner and said.party:
            return (said.partner, *said.party)
        if said.partner is None:
            raise UnreadableInvoice("whose invoice is it? name the partner (--partner)")
        rows = self.con.execute(
            "select distinct country_code, party_id from settle.statements "
            "where partner = ? and direction = 'payable' order by all",
            [said.partner],
        ).fetchall()
        if len(rows) == 1:
            return (said.partner, *rows[0])
        known = ", ".join("/".join(row) for row in rows) or "none that claims anything"
        raise UnreadableInvoice(f"which party invoices (--party)? {said.partner} has {known}")


def _number(said: Said) -> str:
    if said.number is None:
        raise UnreadableInvoice("which invoice is it? give its number (--number)")
    return said.number


def _party_of(stream: str) -> Party:
    partner, country_code, party_id, _ = stream.split("/", 3)
    return partner, country_code, party_id


def candidates(
    invoices: Sequence[InvoiceImport], steps: Sequence[Step], at: datetime, who: str
) -> list[InvoiceImport]:
    """Return the imports as they would be after the steps, for a look before anything is kept.

    Raises:
        IllegalDecision: a step cannot follow what is there.
    """
    found = {stream_of(one.key): one for one in invoices}
    order = max((one.order for one in invoices), default=0)
    for step in steps:
        order += 1
        before = found.get(step.stream) or fold(step.stream, ())
        event = Event("invoice", step.stream, step.name, who, at, step.data, order)
        found[step.stream] = apply(before, event)
    return sorted(found.values(), key=lambda one: one.order)


def _step(
    name: str, party: Party, number: str, data: Mapping[str, str], said: Said, file: Offered | None
) -> Step:
    month = {"month": said.month} if said.month else {}
    return Step(stream_of((*party, number)), name, {**data, **month}, file)


def _checked(head: Mapping[str, str]) -> Mapping[str, str]:
    missing = [name for name in ("issued_on", "currency") if name not in head]
    if missing:
        raise UnreadableInvoice(
            "no document says when it was issued and in which currency (--issued, --currency)"
        )
    return head


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Name the file that cannot be read."""
    try:
        yield
    except UnreadableInvoice as error:
        raise UnreadableInvoice(f"{name}: {error}") from None


def keep(landing: Path, store: DecisionsStore, steps: Sequence[Step], who: str) -> None:
    """Keep the files as received, then the decisions that name them."""
    kept = invoice_store(landing)
    for step in steps:
        if step.file is not None:
            kept.put(step.file.data)
    kept.sync()
    store.take_in([(step.stream, step.name, step.data) for step in steps], who)


def take_in_folder(intake: Intake, folder: Path, landing: Path, store: DecisionsStore) -> None:
    """Take in every file of a folder as an invoice, each by itself.

    What is taken in moves to `taken` there. A file that cannot be read, or that does not say whose
    it is, moves to `refused` with its reason in a text file beside it.

    Args:
        intake: what the files are read by.
        folder: where they are; whoever puts one there moves it in whole.
        landing: where they are kept.
        store: where the decisions are.
    """
    for path in waiting_files(folder):
        known = replace(intake, invoices=store.view().invoices)
        file = Offered(path.name, path.read_bytes())
        try:
            # One that was killed before it moved the file has taken it in all the same.
            if not any(file.sha256 == kept.sha256 for one in known.invoices for kept in one.files):
                keep(landing, store, known.prepare([file], Said()), _WATCHED)
        except (UnreadableInvoice, IllegalDecision) as error:
            refused = folder / _REFUSED
            refused.mkdir(exist_ok=True)
            (refused / f"{path.name}{_REASON}").write_text(f"{error}\n", encoding="utf-8")
            path.replace(refused / path.name)
        else:
            taken = folder / _TAKEN
            taken.mkdir(exist_ok=True)
            path.replace(taken / path.name)


def waiting_files(folder: Path) -> list[Path]:
    """Return the files of a watched folder that wait to be taken in, by their names."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def set_aside(folder: Path) -> list[str]:
    """Return the names of the files in a watched folder that could not be taken in."""
    refused = folder / _REFUSED
    found = refused.iterdir() if refused.is_dir() else ()
    return sorted(path.name for path in found if not path.name.endswith(_REASON))
