"""A backup: everything of a home that cannot be made again, in one file that proves itself.

The file is a tar archive in zstd (`tar --zstd -xf`): the files of the home, then `BACKUP.json` with
the size and SHA-256 of each. What can be made again is left out: warehouse, snapshots, history.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

import zstandard

from models.errors import Refused
from pipelines.config.home import RESTORING, Home
from pipelines.config.home_settings import load_settings
from pipelines.decisions.schema import File, open_to_read
from pipelines.decisions.server import Server
from pipelines.decisions.tables import carry
from pipelines.ingest.pushes import alone_in
from pipelines.landing.journal import FOLDER
from pipelines.landing.landing import Landing
from pipelines.upkeep.unfinished_erasure import FILE as ERASING

CONTENTS: Final = "BACKUP.json"
_FORMAT: Final = 1
_LEVEL: Final = 3
_CHUNK: Final = 1 << 20
#: Made again by a run or a replay, of one process only, or unfinished.
_MADE_AGAIN: Final = (
    *("warehouse.duckdb*", "replaying.duckdb*", "serving", "dagster", "logs", "cache"),
)
_PASSING: Final = (
    "*.lock",
    "*.part",
    "*.new",
    "*.unfinished",
    "*.tmp",
    "*-wal",
    "*-shm",
    RESTORING,
    ERASING,
)
#: Written by its owner, though it lies among what is made again.
_EDITED: Final = ("dagster/dagster.yaml",)
_SQLITE: Final = ".sqlite"


class BackupError(Refused):
    """A backup cannot be made or brought back; the message says why and what to do."""


@dataclass(frozen=True)
class BackupSummary:
    """The contents of a backup."""

    files: int  # how many
    bytes: int  # their sizes together
    made_at: str  # when it was made, UTC
    version: str  # of roamhouse, that made it


@dataclass(frozen=True)
class _Member:
    sha256: str
    size: int


def back_up(home: Home, file: Path, *, partners: Path | None, made_at: datetime) -> BackupSummary:
    """Write a backup of a home and read it back; a run may go on meanwhile.

    Args:
        home: the home directory.
        file: the archive; it appears under its name only when it is whole and proved.
        partners: a partners file that lies elsewhere, kept as the home's own; None: there is none.
        made_at: the clock, UTC.

    Raises:
        BackupError: there is nothing to keep, or what was written is not what is there.
        OSError: the file cannot be written.
    """
    draft = file.with_name(f"{file.name}.unfinished")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            _write(raw, home, partners, made_at)
            raw.flush()
            os.fsync(raw.fileno())
        summary = verify(draft)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return summary


def verify(file: Path) -> BackupSummary:
    """Prove that every file of a backup is what was kept.

    Raises:
        BackupError: it is no backup, or is damaged.
    """
    return _read(file, lambda _name, _stream: None)


def restore(file: Path, home: Home) -> BackupSummary:
    """Bring a home back: proved whole first, then moved into its place.

    `home`: a directory that is empty or not there, or one whose restoring was broken off.

    Raises:
        BackupError: the home holds something, or the backup is damaged; the home is as it was.
        OSError: the home cannot be written.
    """
    draft = home.path / RESTORING
    held = {path.name for path in home.path.iterdir()} if home.path.exists() else set()
    if held and RESTORING not in held:
        some = ", ".join(sorted(held)[:3])
        raise BackupError(f"{home.path} is not empty ({some} …): restore into another home")
    draft.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(name: str, stream: IO[bytes]) -> None:
        path = draft / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            shutil.copyfileobj(stream, out)
            out.flush()
            os.fsync(out.fileno())

    try:
        summary = _read(file, put)
    except BackupError:
        shutil.rmtree(draft)
        raise
    for folder in [home.path, *(path for path in draft.rglob("*") if path.is_dir())]:
        folder.chmod(0o700)
    for entry in sorted(draft.iterdir()):
        _move(entry, home.path / entry.name)
    shutil.rmtree(draft)
    return summary


def _write(raw: IO[bytes], home: Home, partners: Path | None, made_at: datetime) -> None:
    members: dict[str, _Member] = {}
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    with (
        compressor.stream_writer(raw, closefd=False) as stream,
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, segment in _journal(home):
            members[name] = _add(archive, name, io.BytesIO(segment), made_at)
        if (url := load_settings(home).decisions) is not None:
            with _decisions_of(url) as content:
                name = home.decisions.name
                members[name] = _add(archive, name, content, made_at)
        for name, path in _files(home, partners):
            if name in members:  # such as decisions that wait to be moved to their server
                continue
            try:
                with _opened(path) as content:
                    members[name] = _add(archive, name, content, made_at)
            except FileNotFoundError:
                continue  # it went while we looked
        if not members:
            raise BackupError(f"{home.path} holds nothing yet that could be kept")
        contents = {
            "format": _FORMAT,
            "made_at": made_at.isoformat(),
            "version": version("roamhouse"),
            "files": {name: asdict(member) for name, member in members.items()},
        }
        data = json.dumps(contents, indent=1).encode()
        _add(archive, CONTENTS, io.BytesIO(data), made_at)


def _journal(home: Home) -> list[tuple[str, bytes]]:
    """Return the segments of pushes, all at once: each may be landed a moment later, and is gone.

    What is landed meanwhile is kept twice, which changes nothing.
    """
    folder = home.landing / FOLDER
    if not folder.is_dir():
        return []
    with alone_in(Landing.of_home(home)):
        found = [path for path in sorted(folder.glob("*.ndjson")) if path.stat().st_size]
        return [(path.relative_to(home.path).as_posix(), path.read_bytes()) for path in found]


def _files(home: Home, partners: Path | None) -> Iterator[tuple[str, Path]]:
    """Yield what cannot be made again: manifests before bodies, so that no manifest lacks one."""
    found = [path for path in home.path.rglob("*") if path.is_file() and _kept(home, path)]
    named = {path.relative_to(home.path).as_posix(): path for path in found}
    if partners is not None:
        named.setdefault(home.partners.name, partners)
    yield from sorted(named.items(), key=lambda one: (one[0].startswith("landing/objects"), one[0]))


def _kept(home: Home, path: Path) -> bool:
    relative = path.relative_to(home.path)
    if relative.as_posix() in _EDITED:
        return True
    top = PurePosixPath(relative.parts[0])
    passing = any(PurePosixPath(part).match(p) for part in relative.parts for p in _PASSING)
    return not passing and not any(top.match(pattern) for pattern in _MADE_AGAIN)


def _opened(path: Path) -> IO[bytes]:
    """Open a file as it is now: one that is being written would not keep its size."""
    if path.suffix == _SQLITE:
        return _sqlite_copy(path)
    if path.suffix == ".ndjson":
        return io.BytesIO(path.read_bytes())
    return path.open("rb")


@contextmanager
def _decisions_of(url: str) -> Iterator[IO[bytes]]:
    """Provide the decisions of a server as the file that they are elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"decisions{_SQLITE}"
        with closing(Server(url)) as source, closing(File(path)) as target:
            carry(source, target)
        with _sqlite_copy(path) as content:
            yield content


