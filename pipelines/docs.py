"""The pages of `docs/` that are made from the code: tables, rules, commands, what is withstood.

`make docs` runs this; a test fails while a committed page is not what this writes.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from models.metrics import METRICS, Metric
from models.recon.causes import CAUSES, UNKNOWN
from models.recon.registry import RULES
from models.recon.rule import Rule
from models.tables import TABLES
from models.tables.kinds import Column, Table
from pipelines.cli.main import cli
from pipelines.warehouse.sql_files import query

DOCS = Path(__file__).parents[1] / "docs"
TESTS = Path(__file__).parents[1] / "tests"
RULES_BEGIN, RULES_END = "<!-- rules: generated -->", "<!-- rules: end -->"

_STAGES = {
    "ops": "What was asked of whom, when, and how it went.",
    "core": "What partners sent, in one canonical model.",
    "rating": "What each CDR should have cost, and why.",
    "recon": "What is wrong with a claim, and the verdict on it.",
    "settle": "What is owed, and what is contested.",
    "mart": "What the dashboards show.",
}

_TABLES_OPENING = """\
# Tables

Written by `make docs` from `models/tables`; do not edit.

Times end in `_at` and are `TIMESTAMPTZ` in UTC; energy ends in `_kwh`, hours in `_h`; an amount of
money ends in `_excl_vat` or `_incl_vat` and is in the row's `currency`. A null is an unknown value,
never zero and never free. **Bold** columns identify the row; a `*` marks columns that are never
null. Uniqueness is asserted by checks, not by the engine.
"""

_MARK = "pytest.mark.withstands"
_RELIABILITY_OPENING = """\
# Reliability

Written by `make docs` from the tests that prove it (`@pytest.mark.withstands`); do not edit.
"""

_METRICS_OPENING = """\
# Metrics

Written by `make docs` from `models/metrics.py` and `models/sql/metrics`; do not edit.

Figures that have one definition, wherever they are read: on the pages, here, and by
`roamhouse query --metric NAME` (with `--format csv` and `-o FILE` as for any query). Each query
runs as it stands on a snapshot ([analysts.md](analysts.md)). A null `value` is unknown.
"""

_COMMANDS_OPENING = """\
# Commands

Written by `make docs` from `pipelines/cli`; do not edit.

