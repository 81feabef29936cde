"""Roles: viewers read, finance decides, admins also reopen a locked month.

Without a login (`[auth]` in `secrets.toml`) whoever sits at this machine is its admin, as on the
command line, as long as the app listens on loopback alone, is asked by loopback's names alone, and
by no proxy; otherwise everybody is a viewer. With one, roles are lists of e-mail addresses in the
same file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import streamlit as st

from dashboards import services

Role = Literal["viewer", "finance", "admin"]
_OF_PROXIES: Final = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)
ROLES: Final[tuple[Role, ...]] = ("admin", "finance", "viewer")


@dataclass(frozen=True)
class Visitor:
    """The person who looks at the app."""

    name: str  # what goes with a decision
    role: Role  # what they may do

    @property
    def may_decide(self) -> bool:
        """Tell whether disputes and month ends are theirs to move."""
        return self.role in ("finance", "admin")

    @property
    def may_reopen(self) -> bool:
        """Tell whether they may reopen a locked month."""
        return self.role == "admin"


def role_of(email: str, roles: Mapping[str, Any]) -> Role | None:
    """Return the highest role that names an address; None: no role does.

    Args:
        email: as the identity provider states it; compared without regard to case. Empty where it
            states none, or none that is verified: decisions bear a name, so such may only look.
        roles: role → list of addresses; `*` stands for everybody who can log in.
    """
    for role in ROLES if email else ("viewer",):
        named = {str(entry).casefold() for entry in roles.get(role, ())}
        if email.casefold() in named or "*" in named:
            return role
    return None


def is_loopback(address: str | None) -> bool:
    """Tell whether an address to listen on can be reached from this machine only."""
    if address == "localhost":
        return True
    try:
        return address is not None and ip_address(address).is_loopback
    except ValueError:
        return False


def sits_here(names: Iterable[str | None], headers: Mapping[str, str]) -> bool:
    """Tell whether a visitor can only be at this machine.

    Args:
        names: the address that is listened on, and all names that browsers may ask by.
        headers: of the visitor's request; a proxy adds some of its own.
    """
    host = urlsplit(f"//{headers.get('Host', 'localhost')}").hostname
    through_proxy = any(name.lower() in _OF_PROXIES for name in headers)
    return not through_proxy and all(
        is_loopback(name.strip("[]") if name else name) for name in (*names, host)
    )


def require_login() -> None:
    """Stop here, with a way in, where a login is configured and nobody is logged in."""
    if not _login_configured():
        return
    if not st.user.is_logged_in:
        st.title("roamhouse")
        st.text("Log in to see the warehouse.")
        st.button("Log in", on_click=st.login, type="primary")
        st.stop()
    if _role() is None:
        st.title("roamhouse")
        st.error("You are logged in, but no role names your address. Ask an admin for one.")
        offer_logout()
        st.stop()


def offer_logout() -> None:
    """Draw the way out, where somebody came in by a login."""
    if _login_configured():
        st.button("Log out", on_click=st.logout, icon=":material/logout:")


def visitor() -> Visitor:
    """Return who looks at the app now."""
    if _login_configured():
        return Visitor(_email(), _role() or "viewer")
    names = (st.get_option("server.address"), *(st.get_option("server.allowedHosts") or ()))
    if sits_here(names, st.context.headers):
        return Visitor(services.acting_user(), "admin")
    return Visitor("anybody", "viewer")


def _login_configured() -> bool:
    return "auth" in _secrets()


def _role() -> Role | None:
    return role_of(_email(), _secrets().get("roles", {}))


def _email() -> str:
    """Return the address, unless the provider says that nobody proved to own it."""
    if st.user.get("email_verified") is False:
        return ""
    return str(st.user.get("email") or "")


def _secrets() -> Mapping[str, Any]:
    """Return what `secrets.toml` says; nothing where there is none."""
    return st.secrets.to_dict() if st.secrets.load_if_toml_exists() else {}
