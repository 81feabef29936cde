"""The landing as a whole: begin a pull, list what was pulled, read a page's body.

landing/objects/ab/cdef….zst                        bodies
landing/pulls/<partner>/<module>/<month>/<pull>.ndjson  manifests; of pushes in folders of a day
landing/merged/<partner>/<module>/<day>/<pull>.zst      what pushes became (`merged`)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.landing.manifests import Manifest, begins, being_written, read_manifest, stamp
from pipelines.landing.objects import ObjectStore
from pipelines.landing.records import PageRecord, PullRecord

_TICK = timedelta(microseconds=1)
PUSH_SUFFIX = ".push"
"""How the id of a pull ends whose pages were pushed to us."""


class Landing:
    """Everything that partners ever sent, as they sent it."""

    def __init__(self, root: Path) -> None:
        self.root = self._root = root
        self.objects = ObjectStore(root / "objects")

    def begin(self, pull: PullRecord) -> tuple[PullRecord, Manifest]:
        """Open the manifest of a new pull and give the pull its id.

        The id sorts after every earlier pull of the same partner and module, even where the
        clock was set back: the order of pulls is the order in which they are loaded.

        `pull`: the pull as planned; its `pull_id` is not read.
        """
        folder = self._root / "pulls" / pull.partner / pull.module
        timestamp = max(pull.started_at, self._latest(folder) + _TICK)
        while True:
            identity = f"{pull.partner}.{pull.module}.{stamp(timestamp)}"
            if pull.party:
                identity += "." + pull.party.replace("/", "-")
            if pull.mode == "push":
                identity += PUSH_SUFFIX
            begun = dataclasses.replace(pull, pull_id=identity, started_at=timestamp)
            path = self.manifest_path(identity)
            try:
                return begun, Manifest(path, begun)
            except FileExistsError:
                timestamp += _TICK

    def pulls(
        self, partner: str | None = None, module: str | None = None
    ) -> Iterator[tuple[PullRecord, list[PageRecord]]]:
        """Yield every pull with its pages, in the order of each partner and module."""
        for path in sorted(
            (self._root / "pulls").glob(f"{partner or '*'}/{module or '*'}/*/*.ndjson")
        ):
            if begins(path):
                yield read_manifest(path)

    def pull_ids(self, partner: str, module: str) -> list[str]:
        """List the ids of all pulls of a partner's module, oldest first."""
        folder = self._root / "pulls" / partner / module
        return sorted(path.stem for path in folder.glob("*/*.ndjson"))

    def pushes_after(self, partner: str, module: str, pull_id: str) -> list[str]:
        """List the pulls of pushes that sort after a pull of the same list; empty: all of them."""
        newest_day = _day_of(pull_id) if pull_id else ""
        days = (self._root / "pulls" / partner / module).glob("????-??-??")
        found = (
            path.stem for day in days if day.name >= newest_day for path in day.glob("*.ndjson")
        )
        return sorted(name for name in found if name > pull_id)

    def being_written(self, pull_id: str) -> bool:
        """Tell whether a living process still writes the pull, so that it is not all there."""
        return being_written(self.manifest_path(pull_id))

    def begins(self, pull_id: str) -> bool:
        """Tell whether the pull's manifest holds at least its beginning."""
        return begins(self.manifest_path(pull_id))

    def pull(self, pull_id: str) -> tuple[PullRecord, list[PageRecord]]:
        """Read one pull with its pages."""
        return read_manifest(self.manifest_path(pull_id))

    def newest_body(
        self, partner: str, module: str, *, before: str | None = None
    ) -> tuple[PullRecord, list[PageRecord]] | None:
        """Read the newest complete pull that brought a body.

        `before`: only pulls before this one, by id.
        """
        for pull_id in reversed(self.pull_ids(partner, module)):
            if (before is None or pull_id < before) and self.begins(pull_id):
                pull, pages = self.pull(pull_id)
                if pull.status == "complete" and pages:
                    return pull, pages
        return None

    def manifest_path(self, pull_id: str) -> Path:
        """Return the place of a pull's manifest, written or not."""
        partner, module, *_ = pull_id.split(".")
        folder = _day_of(pull_id)
        if not pull_id.endswith(PUSH_SUFFIX):  # of these come thousands in a day, of others a few
            folder = folder[: len("YYYY-MM")]
        return self._root / "pulls" / partner / module / folder / f"{pull_id}.ndjson"

    def scopes(self) -> list[tuple[str, str]]:
        """List every (partner, module) that was ever pulled."""
        return sorted(
            (path.parent.name, path.name)
            for path in (self._root / "pulls").glob("*/*")
            if path.is_dir()
        )

    def _latest(self, folder: Path) -> datetime:
        folders = sorted(path.name for path in folder.glob("*"))
        newest = {folders[-1], folders[-1][: len("YYYY-MM")]} if folders else set()
        names = sorted(path.stem for name in newest for path in (folder / name).glob("*.ndjson"))
        if not names:
            return datetime.min.replace(tzinfo=UTC)
        text = names[-1].split(".")[2]
        return datetime.strptime(text, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)


def _day_of(pull_id: str) -> str:
    timestamp = pull_id.split(".")[2]
    return f"{timestamp[:4]}-{timestamp[4:6]}-{timestamp[6:8]}"
