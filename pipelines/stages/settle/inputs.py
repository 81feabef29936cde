"""Inputs of settlement that the warehouse does not hold, as relations alongside its tables."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.contract import Contract, contract_spans
from models.money import minor_unit_decimals
from models.ocpi.values.countries import ALPHA2_OF
from models.recon.vat import STANDARD_RATES
from models.settle.disputes import Dispute
from models.settle.fx import FxTable
from models.settle.months import posting_month
from models.settle.view import DecisionsView
from models.tables import BY_NAME
from models.tables.kinds import INSTANT
from pipelines.warehouse.sql_files import fetch_frame, query, registered

CDR_KEY = ("partner", "country_code", "party_id", "id")
_SUPERSEDED = (*CDR_KEY, "by_partner", "by_id")


@dataclass(frozen=True)
class Terms:
    """The terms that a settlement goes by."""

    contracts: Mapping[str, Contract]  # partner → terms, for each partner of the partners file
    decisions: DecisionsView  # what people decided: disputes, closes, what locked months hold
    fx: FxTable  # exchange rates and the reporting currency
    # partner → our own parties there; their CDRs are what we claim
    own_parties: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    left: frozenset[str] = frozenset()  # the partners that are no longer in the partners file
    # CDRs of those, each with the same object as another partner brings it (`find_superseded`)
    superseded: pl.DataFrame = field(default_factory=lambda: text_frame(_SUPERSEDED, []))

    def key(self, dispute: Dispute) -> str:
        """Return the key of what a dispute is about, as the thing is known now."""
        if dispute.subject == "invoice":
            return "/".join(self.named_now(*dispute.key.split("/", 3)))
        about_a_cdr = dispute.subject in ("cdr", "vat")
        return self._renamed.get(dispute.key.lower(), dispute.key) if about_a_cdr else dispute.key

    def named_now(
        self, partner: str, country_code: str, party_id: str, number: str
    ) -> tuple[str, str, str, str]:
        """Return the key of an invoice under the name that its partner has now."""
        now = self.names_now.get((partner, country_code, party_id), partner)
        return now, country_code, party_id, number

    @cached_property
    def names_now(self) -> dict[tuple[str, str, str], str]:
        """Whoever brings most of the same CDRs now, for each party of partners that left."""
        party = ("partner", "country_code", "party_id")
        brought = self.superseded.group_by(*party, "by_partner").len()
        ordered = brought.sort("len", "by_partner", descending=[False, True])
        return {tuple(key): by_partner for *key, by_partner, _ in ordered.iter_rows()}

    @cached_property
    def _renamed(self) -> dict[str, str]:
        return {
            "/".join((partner, country, party, cdr_id)).lower(): "/".join(
                (by_partner, country, party, by_id)
            )
            for partner, country, party, cdr_id, by_partner, by_id in self.superseded.iter_rows()
        }


def find_superseded(con: DuckDB, left: frozenset[str]) -> pl.DataFrame:
    """Return the CDRs that a partner in the partners file brings, too, of those that left it.

    `left`: the partners that are no longer in the partners file.
    """
    if not left:
        return text_frame(_SUPERSEDED, [])
    return fetch_frame(con, query("settle", "superseded"), {"former": sorted(left)})


@contextmanager
def registered_inputs(con: DuckDB, terms: Terms) -> Iterator[None]:
    """Register the terms as relations `settle_…` while queries need them."""
    decisions = terms.decisions
    minor_units = _minor_units(con, terms.fx.reporting_currency)
    frames = {
        "settle_terms": text_frame(
            ("partner", "time_zone", "month_basis"),
            [(name, c.time_zone, c.month_basis) for name, c in sorted(terms.contracts.items())],
        ),
        "settle_month_terms": _month_terms(terms.contracts),
        "settle_own": _own_parties(terms.own_parties),
        "settle_countries": text_frame(("alpha3", "alpha2"), sorted(ALPHA2_OF.items())),
        "settle_standard_rates": _standard_rates(),
        "settle_posting": decisions.posting(),
        "settle_former_posting": _former_posting(terms),
        "settle_months": text_frame(
            ("partner", "month", "status"),
            [(p.partner, p.month, p.state) for _, p in sorted(decisions.months.items())],
        ),
        "settle_locked": text_frame(
            ("partner", "month"), sorted(key for key, p in decisions.months.items() if p.locked)
        ),
        "settle_locks": _locks(decisions),
        "settle_resolutions": _resolutions(terms),
        "settle_decided": _decided_disputes(terms),
        "settle_left": text_frame(("partner",), [(partner,) for partner in sorted(terms.left)]),
        "settle_superseded": terms.superseded,
        "settle_renamed": text_frame(
            ("partner", "country_code", "party_id", "by_partner"),
            [(*party, name) for party, name in sorted(terms.names_now.items())],
        ),
        "settle_quotes": terms.fx.only(set(minor_units["currency"])).relation,
        "settle_minor_units": minor_units,
    }
    with registered(con, **frames):
        yield


def _former_posting(terms: Terms) -> pl.DataFrame:
    """Return where charges go that came after their month was locked under a former name.

    That month is closed for the party under every name: what is new posts to the first month that
    is locked under none.
    """
    months = terms.decisions.months.values()
    closed: dict[tuple[str, ...], dict[str, datetime | None]] = {}
    for (former, *party), partner in sorted(terms.names_now.items()):
        before = {p.month: p.landed_until_at for p in months if p.partner == former and p.locked}
        closed.setdefault((partner, *party), {}).update(before)
    rows = [
        (*key, month, posting_month(month, terms.decisions.locked(key[0]) | locks.keys()), until_at)
        for key, locks in closed.items()
        for month, until_at in sorted(locks.items())
    ]
    names = ("partner", "country_code", "party_id", "natural_month", "posting_month")
    schema = {**dict.fromkeys(names, pl.String()), "until_at": INSTANT}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _locks(decisions: DecisionsView) -> pl.DataFrame:
    """Return until when pages had landed as each locked month was locked."""
    rows = [
        (p.partner, p.month, p.landed_until_at)
        for _, p in sorted(decisions.months.items())
        if p.landed_until_at is not None
    ]
    schema = {"partner": pl.String(), "month": pl.String(), "until_at": INSTANT}
    return pl.DataFrame(rows, schema=schema, orient="row")


def resolved_disputes(decisions: DecisionsView) -> list[Dispute]:
    """Return the disputes that we let go or the partner gave up, in order."""
    found = decisions.disputes.values()
    return sorted((d for d in found if d.resolution), key=lambda dispute: dispute.dispute_id)


def text_frame(names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> pl.DataFrame:
    """Return a frame of texts."""
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")


def _month_terms(contracts: Mapping[str, Contract]) -> pl.DataFrame:
    """Return what of each contract holds for the statements of which months."""
    rows = [
        (
            *(span.partner, span.from_month, span.until_month),
            *(span.contract.billing, span.contract.reverse_charge),
            *(span.contract.tolerance.absolute, span.contract.tolerance.relative),
        )
        for span in contract_spans(contracts)
    ]
    schema = {
        **dict.fromkeys(("partner", "from_month", "until_month", "billing"), pl.String()),
        "reverse_charge": pl.Boolean(),
        "tolerance_absolute": pl.Decimal(18, 6),
        "tolerance_relative": pl.Decimal(10, 9),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _own_parties(own_parties: Mapping[str, frozenset[tuple[str, str]]]) -> pl.DataFrame:
    rows = [
        (partner, *party)
        for partner in sorted(own_parties)
        for party in sorted(own_parties[partner])
    ]
    return text_frame(("partner", "country_code", "party_id"), rows)


def _standard_rates() -> pl.DataFrame:
    """Return the VAT on public charging by country (alpha-2), from a day until before another."""
    rows = []
    for country, known in STANDARD_RATES.items():
        starts = [date.fromisoformat(first) for first, _ in known]
        for (_, percent), start, end in zip(known, starts, [*starts[1:], date.max], strict=True):
            rows.append((ALPHA2_OF[country], start, end, percent))
    schema = {"country": pl.String(), "first_on": pl.Date(), "until_on": pl.Date()}
    return pl.DataFrame(
        rows, schema={**schema, "vat_rate": pl.String()}, orient="row"
    ).with_columns(pl.col("vat_rate").cast(pl.Decimal(18, 6)))


def _resolutions(terms: Terms) -> pl.DataFrame:
    """Return what resolved disputes let go: whose, of which amount, for which rules."""
    rows = [
        (
            *(dispute.dispute_id, *terms.key(dispute).split("/", 3), dispute.subject),
            *(dispute.resolution, dispute.resolved_excl_vat, dispute.resolved_rules),
        )
        for dispute in resolved_disputes(terms.decisions)
    ]
    names = ("dispute_id", *CDR_KEY, "subject", "resolution")
    schema = {
        **dict.fromkeys(names, pl.String()),
        "amount_excl_vat": pl.Decimal(18, 6),
        "rules": pl.List(pl.String()),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _decided_disputes(terms: Terms) -> pl.DataFrame:
    kinds = {column.name: column.dtype for column in BY_NAME["settle.disputes"].columns}
    names = (
        *("dispute_id", "partner", "country_code", "party_id", "subject", "subject_id"),
        *("state", "reason_code", "opened_excl_vat", "currency", "owner", "due_on"),
        "sent_on",
        *("changed_at", "changed_by"),
    )
    rows = [
        _decided_row(dispute, terms.key(dispute))
        for _, dispute in sorted(terms.decisions.disputes.items())
    ]
    schema = {name: kinds[name] for name in names}
    schema |= {"opened_at": kinds["changed_at"], "resolved": pl.Boolean()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _decided_row(dispute: Dispute, key: str) -> tuple[object, ...]:
    partner, country_code, party_id, subject_id = key.split("/", 3)
    last = dispute.history[-1]
    return (
        *(dispute.dispute_id, partner, country_code, party_id, dispute.subject, subject_id),
        *(dispute.state, dispute.reason_code, dispute.amount_excl_vat, dispute.currency),
        *(dispute.owner, dispute.due_on, dispute.sent_on, last.at, last.who, dispute.history[0].at),
        dispute.resolution is not None,
    )


def _minor_units(con: DuckDB, reporting_currency: str) -> pl.DataFrame:
    """Return the decimals of each currency that anything is stated in."""
    found = con.execute(
        "select currency from core.cdrs union select currency from core.sessions "
        "union select currency from core.tariffs"
    ).fetchall()
    named = {currency for (currency,) in found if currency} | {reporting_currency}
    return pl.DataFrame(
        [(currency, minor_unit_decimals(currency)) for currency in sorted(named)],
        schema={"currency": pl.String(), "decimals": pl.Int32()},
        orient="row",
    )
