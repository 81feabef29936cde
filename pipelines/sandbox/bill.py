"""A CDR and its session before they are written in any version of OCPI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.sandbox.billing import Amounts, Part, price
from pipelines.sandbox.places import Evse, Plug
from pipelines.sandbox.shapes import Tariff
from pipelines.sandbox.timeline import Charge, Period, periods_of
from pipelines.sandbox.tokens import Token

AC_PHASES = ((45, 47), (35, 36), (15, 14))
DC_PHASES = ((20, 28), (25, 28), (30, 27))


@dataclass(slots=True)
class Bill:
    """What a CPO states about one charge; faults change it after it was priced.

    Money is in cents, energy in Wh, time in seconds. `charge` is what really happened; the other
    fields are what is claimed. `kwh_scale` multiplies every stated energy.
    """

    cdr_id: str
    session_id: str | None
    country_code: str
    party_id: str
    charge: Charge
    evse: Evse
    token: Token
    start: int
    end: int
    last_updated: int
    periods: list[Period]
    tariffs: tuple[Tariff, ...]
    currency: str
    amounts: Amounts
    wh: int
    total_s: int
    parking_s: int
    net: int
    gross: int | None
    credit_of: str | None = None
    home: bool = False
    location_id: str | None = None
    evse_uid: str | None = None
    signed_wh: int | None = None
    kwh_scale: int = 1
    session_status: str = "COMPLETED"
    session_wh: int | None = None
    session_net: int | None = None
    remark: str | None = None
    parts: dict[Part, tuple[int, int | None]] = field(default_factory=dict)

    @property
    def plug(self) -> Plug:
        """The connector used."""
        return self.evse.plugs[0]

    def claim(self, amounts: Amounts) -> None:
        """Puts these amounts on the CDR; its session states the same unless told otherwise."""
        self.amounts = amounts
        self.net, self.gross, self.parts = amounts.net, amounts.gross, dict(amounts.parts)

    def reprice(self) -> None:
        """Bills what happened, as the periods now are, rightly."""
        self.claim(price_of(self.periods, self.evse))

    def rebuild(self) -> None:
        """Derives everything from `charge` again, and bills it rightly."""
        charge = self.charge
        self.periods = periods_of(charge)
        self.tariffs = tuple(dict.fromkeys(charge.tariffs))
        self.start, self.end = charge.start - charge.reserved_s, charge.end
        self.wh = charge.wh
        self.total_s = self.end - self.start
        self.parking_s = charge.idle_s
        self.reprice()


def price_of(periods: list[Period], evse: Evse) -> Amounts:
    """The right price at a place, in cents."""
    site = evse.site
    return price(periods, site.zone, sum(tax.rate for tax in site.taxes))


def phases_of(kind: str, charge_s: int, wh: int) -> tuple[tuple[int, int], ...]:
    """Splits a charge into four phases: power falls as the battery fills."""
    phases: list[tuple[int, int]] = []
    for time_share, energy_share in AC_PHASES if kind == "AC" else DC_PHASES:
        phases.append((charge_s * time_share // 100, wh * energy_share // 100))
    used_s, used_wh = (sum(column) for column in zip(*phases, strict=True))
    return (*phases, (charge_s - used_s, wh - used_wh))


def bill_of(
    charge: Charge,
    evse: Evse,
    token: Token,
    ids: Mapping[str, str],
    published: int,
) -> Bill:
    """The right bill of a charge.

    Args:
        charge: what happened.
        evse: where.
        token: whose.
        ids: `cdr` and `session`.
        published: when the CDR was made.
    """
    periods = periods_of(charge)
    amounts = price_of(periods, evse)
    party = evse.site.party
    start, end = charge.start - charge.reserved_s, charge.end
    return Bill(
        cdr_id=ids["cdr"],
        session_id=ids["session"],
        country_code=party.country.code,
        party_id=party.party_id,
        charge=charge,
        evse=evse,
        token=token,
        start=start,
        end=end,
        last_updated=published,
        periods=periods,
        tariffs=charge.tariffs,
        currency=charge.tariffs[0].currency,
        amounts=amounts,
        wh=charge.wh,
        total_s=end - start,
        parking_s=charge.idle_s,
        net=amounts.net,
        gross=amounts.gross,
        parts=dict(amounts.parts),
    )
