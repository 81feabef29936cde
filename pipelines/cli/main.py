"""`roamhouse`: the command, and nothing but the list of what it can do.

Subcommands are imported when they are called: `roamhouse --help` must not wait for Dagster.
"""

import gc
import importlib
import os
import warnings

import click

_COMMANDS = {
    "demo": ("demo", "From nothing: sandbox partners, the whole pipeline, the summary."),
    "init": ("upkeep", "Make a home to begin with."),
    "run": ("run", "Fetch, load, price and publish what is new."),
    "settle": ("run", "Apply decisions, invoices and contracts, without asking a partner."),
    "accept-removals": ("run", "Accept that what a partner no longer lists is gone."),
    "replay": ("run", "Rebuild everything after the landing, without a network."),
    "query": ("query", "SQL on the newest snapshot, read-only."),
    "publish": ("query", "The tables as Parquet or CSV, in a folder or an object store."),
    "alerts": ("alerts", "Tell people what needs them, each cause once."),
    "deliver": ("alerts", "Send statements and dispute letters that are due, each once."),
    "backup": ("upkeep", "Keep what cannot be made again, in one file that proves itself."),
    "restore": ("upkeep", "Bring a home back from a backup."),
    "move": ("move", "The warehouse from its file into a lake, and back."),
    "prune": ("upkeep", "Remove what is older than the settings say."),
    "privacy": ("upkeep", "Show what is held of a person, or erase them, with proof."),
    "price": ("price", "Price CDRs from a file and compare with the claimed totals."),
    "lint": ("price", "What is wrong or surprising in tariffs."),
    "statement": ("statement", "The statement of a counterparty for a month."),
    "dispute": ("dispute", "List and work disputes."),
    "invoice": ("invoice", "Take in partners' invoices and match them."),
    "ledger": ("statement", "Journal entries of a month."),
    "close": ("close", "Lock a month."),
    "reopen": ("close", "Reopen a locked month."),
    "connect": ("connect", "Register with a partner: exchange credentials."),
    "rotate": ("connect", "Renew the tokens of a connection."),
    "disconnect": ("connect", "End the connection with a partner."),
    "receive": ("connect", "The OCPI receiver that partners push to."),
    "audit": ("close", "Prove that no decision was changed, and write them all."),
    "dashboards": ("dashboards", "The dashboards, on loopback."),
    "sandbox": ("sandbox", "The sandbox partners alone."),
    "doctor": ("doctor.command", "Check everything before a run, and say what to do."),
}


class _Commands(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"pipelines.cli.{_COMMANDS[cmd_name][0]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.command(cls=_Commands)
@click.version_option(package_name="roamhouse")
def cli() -> None:
    """Run the warehouse for EV roaming: OCPI in, reconciled settlement out."""


def main() -> None:
    """Run the command."""
    # Importing and decoding make many objects and no cycles: looking for some after every 700 of
    # them, as is usual, takes a tenth of the time to start and a quarter of that to decode.
    gc.set_threshold(200_000, 20, 20)
    # numpy starts threads as it is imported, to multiply matrices, of which there are none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Dagster announces which of its parameters are young; we chose them, the user did not.
    warnings.filterwarnings("ignore", module=r"dagster(\..*)?")
    try:
        cli()
    finally:
        gc.freeze()  # nor is there anything to find when the process ends


if __name__ == "__main__":
    main()
