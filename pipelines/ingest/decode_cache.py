"""Rows of the objects of whole lists, kept beside the warehouse for the next time they come.

A cache: it may be deleted at any time, and anything odd about it is as if it were not there.
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from models.ocpi.row_memory import RowMemory
from pipelines.landing.records import PullRecord

_MODULES = ("locations", "tariffs")  # come again whole; sessions and CDRs are asked for by time
_TABLE = ".arrow"


@dataclass(frozen=True)
class DecodeCache:
    """The cache of a home."""

    folder: Path
    # changes with whatever decoding depends on beside an object's bytes: sources, pseudonym key
    digest: str

    def open(self, pull: PullRecord) -> RowMemory | None:
        """Return what is known of the list that a pull brought; None: nothing would be gained."""
        if pull.mode != "full" or pull.module not in _MODULES:
            return None
        folder, objects = self._place(pull)
        try:
            digests = pl.read_ipc(folder / objects)["digest"].to_list()
            tables = {path.stem: pl.read_ipc(path) for path in folder.glob(f"*{_TABLE}")}
        except (OSError, pl.exceptions.PolarsError):
            return RowMemory([], {})
        return RowMemory(digests, tables)

    def save(self, pull: PullRecord, memory: RowMemory) -> None:
        """Keep what a pull brought in place of what was known of its list.

        A disk that is full costs the cache, not the pull.
        """
        folder, objects = self._place(pull)
        draft = folder.with_name(f".{folder.name}")
        digests, tables = memory.following()
        shutil.rmtree(draft, ignore_errors=True)
        try:
            draft.mkdir(mode=0o700, parents=True)
            rows = pl.DataFrame({"digest": digests}, schema={"digest": pl.Binary()})
            rows.write_ipc(draft / objects, compression="lz4")
            for name, frame in tables.items():
                frame.write_ipc(draft / f"{name}{_TABLE}", compression="lz4")
            shutil.rmtree(folder, ignore_errors=True)
            draft.rename(folder)
        except (OSError, pl.exceptions.PolarsError):
            shutil.rmtree(draft, ignore_errors=True)

    def _place(self, pull: PullRecord) -> tuple[Path, str]:
        """Return the folder of a list, and the file in it that is there if it may be used."""
        depends = repr((self.digest, pull.ocpi_version, pull.own_party))
        name = f"{pull.module}-{pull.party or ''}".replace("/", "-")
        key = hashlib.sha256(depends.encode()).hexdigest()[:16]
        return self.folder / pull.partner / name, f"objects-{key}"
