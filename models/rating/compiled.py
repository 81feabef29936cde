"""The kernel compiled by numba, once for each version of its source on a machine.

The compiled code is kept in the user's cache directory (`ROAMHOUSE_CACHE`, else `XDG_CACHE_HOME`,
else `~/.cache`), never beside the source, so an installation may be read-only. Its folder is named
by a digest of the kernel's source: numba itself would only notice a change in the file of the
outermost function. See `docs/adr/0006-rating-engine.md`.
"""

import fcntl
import hashlib
import inspect
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np

from models.rating.kernel import engine, scale
from models.rating.kernel.exact import Bounds
from models.rating.kernel.tables import (
    Batch,
    Candidate,
    Cdr,
    Element,
    Line,
    Moment,
    Period,
    Result,
    Tally,
    Tariff,
)

PriceAll = Callable[[Batch, Bounds], int]

_KERNEL = sorted(Path(engine.__file__).parent.glob("[a-z]*.py"))

_OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",  # No divisor is zero: no checks for it.
    "_nrt": False,  # Nothing is allocated: no counting of references, which cost most of the time.
}
# Passing the tables costs a hundred moves, so everything is inlined but what is seldom called:
# inlining that as well would make the machine code several times as long for nothing.
_SELDOM_CALLED = frozenset(
    {
        *("price_changes", "element_changes", "daily_change", "clock_change"),
        *("write_unstated", "write_unstated_dimension", "element_of_session"),
        *("note_certainty", "note_problem", "note_parking", "write_reservation", "find_offset"),
        *("proportion", "expand_to_common_denominator", "large_product"),
        *("clamp_to_limit", "tariff_by_tariff", "round_parts", "refuse"),
    }
)


@cache
def price_all() -> PriceAll:
    """Return `kernel.engine.price_all`, compiled; it runs without the interpreter lock."""
    # Importing numba takes longer than pricing a handful of CDRs without it.
    import numba
    from numba.extending import register_jitable

    for path in _KERNEL:
        module = import_module(f"models.rating.kernel.{path.stem}")
        for _, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__:
                register_jitable(forceinline=function.__name__ not in _SELDOM_CALLED)(function)
    config = cast(Any, numba.config)
    configured = config.CACHE_LOCATOR_CLASSES
    # numba looks for its cache when a function is decorated.
    directory = cache_directory()
    config.CACHE_LOCATOR_CLASSES = f"{_PlaceByDigest.__module__}.{_PlaceByDigest.__name__}"
    try:
        compiled = numba.njit(**_OPTIONS)(engine.price_all)
    finally:
        config.CACHE_LOCATOR_CLASSES = configured
    with _alone_in(directory):
        compiled(_no_cdrs(), scale.NARROW)
    return cast(PriceAll, compiled)


class _PlaceByDigest:
    """Tells numba where the compiled code is kept and what it was made of: the digest says both.

    numba's own would go by the source's path and its time: each upgrade and each copy of the same
    source would be compiled again.
    """

    @classmethod
    def from_function(cls, *_: object) -> "_PlaceByDigest":
        return cls()

    def get_cache_path(self) -> str:
        return str(cache_directory())

    def ensure_cache_path(self) -> None:
        """Leave it: the directory is there, and may be written to."""

    def get_source_stamp(self) -> str:
        return source_digest()

    def get_disambiguator(self) -> str:
        """Keep what several versions of numba compiled apart."""
        return version("numba")


def source_digest() -> str:
    """Return a digest of everything the compiled code depends on but numba and the processor.

    This file too: its options shape the code.
    """
    digest = hashlib.sha256()
    for path in (Path(__file__), *_KERNEL):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_directory() -> Path:
    """Return the folder of the compiled engine: the first place that can be written to."""
    root = os.environ.get("ROAMHOUSE_CACHE") or os.environ.get("XDG_CACHE_HOME")
    wanted = Path(root) if root else Path.home() / ".cache"
    for base in (wanted, Path(tempfile.gettempdir()) / f"roamhouse-{os.getuid()}"):
        directory = base / "roamhouse" / f"engine-{source_digest()}"
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(directory, os.W_OK):
            return directory
    raise PermissionError(
        f"no place to keep the compiled engine: tried {wanted} and the temporary directory"
    )


def is_compiled() -> bool:
    """Tell whether the kernel was compiled before."""
    return any(cache_directory().rglob("*.nbc"))


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Hold other processes off a directory while one compiles: they would only do the same."""
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _no_cdrs() -> Batch:
    """Return a batch of nothing, of the types of every batch."""
    return Batch(
        cdrs=np.zeros((1, Cdr.COLUMNS), dtype=np.int64),
        periods=np.zeros((0, Period.COLUMNS), dtype=np.int64),
        candidates=np.zeros((0, Candidate.COLUMNS), dtype=np.int64),
        tariffs=np.zeros((1, Tariff.COLUMNS), dtype=np.int64),
        elements=np.zeros((0, Element.COLUMNS), dtype=np.int64),
        zones=np.zeros((0, 2), dtype=np.int64),
        lines=np.zeros((0, Line.COLUMNS), dtype=np.int64),
        results=np.zeros((0, Result.COLUMNS), dtype=np.int64),
        moment=np.zeros(Moment.COLUMNS, dtype=np.int64),
        tally=np.zeros(Tally.COLUMNS, dtype=np.int64),
    )
