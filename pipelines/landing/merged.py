"""The merged parts of pushed objects, for the next PATCH to build on.

Made anew whenever the pull is loaded, and always the same: it can be lost like any table. It lies
in the landing because it names people as the partner does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import zstandard

from models.ocpi.push_merging import Key, Members
from pipelines.landing.objects import sync_files

_LARGEST = 1 << 30


class _Part(msgspec.Struct):
    key: Key
    part: Members


_DECODER = msgspec.json.Decoder(list[_Part])


def write_merged(landing: Path, pull_id: str, parts: Mapping[Key, Members]) -> None:
    """Keep the parts that a pull of pushes ended with."""
    path = merged_path(landing, pull_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.encode([_Part(key, parts[key]) for key in sorted(parts)])
    draft = path.with_suffix(".new")
    draft.write_bytes(zstandard.ZstdCompressor(level=1).compress(text))
    draft.replace(path)
    sync_files([path], top=landing)


def read_merged(landing: Path, pull_id: str) -> dict[Key, Members]:
    """Read the parts that a pull of pushes ended with; none where they are lost."""
    path = merged_path(landing, pull_id)
    if not path.exists():
        return {}
    text = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=_LARGEST)
    return {part.key: part.part for part in _DECODER.decode(text)}


def merged_path(landing: Path, pull_id: str) -> Path:
    """Return the place of the merged parts of a pull of pushes, written or not."""
    partner, module, timestamp, *_ = pull_id.split(".")
    day = f"{timestamp[:4]}-{timestamp[4:6]}-{timestamp[6:8]}"
    return landing / "merged" / partner / module / day / f"{pull_id}.zst"
