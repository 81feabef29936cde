"""The landing as a whole: begin a pull, list what was pulled, read a page's body.

landing/objects/ab/cdef….zst                        bodies
landing/pulls/<partner>/<module>/<month>/<pull>.ndjson  manifests; of pushes in folders of a day
landing/merged/<partner>/<module>/<day>/<pull>.zst      what pushes became (`merged`)
landing/terms/<partner>.json                        its contract, as it was last (`kept_terms`)

The folder is all of it, or what is still to be carried to an object store: see `files`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from pipelines.config.home import Home
from pipelines.config.home_settings import load_settings
from pipelines.landing.files import Files
from pipelines.landing.manifests import Manifest, being_written, read_manifest, stamp
from pipelines.landing.objects import ObjectStore
from pipelines.landing.records import PageRecord, PullRecord
from pipelines.landing.remote import Remote

_PULLS: Final = "pulls"
_CARRIED: Final = ("exchange_rates", "invoices", "merged", "objects", _PULLS, "terms")
_SUFFIX: Final = ".ndjson"
_AT_ONCE: Final = 16
_AHEAD: Final = 256  # manifests that are read before they are asked for
_TICK = timedelta(microseconds=1)
PUSH_SUFFIX = ".push"
"""How the id of a pull ends whose pages were pushed to us."""


class Landing:
    """Everything that partners ever sent, as they sent it.

    Args:
        root: the folder.
        store: the object store that it is carried to, see `Files`; None: it stays in the folder.
    """

    def __init__(self, root: Path, store: Remote | None = None) -> None:
        self.root = root
        self.files = Files(root, store)
        self.objects = ObjectStore(self.files.below("objects"))

    @classmethod
    def of_home(cls, home: Home) -> Self:
        """Return the landing of a home, where its settings say.

        Raises:
            ConfigError: the settings cannot be used.
        """
        address = load_settings(home).landing
        return cls(home.landing, Remote(address) if address else None)

    def carry_waiting(self) -> int:
        """Carry to the store what lies in the folder: left by killed processes, or by none.

        Returns:
            How many files; none where the landing is a folder.

        Raises:
            LandingAway: the store does not take it; it stays in the folder.
        """
        if self.files.store is None:
            return 0
        self.files.store.stat(_PULLS)  # it answers, also where nothing waits
        names = self.waiting()
        pulls = [name for name in names if name.startswith(f"{_PULLS}/")]
        changing = [name for name in names if name.startswith(("merged/", "terms/"))]
        self.files.keep(set(names).difference(pulls, changing), named_by_content=True)
        # A manifest comes after what it names.
        over = [name for name in pulls if self._is_over(name) and not self._set_aside(name)]
        self.files.keep(changing + over)
        return len(names) - len(self.waiting())

    def _set_aside(self, name: str) -> bool:
        """Put a pull aside that was killed before another worker made a later one of its list.

        It was never loaded, so the later one asked for all of it again; loaded now, in its place in
        the order, it would change what tables are made of. What was pushed comes once only.
        """
        pull_id = _id_of(name)
        partner, module, *_ = pull_id.split(".")
        later = (other for other in self.pull_ids(partner, module) if other > pull_id)
        overtaken = any(not self.manifest_path(other).exists() for other in later)
        if pull_id.endswith(PUSH_SUFFIX) or not overtaken:
            return False
        target = self.files.path(f"overtaken/{name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        self.files.path(name).replace(target)
        return True

    def agree(self, name: str, text: str) -> bool:
        """Tell whether all workers of a store say the same about something, the first one first.

        A landing in a folder has one worker.
        """
        store = self.files.store
        if store is None:
            return True
        if store.stat(name) is None:
            path = self.files.path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.files.keep([name])
        with store.open(name) as file:
            return file.read() == text.encode()

    def waiting(self) -> list[str]:
        """List the files that lie in the folder and are to be carried to the store."""
        return [name for name in self.files.waiting() if name.partition("/")[0] in _CARRIED]

    def _is_over(self, name: str) -> bool:
        path = self.files.path(name)
        return not being_written(path) and read_manifest(self.files.read(name)) is not None

    def begin(self, pull: PullRecord) -> tuple[PullRecord, Manifest]:
        """Open the manifest of a new pull and give the pull its id.

        The id sorts after every earlier pull of the same partner and module, even where the
        clock was set back: the order of pulls is the order in which they are loaded.

        `pull`: the pull as planned; its `pull_id` is not read.
        """
        timestamp = max(pull.started_at, self._latest(pull.partner, pull.module) + _TICK)
        while True:
            identity = f"{pull.partner}.{pull.module}.{stamp(timestamp)}"
            if pull.party:
                identity += "." + pull.party.replace("/", "-")
            if pull.mode == "push":
                identity += PUSH_SUFFIX
            begun = dataclasses.replace(pull, pull_id=identity, started_at=timestamp)
            try:
                return begun, Manifest(self.files, manifest_name(identity), begun)
            except FileExistsError:
                timestamp += _TICK

    def pulls(
        self, partner: str | None = None, module: str | None = None
    ) -> Iterator[tuple[PullRecord, list[PageRecord]]]:
        """Yield every pull with its pages, in the order of each partner and module."""
        folder = "/".join([_PULLS, *([partner] if partner else ())])
        names = [
            name
            for name in self.files.names(folder)
            if name.endswith(_SUFFIX) and module in (None, name.split("/")[2])
        ]
        if self.files.store is None:
            texts = map(self.files.read, names)
            yield from (read for text in texts if (read := read_manifest(text)) is not None)
            return
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(names), _AHEAD):
                for text in pool.map(self.files.read, names[start : start + _AHEAD]):
                    if (read := read_manifest(text)) is not None:
                        yield read

    def pull_ids(self, partner: str, module: str) -> list[str]:
        """List the ids of all pulls of a partner's module, oldest first."""
        names = self.files.names(f"{_PULLS}/{partner}/{module}")
        return sorted(_id_of(name) for name in names if name.endswith(_SUFFIX))

    def pushes_after(self, partner: str, module: str, pull_id: str) -> list[str]:
        """List the pulls of pushes that sort after a pull of the same list; empty: all of them."""
        newest_day = day_of(pull_id) if pull_id else ""
        folder = f"{_PULLS}/{partner}/{module}"
        days = (day for day in self.files.entries(folder) if len(day) == len("YYYY-MM-DD"))
        found = (
            _id_of(name)
            for day in days
            if day >= newest_day
            for name in self.files.entries(f"{folder}/{day}")
            if name.endswith(_SUFFIX)
        )
        return sorted(name for name in found if name > pull_id)

    def being_written(self, pull_id: str) -> bool:
        """Tell whether the pull is not all there: a living process still writes it.

        With a store that is also one which could not be carried there yet.
        """
        path = self.manifest_path(pull_id)
        return path.exists() if self.files.store else being_written(path)

    def begins(self, pull_id: str) -> bool:
        """Tell whether the pull's manifest holds at least its beginning."""
        return self._read(pull_id) is not None

    def pull(self, pull_id: str) -> tuple[PullRecord, list[PageRecord]]:
        """Read one pull with its pages.

        Raises:
            FileNotFoundError: it has no manifest, or one that does not begin.
        """
        read = self._read(pull_id)
        if read is None:
            raise FileNotFoundError(f"the manifest of {pull_id} has no beginning")
        return read

    def newest_body(
        self, partner: str, module: str, *, before: str | None = None
    ) -> tuple[PullRecord, list[PageRecord]] | None:
        """Read the newest complete pull that brought a body.

        `before`: only pulls before this one, by id.
        """
        for pull_id in reversed(self.pull_ids(partner, module)):
            if before is None or pull_id < before:
                read = self._read(pull_id)
                if read is not None and read[0].status == "complete" and read[1]:
                    return read
        return None

    def manifest_path(self, pull_id: str) -> Path:
        """Return the place in the folder of a pull's manifest, written or not."""
        return self.files.path(manifest_name(pull_id))

    def scopes(self) -> list[tuple[str, str]]:
        """List every (partner, module) that was ever pulled."""
        return [
            (partner, module)
            for partner in self.files.entries(_PULLS)
            for module in self.files.entries(f"{_PULLS}/{partner}")
        ]

    def _read(self, pull_id: str) -> tuple[PullRecord, list[PageRecord]] | None:
        try:
            return read_manifest(self.files.read(manifest_name(pull_id)))
        except FileNotFoundError:
            return None

    def _latest(self, partner: str, module: str) -> datetime:
        place = f"{_PULLS}/{partner}/{module}"
        folders = self.files.entries(place)
        newest = {folders[-1], folders[-1][: len("YYYY-MM")]} if folders else set()
        names = sorted(name for one in newest for name in self.files.entries(f"{place}/{one}"))
        if not names:
            return datetime.min.replace(tzinfo=UTC)
        text = names[-1].split(".")[2]
        return datetime.strptime(text, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)


def manifest_name(pull_id: str) -> str:
    """Return the name of a pull's manifest below the landing."""
    partner, module, *_ = pull_id.split(".")
    folder = day_of(pull_id)
    if not pull_id.endswith(PUSH_SUFFIX):  # of these come thousands in a day, of others a few
        folder = folder[: len("YYYY-MM")]
    return f"{_PULLS}/{partner}/{module}/{folder}/{pull_id}{_SUFFIX}"


def _id_of(name: str) -> str:
    return name.rsplit("/", 1)[-1].removesuffix(_SUFFIX)


def day_of(pull_id: str) -> str:
    """Return the day of a pull, as 2026-10-31."""
    timestamp = pull_id.split(".")[2]
    return f"{timestamp[:4]}-{timestamp[4:6]}-{timestamp[6:8]}"
