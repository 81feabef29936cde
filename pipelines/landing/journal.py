"""The journal of the receiver: pushes on disk before they are answered, then landed as pulls.

landing/pushed/<when>.ndjson    one request a line (`models.ocpi.pushes`), in the order of arrival

The receiver alone appends, to one segment at a time, and begins another every second in which
something came. The process beside it, or a run, takes the segments that are over into the landing
proper. The lock on a segment ends with its writer, however that ends; a torn last line was never
answered.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import FileIO
from pathlib import Path

from models.ocpi.pushes import Push, read_whole_lines
from pipelines.landing.files import sync_files
from pipelines.landing.manifests import being_written, stamp

FOLDER = "pushed"


class Segment:
    """One file of the journal, open for appending.

    Args:
        folder: the journal's folder; made where absent.
        begun_at: when, UTC; names the file.
    """

    def __init__(self, folder: Path, begun_at: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self._file = _create(folder, begun_at)
        # The folder must name the file before anything in it is promised.
        sync_files([self.path], top=folder.parent)
        self.size = 0

    def append(self, lines: Sequence[bytes]) -> None:
        """Append lines; they survive a power cut when this returns.

        Raises:
            OSError: the disk refused; none of the lines is in the segment then.
        """
        block = b"".join(lines)
        written = 0
        try:
            while written < len(block):
                written += self._file.write(block[written:])
            os.fdatasync(self._file.fileno())
        except OSError:
            os.ftruncate(self._file.fileno(), self.size)
            raise
        self.size += len(block)

    def close(self) -> None:
        """End the segment; one in which nothing came goes away."""
        if not self.size:
            self.path.unlink(missing_ok=True)
        self._file.close()


def _create(folder: Path, begun_at: datetime) -> tuple[Path, FileIO]:
    """Make a locked file that sorts after every other, also where the clock was set back.

    It is locked before it has its name: what has one and no lock is over, and may be taken away.
    """
    newest = max((path.stem for path in folder.glob("*.ndjson")), default="")
    path = folder / f"{max(stamp(begun_at), f'{newest}+')}.ndjson"
    draft = path.with_suffix(".new")
    file = draft.open("wb", buffering=0)
    fcntl.flock(file, fcntl.LOCK_EX)
    draft.replace(path)
    return path, file


def finished_segments(landing: Path) -> list[Path]:
    """List the segments that no living process writes any more, oldest first."""
    found: list[Path] = []
    for path in sorted((landing / FOLDER).glob("*.ndjson")):
        if being_written(path):
            break  # what follows came later
        found.append(path)
    return found


def read_segment(path: Path) -> Iterator[Push]:
    """Yield the pushes of a segment, also of one that is being written."""
    with path.open("rb") as file:
        yield from read_whole_lines(file)