| exit code | what it means, unless a command says otherwise |
|---|---|
| 0 | all is well |
| 1 | a partner, a check or a comparison failed, or what is asked cannot be done as things stand |
| 2 | a usage or configuration error; nothing was done |
| 130, 143 | ended by Ctrl-C or SIGTERM; what was committed is kept |
"""


def pages() -> dict[Path, str]:
    """Return every generated page as it should be.

    Raises:
        ValueError: `docs/reconciliation.md` lacks the marks that its generated part stands between.
    """
    reconciliation = DOCS / "reconciliation.md"
    return {
        DOCS / "tables.md": tables_page(TABLES),
        DOCS / "commands.md": commands_page(cli),
        DOCS / "reliability.md": reliability_page(TESTS),
        DOCS / "metrics.md": metrics_page(METRICS),
        reconciliation: with_rules(reconciliation.read_text(encoding="utf-8")),
    }


def metrics_page(metrics: Mapping[str, Metric]) -> str:
    """Return the catalogue of figures, each with its query."""
    parts = [_METRICS_OPENING]
    for name, metric in metrics.items():
        parts.append(
            f"## {name}\n\n{metric.definition}\n\n"
            f"Unit: {metric.unit}. A row for each: {', '.join(metric.grain)}. "
            f"Holds of every row: `{metric.check}`.\n\n"
            f"```sql\n{query('metrics', name).strip()}\n```\n"
        )
    return "\n".join(parts)


def tables_page(tables: tuple[Table, ...]) -> str:
    """Return the catalogue of the warehouse, stage by stage."""
    parts = [_TABLES_OPENING]
    for stage in dict.fromkeys(table.stage for table in tables):
        parts.append(f"## {stage}\n\n{_STAGES[stage]}\n")
        parts.extend(_table_section(table) for table in tables if table.stage == stage)
    return "\n".join(parts)


def _table_section(table: Table) -> str:
    kind = "" if table.query is None else "A view. "
    rows = [_column_row(table, column) for column in table.columns]
    columns = _markdown_table(["column", "type", "what it means"], rows)
    return f"### {table.name}\n\n{kind}{table.description}\n\n{columns}\n"


def _column_row(table: Table, column: Column) -> list[str]:
    name = f"`{column.name}`"
    if column.name in table.key:
        name = f"**{name}**"
    if not column.nullable:
        name += " *"
    return [name, column.duckdb_type, column.description]


def with_rules(page: str) -> str:
    """Return a page with the rules and causes between its two marks written again.

    Raises:
        ValueError: the page lacks a mark.
    """
    before, rest = page.split(RULES_BEGIN)
    _, after = rest.split(RULES_END)
    head = ["group", "rule", "v", "fires when", "default", "at stake", "thresholds"]
    rules = _markdown_table(head, [_rule_row(rule) for rule in RULES])
    causes = [[f"`{cause}`", words] for cause, words in CAUSES.items() if cause != UNKNOWN]
    body = f"{rules}\n\n### Root causes\n\n{_markdown_table(['cause', 'in words'], causes)}"
    return f"{before}{RULES_BEGIN}\n\n{body}\n\n{RULES_END}{after}"


def _rule_row(rule: Rule) -> list[str]:
    thresholds = ", ".join(f"`{name}` {value}" for name, value in rule.thresholds.items())
    names = [rule.group, f"`{rule.id}`", str(rule.version)]
    return [*names, rule.title, rule.severity, rule.stake.value, thresholds]


def reliability_page(tests: Path) -> str:
    """Return the table of faults, each with the test that is marked as its proof.

    `tests`: the folder of all tests.
    """
    rows = [row for path in sorted(tests.rglob("test_*.py")) for row in _proofs(path, tests)]
    table = _markdown_table(["what happens", "what comes of it", "proved by"], sorted(rows))
    return f"{_RELIABILITY_OPENING}\n{table}\n"


def _proofs(path: Path, tests: Path) -> Iterator[list[str]]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == _MARK:
                    fault, outcome = (ast.literal_eval(argument) for argument in mark.args)
                    place = path.relative_to(tests).as_posix()
                    yield [fault, outcome, f"[{node.name}](../tests/{place})"]


def commands_page(group: click.Group) -> str:
    """Return every command with its usage, help and options."""
    context = click.Context(group, info_name="roamhouse")
    sections = [_command_section(command, ctx) for command, ctx in commands(group, context)]
    return "\n".join([_COMMANDS_OPENING, *sections])


def commands(
    group: click.Group, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield the commands of a group, each with its context; a group before its own."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        yield command, inner
        if isinstance(command, click.Group):
            yield from commands(command, inner)


def _command_section(command: click.Command, context: click.Context) -> str:
    heading = "##" if context.parent and context.parent.parent is None else "###"
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    summary = inspect.cleandoc(command.help or "")
    parts = [f"{heading} {context.command_path}", f"`{usage}`", summary]
    options = [record for param in command.params if (record := _option_row(param, context))]
    if options:
        parts.append(_markdown_table(["option", "what it does"], options))
    return "\n\n".join(parts) + "\n"


def _option_row(param: click.Parameter, context: click.Context) -> list[str]:
    """Return an option's cells; nothing for an argument, which the usage line shows."""
    record = param.get_help_record(context)
    if record is None or not isinstance(param, click.Option):
        return []
    names, text = record
    return [f"`{names}`", text.strip().replace("  [", " [")]


def _markdown_table(head: list[str], rows: list[list[str]]) -> str:
    lines = [" | ".join(head), " | ".join(["---"] * len(head))]
    lines += [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def main() -> None:
    """Write every generated page that is not as it should be."""
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            click.echo(f"{path.name} written")


if __name__ == "__main__":
    main()
