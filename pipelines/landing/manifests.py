"""Pull manifests: the landing's knowledge of each pull and its pages, alongside the bodies.

A manifest is NDJSON, appended to as the pull goes: `{"pull": …}` when it begins,
`{"page": …}` for every stored response, `{"end": …}` when it is over. One without an
end belongs to a run that was killed; its pages count, the pull is failed.
"""

from __future__ import annotations

import dataclasses
import fcntl
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pipelines.landing.files import Files
from pipelines.landing.records import PageRecord, PullRecord

_Record = TypeVar("_Record", PageRecord, PullRecord)

KILLED = "the run was killed before the pull ended"


class Manifest:
    """A manifest that is being written.

    Args:
        files: where it is written.
        name: of a new file; it must not exist.
        pull: the pull as it begins (its `status` is not read).
    """

    def __init__(self, files: Files, name: str, pull: PullRecord) -> None:
        path = files.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._files = files
        self._name = name
        self._file = path.open("xb")
        fcntl.flock(self._file, fcntl.LOCK_EX)  # ends with the process: see `being_written`
        self._append("pull", dataclasses.asdict(pull))

    def page(self, page: PageRecord) -> None:
        """Record a stored response."""
        self._append("page", dataclasses.asdict(page))

    def end(self, pull: PullRecord) -> None:
        """Record the end of the pull, and make the manifest last, see `Files.keep`."""
        self._append("end", dataclasses.asdict(pull))
        try:
            self._files.keep([self._name])
        finally:
            self._file.close()

    def leave(self) -> None:
        """Let go of the manifest as it is: its pull did not end."""
        self._file.close()

    def _append(self, kind: str, value: dict[str, Any]) -> None:
        self._file.write(msgspec.json.encode({kind: value}) + b"\n")
        self._file.flush()


def read_manifest(text: bytes) -> tuple[PullRecord, list[PageRecord]] | None:
    """Read a pull and its pages in order; a torn last line is a killed run's and is left out.

    Returns:
        The pull and its pages; None: its beginning is not there.
    """
    lines = list(_lines(text))
    if not any("pull" in line for line in lines):
        return None
    pages = [_record(PageRecord, line["page"]) for line in lines if "page" in line]
    ends = [line["end"] for line in lines if "end" in line]
    if ends:
        return _record(PullRecord, ends[-1]), pages
    begun = _record(PullRecord, next(line["pull"] for line in lines if "pull" in line))
    return _killed(begun, pages), pages


def being_written(path: Path) -> bool:
    """Tell whether a living process still writes the manifest: its pull is not over.

    One that is not in the folder is in the store, and over.
    """
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _killed(begun: PullRecord, pages: Sequence[PageRecord]) -> PullRecord:
    accepted = [page for page in pages if page.accepted]
    return dataclasses.replace(
        begun,
        status="failed",
        error=KILLED,
        finished_at=pages[-1].fetched_at if pages else begun.started_at,
        pages=len(accepted),
        objects=sum(page.object_count or 0 for page in accepted),
        total_count=accepted[-1].total_count if accepted else None,
        requests=len(pages),
        bytes=sum(page.bytes for page in accepted),
    )


def _lines(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.split(b"\n")[:-1]:
        yield msgspec.json.decode(line)


def _record(kind: type[_Record], value: dict[str, Any]) -> _Record:
    return msgspec.convert(value, kind)


def stamp(timestamp: datetime) -> str:
    """Write a timestamp as the text that pull ids sort by: `20261122T161808123456Z`."""
    return timestamp.strftime("%Y%m%dT%H%M%S%fZ")
