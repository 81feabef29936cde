"""The folder of the compiled kernel, known without compiling or loading it.

The user's cache directory (`ROAMHOUSE_CACHE`, else `XDG_CACHE_HOME`, else `~/.cache`), never beside
the source, so an installation may be read-only. The folder is named by a digest of the kernel's
source: numba itself would only notice a change in the file of the outermost function.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import tempfile
from pathlib import Path
from types import ModuleType

from models.rating.kernel import (
    amounts,
    changes,
    choice,
    engine,
    exact,
    limits,
    lines,
    moments,
    quantities,
    records,
    restrictions,
    scale,
    steps,
    tables,
    totals,
    unstated,
)

MODULES: tuple[ModuleType, ...] = (
    scale,
    tables,
    exact,
    quantities,
    restrictions,
    moments,
    choice,
    changes,
    records,
    unstated,
    lines,
    steps,
    amounts,
    limits,
    totals,
    engine,
)


def source_digest() -> str:
    """Return a digest of everything the compiled code depends on but numba and the processor.

    The file that compiles it too: its options shape the code.
    """
    digest = hashlib.sha256(Path(__file__).with_name("compiled.py").read_bytes())
    for module in MODULES:
        digest.update(inspect.getsource(module).encode())
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
