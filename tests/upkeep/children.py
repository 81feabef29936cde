"""Commands given to `victim.py`: real processes, of which each may die or lack something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """The end of a command."""

    code: int  # its exit code; negative: the signal that killed it
    points: int  # how often it was about to change files; 0: it was killed
    output: str  # what it said, on both streams


def give(
    home: Path,
    *words: object,
    point: int = 0,
    delay_s: float = 0,
    limits: Mapping[str, int] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Ended:
    """Give a command and wait for its end.

    Args:
        home: its home; points are counted in the folder that this lies in.
        words: the command and its arguments.
        point: where it is killed; 0: nowhere.
        delay_s: how long after that point.
        limits: resources by the names of `resource`, as RLIMIT_NOFILE, and how much of them.
        environ: variables beside the usual ones.
    """
    with tempfile.NamedTemporaryFile("r") as points:
        request = {
            "words": [str(word) for word in words],
            "root": str(home.parent),
            "point": point,
            "delay_s": delay_s,
            "limits": dict(limits or {}),
            "points": points.name,
        }
        usual = {name: text for name, text in os.environ.items() if "ROAMHOUSE" not in name}
        ended = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("victim.py")), json.dumps(request)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=_ROOT,
            check=False,
            env={**usual, "PYTHONPATH": str(_ROOT), "ROAMHOUSE_HOME": str(home), **(environ or {})},
        )
        return Ended(ended.returncode, int(points.read() or 0), ended.stdout)
