"""A disk that gives out, a folder that is not there: one line each, and no traceback."""

import errno
import sqlite3
from pathlib import Path

import click
import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli.common import handle_errors, output_file, write_output
from pipelines.cli.main import cli
from pipelines.config.machine_faults import machine_fault

FULL = OSError(errno.ENOSPC, "No space left on device", "landing/x")


def wrapped(cause):
    """The error as a library hands it on."""
    try:
        raise RuntimeError("a statement failed") from cause
    except RuntimeError as error:
        return error


@pytest.mark.withstands(
    "the disk is full or read-only, or memory or open files run out",
    "one sentence says what was refused and what to do",
)
@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (FULL, "make room"),
        (OSError(errno.EROFS, "Read-only file system"), "who may read"),
        (sqlite3.OperationalError("database or disk is full"), "make room"),
        (
            sqlite3.OperationalError("attempt to write a readonly database"),
            "who may read",
        ),
        (duckdb.IOException("IO Error: Could not write: No space left on device"), "make room"),
        (duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate"), "give this one"),
        (MemoryError(), "give this one more"),
        (
            OSError("Out of Memory Error: ArrowBuffer: failed to allocate 4194304 bytes\n"),
            "give this",
        ),
        (ImportError("libparquet.so: failed to map segment from shared object"), "give this one"),
        (OSError(errno.EMFILE, "Too many open files"), "allow more open files"),
        (wrapped(sqlite3.OperationalError("database or disk is full")), "make room"),
    ],
)
def test_what_the_disk_refused_is_said_with_what_to_do(error, advice):
    fault = machine_fault(error)
    assert fault is not None
    assert advice in fault
    assert "\n" not in fault


@pytest.mark.parametrize(
    "error",
    [
        ValueError("full"),
        ImportError("no module named x"),
        OSError(errno.ECONNRESET, "reset"),
        duckdb.BinderException("no"),
    ],
)
def test_other_errors_are_not_the_disk_s(error):
    assert machine_fault(error) is None


def test_a_command_ends_with_1_where_the_disk_gave_out_and_other_errors_are_not_hidden():
    @click.command()
    @click.argument("kind")
    @handle_errors
    def command(kind):
        raise wrapped(FULL) if kind == "full" else ValueError(kind)

    full = CliRunner().invoke(command, ["full"])
    assert full.exit_code == 1
    assert "No space left on device; make room" in full.output
    assert isinstance(CliRunner().invoke(command, ["bug"]).exception, ValueError)


def test_an_output_that_cannot_be_written_is_a_usage_error(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        write_output(tmp_path / "absent" / "statement.csv", b"")
    assert ended.value.code == 2
    assert "statement.csv cannot be written: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--partners-file", "--truth"])
def test_the_sandbox_refuses_a_file_in_no_folder(tmp_path, option):
    result = CliRunner().invoke(cli, ["sandbox", option, str(tmp_path / "absent" / "file")])
    assert result.exit_code == 2
    assert "no such folder" in result.output


def test_a_demo_of_no_known_scenario_leaves_its_home_usable(tmp_path):
    result = CliRunner().invoke(cli, ["demo", "--home", str(tmp_path), "--scenario", "nonesuch"])
    assert result.exit_code == 2
    assert "No scenario `nonesuch`" in result.output
    assert not (tmp_path / "world.json").exists()


def test_an_output_is_whole_or_as_it_was(tmp_path):
    file = tmp_path / "statement.csv"
    file.write_text("before")
    killed = output_file(file, private=True)
    with pytest.raises(KeyboardInterrupt), killed:
        raise KeyboardInterrupt
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]
    write_output(file, b"after", private=True)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("after", 0o600)
    write_output(Path("/dev/null"), b"nowhere")
