"""The acting user: the person named, else the user of the operating system."""

from __future__ import annotations

import getpass
import re

from models.settle.decisions import IllegalDecision


def acting_user(named: str | None = None) -> str:
    """Return the name that goes beside a decision.

    `named`: what `--as` said, if anything.

    Raises:
        IllegalDecision: there is no usable name.
    """
    try:
        name = (named if named is not None else getpass.getuser()).strip()
    except (KeyError, OSError):
        raise IllegalDecision("who decides? this system names no user; use --as NAME") from None
    if not re.fullmatch(r"[^\x00-\x1f\x7f]{1,80}", name):
        raise IllegalDecision("who decides? a name of 1 to 80 printable characters")
    return name
