"""Names and addresses of us and our counterparties: `company.yaml` in the home directory.

Everything in it is optional; without it documents carry party ids for names, and no invoice can
be made, since the law wants a name, a country and a VAT number on one.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from models.errors import Unusable
from models.settle.invoice import TradeParty
from models.tables.ledger import ACCOUNTS

FILE_NAME = "company.yaml"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class CompanyError(Unusable):
    """The file cannot be used; the message names every problem and where it is."""


def _percentage(value: object) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,2})?", str(value)):
        raise ValueError("a percentage such as 21 or 5.5")
    return Decimal(str(value))


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Endpoint(_Keys):
    """An electronic address: its scheme (Peppol EAS code) and id."""

    scheme: Annotated[str, StringConstraints(pattern="^[0-9]{4}$")]
    id: Text


class Details(_Keys):
    """A company as it stands on paper."""

    name: Text | None = None
    street: Text | None = None
    postal_code: Text | None = None
    city: Text | None = None
    country: Country | None = None
    vat_id: Text | None = None
    registration_id: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    iban: Text | None = None
    bic: Text | None = None
    endpoint: Endpoint | None = None

    def as_party(self, name: str, country: str) -> TradeParty:
        """As a party of a document; `name` and `country` where the file does not say."""
        named = {"name": self.name or name, "country": self.country or country}
        endpoint = (self.endpoint.scheme, self.endpoint.id) if self.endpoint else None
        return TradeParty(**{**dict(self), **named, "endpoint": endpoint})


def _rate(value: object) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,11}(\.[0-9]{1,6})?", str(value)) or not Decimal(str(value)):
        raise ValueError("units of the currency for one euro, such as 44.15")
    return Decimal(str(value))


Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Rate = Annotated[Decimal, BeforeValidator(_rate)]


def _dated(value: object) -> object:
    """Read a single rate as one that counts since ever."""
    return {"0001-01-01": value} if isinstance(value, str) else value


class ExchangeRates(_Keys):
    """Rates into the reporting currency.

    `ecb_history` is the European Central Bank's own history (eurofxref-hist, CSV or ZIP), a path
    or an https URL; `own` are our rates, in place of the bank's: units for one euro, for ever or by
    the first day they count for, or the path of a CSV of currency, first day and rate.
    """

    ecb_history: Text | None = None
    own: dict[Currency, Annotated[dict[date, Rate], BeforeValidator(_dated)]] | Text = {}


def _account_role(value: str) -> str:
    role, _, country = value.partition("@")
    if role not in ACCOUNTS or (country and not re.fullmatch("[A-Z]{2}", country)):
        raise ValueError(f"an account ({', '.join(ACCOUNTS)}), for one country as expense@NL")
    return value


class Ledger(_Keys):
    """The books: numbers of accounts, cost centres by country, and columns of a file of your own.

    An account is named by its role, for the charges of one country as `expense@NL`; one without a
    number stands by its role. `*` is the cost centre of every other country. `columns` are those of
    `roamhouse ledger --format own`: header → field.
    """

    accounts: dict[Annotated[str, AfterValidator(_account_role)], Text] = {}
    cost_centres: dict[Text, Text] = {}
    columns: dict[Text, Text] = {}

    def account(self, role: str, country: str) -> str:
        """Return the number of an account, for charges of a country."""
        return self.accounts.get(f"{role}@{country}") or self.accounts.get(role) or role


class Letterhead(_Keys):
    """The whole file."""

    company: Details = Details()
    counterparties: dict[str, Details] = {}
    reporting_currency: Currency = "EUR"
    exchange_rates: ExchangeRates = ExchangeRates()
    payment_days: int = Field(default=30, ge=0, le=365)
    ledger: Ledger = Ledger()
    dispute_days: int = Field(default=30, ge=0, le=365)
    escalation_days: int = Field(default=14, ge=0, le=365)
    assumed_vat: dict[
        Country, Annotated[Decimal, BeforeValidator(_percentage), Field(ge=0, le=50)]
    ] = {}

    def ours(self, fallback: str = "") -> TradeParty:
        """We; `fallback` is our party id, as NL/EMS."""
        return self.company.as_party(fallback or "Your company", fallback[:2])

    def theirs(self, party: str) -> TradeParty:
        """Return a counterparty, by its party id, as NL/VOL."""
        return self.counterparties.get(party, Details()).as_party(party, party[:2])


def load_letterhead(path: Path) -> Letterhead:
    """Read the file; without one, everything is as by default.

    Raises:
        CompanyError: it is not YAML, or says something that is not known.
    """
    if not path.exists():
        return Letterhead()
    try:
        # Scalars stay text: a number would lose its zeros, and a percentage become a float.
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CompanyError(f"{path.name}: cannot be read: {error}") from None
    try:
        return Letterhead.model_validate(data or {})
    except ValidationError as error:
        problems = [
            f"{path.name}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        ]
        raise CompanyError("\n".join(problems)) from None
