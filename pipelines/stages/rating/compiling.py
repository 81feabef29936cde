"""Compiling the kernel while something else is done, as pulling from partners is mostly waiting."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from models.rating.compiled import is_compiled

_COMPILE = "from models.rating.compiled import price_all; price_all()"


@cache
def compile_beside() -> subprocess.Popen[bytes] | None:
    """Start to compile the kernel in a process of its own, unless it was compiled before.

    Whoever needs the kernel meanwhile waits for that process; one that fails does no harm, as the
    kernel is compiled where it is needed then.

    Returns:
        The process; None: there was nothing to do.
    """
    if is_compiled():
        return None
    command = [sys.executable, "-c", _COMPILE]
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent)  # noqa: S603
