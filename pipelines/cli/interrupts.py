"""Ctrl-C and SIGTERM in the middle of work: say so, and end at once, wherever the work is.

An interruption is nothing but a milder kill, and a kill does no harm at any point: bytes land and
pulls commit whole or not at all. To unwind instead would mean to raise an exception inside Dagster
and DuckDB, which take it for the failure of a step and go on with the next one.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

GOES_ON = "what landed and what was committed is kept; the next run goes on from there"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_KILLED = 128
"""A shell adds the signal's number to this for the exit code."""
_SHOW_CURSOR = "\x1b[?25h"
_DONE = b"\0"


@contextmanager
def end_on_interrupt(kept: str) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM end the process, with exit code 130 or 143.

    Args:
        kept: what is said then, behind "Interrupted".
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    # Dagster sets handlers of its own while a job lasts; this hears of signals all the same.
    former = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    watch = threading.Thread(target=_watch, args=(reading, kept), name="interrupts", daemon=True)
    watch.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.write(writing, _DONE)
        watch.join()
        os.close(writing)
        os.close(reading)


def _watch(reading: int, kept: str) -> None:
    while (heard := os.read(reading, 1)) != _DONE:
        if heard[0] in _SIGNALS:
            cursor = _SHOW_CURSOR if sys.stderr.isatty() else ""
            os.write(2, f"{cursor}\nInterrupted: {kept}\n".encode())
            os._exit(_KILLED + heard[0])
