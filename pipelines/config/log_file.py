"""The log of a home: one JSON object a line, of what its commands did; it never fills a disk.

Neither tokens nor people are in it: names of partners and lists, counts, errors.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pipelines.config.home import Home

_FOLDER: Final = "logs"
_NAME: Final = "roamhouse.ndjson"
_LARGEST: Final = 8 << 20
_KEPT: Final = 5


@dataclass(frozen=True)
class LogFile:
    """The log of a home; several processes may write it, a whole line at a time."""

    home: Home  # the home directory

    @property
    def path(self) -> Path:
        """The file that is written; `.1` to `.5` beside it are older."""
        return self.home.path / _FOLDER / _NAME

    def write(self, event: str, **fields: object) -> None:
        """Add a line; where it cannot be written, nothing is: what it tells of is done.

        `fields`: what belongs to it, as JSON has it.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, "event": event, "process": os.getpid(), **fields}) + "\n"
        try:
            self._rotate()
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            descriptor = os.open(self.path, flags, 0o600)
            with os.fdopen(descriptor, "ab", buffering=0) as file:
                file.write(line.encode())
        except OSError:
            return

    def _rotate(self) -> None:
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        if not self.path.exists() or self.path.stat().st_size < _LARGEST:
            return
        files = [self.path, *(self.path.with_name(f"{_NAME}.{n}") for n in range(1, _KEPT + 1))]
        for older, newer in reversed(list(zip(files[1:], files, strict=False))):
            if newer.exists():
                newer.replace(older)
