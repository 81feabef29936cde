"""`roamhouse doctor`: whether a run would go well and, if not, what to do."""

import os
from pathlib import Path

import click
from rich.text import Text

from pipelines.cli.common import home_option, json_option, partners_option
from pipelines.cli.doctor import Check, as_json, exit_code
from pipelines.cli.rich_terminal import Terminal
from pipelines.cli.terminal import print_json
from pipelines.config.errors import ConfigError
from pipelines.config.home import Home

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red", "unusable": "bold red"}
_WORDS = {"ok": "ok", "warn": "warn", "fail": "FAIL", "unusable": "FAIL"}
_VERDICTS = {
    0: "A run would go well.",
    1: "A run would begin, and fail where it says FAIL.",
    2: "A run would not begin: the configuration is at fault.",
}


@click.command()
@home_option
@partners_option
@click.option("--only", multiple=True, metavar="NAME", help="This partner only; may be repeated.")
@json_option
def doctor(
    home_dir: Path | None, partners_file: Path | None, only: tuple[str, ...], for_machines: bool
) -> None:
    """Check configuration, home, tokens, partners and warehouse; say what to do.

    Changes nothing. Ends with 0 if a run would go well, 1 if something would fail in it, 2 if
    the configuration is at fault.
    """
    from pipelines.cli.doctor.examination import examine

    try:
        home = Home.resolve(home_dir, os.environ)
        checks = examine(home=home, partners=partners_file, only=only, environ=os.environ)
    except ConfigError as error:
        checks = [Check("environment", "setting", "unusable", str(p)) for p in error.problems]
    code = exit_code(checks)
    if for_machines:
        print_json(as_json(checks), indent=2)
    else:
        _show(checks, code)
    raise SystemExit(code)


def _show(checks: list[Check], code: int) -> None:
    console = Terminal(soft_wrap=True)
    width = max((len(_label(check)) for check in checks), default=0)
    for check in checks:
        line = Text()
        line.append(f"{_WORDS[check.state]:<5}", _STYLES[check.state])
        line.append(f"{_label(check):<{width}}  ", "bold")
        line.append(check.message)
        console.print(line)
    console.print(Text(_VERDICTS[code], "bold"))


def _label(check: Check) -> str:
    return f"{check.subject} {check.name}"