def _sqlite_copy(path: Path) -> IO[bytes]:
    copy = tempfile.NamedTemporaryFile(suffix=_SQLITE)  # noqa: SIM115 - the caller closes it
    with closing(open_to_read(path)) as source, closing(sqlite3.connect(copy.name)) as target:
        source.backup(target)
        target.execute("pragma journal_mode = delete")
    copy.seek(0)
    return copy


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], made_at: datetime) -> _Member:
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(made_at.timestamp())
    hashed = _Hashed(content)
    archive.addfile(info, hashed)
    return _Member(hashed.digest.hexdigest(), size)


class _Hashed:
    """A stream whose hash is taken as it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        chunk = self._stream.read(size)
        self.digest.update(chunk)
        self.size += len(chunk)
        return chunk


def _read(file: Path, put: Callable[[str, IO[bytes]], None]) -> BackupSummary:
    """Read a backup through, giving each file to `put`, and prove it by its contents."""
    found: dict[str, _Member] = {}
    contents: dict[str, Any] | None = None
    try:
        with (
            file.open("rb") as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as stream,
            tarfile.open(fileobj=stream, mode="r|") as archive,
        ):
            for info in archive:
                content = archive.extractfile(info) if _harmless(info) else None
                if content is None:
                    raise BackupError(f"{file.name} is no backup of ours: it holds {info.name!r}")
                if info.name == CONTENTS:
                    contents = json.loads(content.read())
                    continue
                hashed = _Hashed(content)
                put(info.name, hashed)  # type: ignore[arg-type]
                while hashed.read(_CHUNK):
                    pass
                found[info.name] = _Member(hashed.digest.hexdigest(), hashed.size)
    except (tarfile.TarError, zstandard.ZstdError, ValueError, EOFError) as error:
        raise BackupError(f"{file.name} is no backup, or is damaged: {error}") from error
    return _prove(file, contents, found)


def _prove(file: Path, contents: dict[str, Any] | None, found: dict[str, _Member]) -> BackupSummary:
    if contents is None:
        raise BackupError(f"{file.name} ends before its end: it is no backup, or is cut off")
    if contents["format"] > _FORMAT:
        raise BackupError(f"{file.name} is of a later version of roamhouse; upgrade")
    stated = {name: _Member(**member) for name, member in contents["files"].items()}
    if wrong := sorted(name for name in stated | found if stated.get(name) != found.get(name)):
        raise BackupError(
            f"{file.name} is damaged: {len(wrong)} files are not what was kept, such as {wrong[0]}"
        )
    size = sum(member.size for member in found.values())
    return BackupSummary(len(found), size, contents["made_at"], contents["version"])


def _harmless(info: tarfile.TarInfo) -> bool:
    parts = PurePosixPath(info.name).parts
    return info.isreg() and bool(parts) and not info.name.startswith("/") and ".." not in parts


def _move(source: Path, target: Path) -> None:
    """Move a file or folder, into one that a restoring that was broken off has made already."""
    if source.is_dir() and target.is_dir():
        for entry in sorted(source.iterdir()):
            _move(entry, target / entry.name)
        source.rmdir()
    else:
        source.replace(target)
