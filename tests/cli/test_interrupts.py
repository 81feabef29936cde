"""Ctrl-C and SIGTERM end a command at once, with a sentence, whatever it is in the middle of."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from pipelines.cli.common import end_on_interrupt

# The middle of a Dagster step, which would take an interruption for the step's own failure.
WORK = """
import sys, time, dagster as dg
from collections.abc import Iterator
from pipelines.cli.common import end_on_interrupt

@dg.asset
def slow():
    print("working", flush=True)
    while True:
        time.sleep(60)

with end_on_interrupt("all is kept"):
    dg.materialize([slow], raise_on_error=False)
print("went on")
"""


@pytest.mark.withstands("Ctrl-C or SIGTERM", "the process ends at once and says what is kept")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_ends_the_process(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WORK], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    process.send_signal(number)
    output, errors = process.communicate()
    assert process.returncode == 128 + number
    assert errors.endswith("\nInterrupted: all is kept\n")
    assert "Traceback" not in errors
    assert "went on" not in output


@pytest.fixture
def python_hears_interrupts() -> Iterator[None]:
    """What a shell starts in the background, it starts deaf to Ctrl-C."""
    found = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, found)


@pytest.mark.usefixtures("python_hears_interrupts")
def test_afterwards_signals_mean_what_they_meant() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    threads = threading.active_count()
    with end_on_interrupt("nothing"):
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert signal.set_wakeup_fd(-1) == -1
    assert threading.active_count() == threads
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
