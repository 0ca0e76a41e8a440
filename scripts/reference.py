"""Makes the pages of docs/ that stand elsewhere already: settings, error codes, the command line, README sections."""

import re
from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Final

import click

import server
from scripts.schema_page import schema_lines
from settings import Settings, environment_name

ROOT: Final = Path(__file__).parents[1]

_HEADER = re.compile(r"^\| code \|(.*)\|$", re.MULTILINE)
_CODE = re.compile(r"`([A-Z]+(?:_[A-Z]+)*)`")
_LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")


def pages() -> dict[str, str]:
    """Return the pages' texts by their names in docs/."""
    return {
        "settings.md": _settings(),
        "errors.md": _errors(),
        "schema.md": _schema(),
        "command-line.md": _command_line(),
        "costs.md": _section("What it costs the upstream"),
        "executor.md": _section("The executor"),
        "deprecation.md": _section("Deprecation", "CONTRIBUTING.md"),
    }


def _settings() -> str:
    rows = [
        f"| `--{each.name.replace('_', '-')}` | {_default(each)} | {_range(each)} | {each.metadata['help']} |"
        for each in fields(Settings)
    ]
    head = ["| option | default | may be | what it does |", "|---|---|---|---|"]
    first = fields(Settings)[0].name
    return _page(
        "Settings",
        f"Each is an option of [`server.py`](command-line.md), and a variable of the environment: `--{first}` is "
        f"`{environment_name(first)}`, and so on. An option goes before a variable. A value that cannot be used is one "
        "line at the start, and exit status 2.",
        [*head, *rows],
        "`settings.py`",
    )


def _default(setting: Field[Any]) -> str:
    if isinstance(setting.default, bool):
        return "on" if setting.default else "off"
    if isinstance(setting.default, tuple):
        return " ".join(f"`{each}`" for each in setting.default)
    return "" if setting.default in (None, "") else f"`{setting.default}`"


def _range(setting: Field[Any]) -> str:
    if setting.metadata["choices"]:
        return ", ".join(f"`{each}`" for each in setting.metadata["choices"])
    if isinstance(setting.default, bool):
        return "on, off"
    low, high = setting.metadata["min"], setting.metadata["max"]
    if low is None:
        return "" if high is None else f"up to {high:,}"
    return f"from {low:,}" if high is None else f"{low:,} to {high:,}"


def _errors() -> str:
    found: dict[str, tuple[str, list[str]]] = {}
    for code, status, meaning in [*_codes("docs/http.md"), *_codes("README.md")]:
        known = found.setdefault(code, (status, []))
        if status or not known[1]:
            known[1].append(meaning)
    rows = [
        f"| `{code}` | {status or '200'} | {'; or '.join(each)} |" for code, (status, each) in sorted(found.items())
    ]
    return _page(
        "Error codes",
        "Every error has a stable `extensions.code`. [Over HTTP](http.md#errors) explains them in their groups, and "
        "the statuses marked `*`; with 200 the error stands at its path, and the rest of the answer beside it.",
        ["| code | status | what it says |", "|---|---|---|", *rows],
        "the tables of `docs/http.md` and `README.md`",
    )


def _codes(document: str) -> Iterator[tuple[str, str, str]]:
    """Yield each code of the tables of a document, with its status, if they have one, and its meaning."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for table in _HEADER.finditer(text):
        columns = [each.strip() for each in table[1].split("|")]
        for row in text[table.end() :].partition("\n\n")[0].splitlines()[2:]:
            codes, *cells = (cell.strip() for cell in row.strip("|").split(" | "))
            meaning = _LINK.sub(r"\1", cells[-1])
            if columns[-1] == "at most":
                meaning = f"a bound of a document: at most {meaning}"
            if columns[0] == "`cause`" and cells[0].startswith("`"):
                meaning = f"{meaning} ({cells[0]})"
            status = cells[0] if columns[0] == "status" else ("200" if document != "README.md" else "")
            for code in _CODE.findall(codes):
                yield code, status, meaning


def _schema() -> str:
    return _page(
        "Schema",
        "Every type with its fields, and below a field its arguments (↳). A type without `!` may be null. The same is "
        "served as SDL at `/schema.graphql` and by introspection, and GraphiQL has it beside the query. What is to go "
        "is marked first: [Deprecation](deprecation.md).",
        schema_lines(),
        "`schema/schema.graphql`",
    )


def _command_line() -> str:
    context = click.Context(server.commands, info_name="server.py")
    blocks = [_command(server.commands, context)]
    for name, command in server.commands.commands.items():
        blocks.append(_command(command, click.Context(command, info_name=name, parent=context)))
    return _page(
        "Command line",
        "`python server.py` in a clone, `catalogue-gateway` where the package is installed. Their further options are "
        "the [settings](settings.md).",
        ["\n\n".join(blocks)],
        "`cli.py`",
    )


def _command(command: click.Command, context: click.Context) -> str:
    settings = {each.name for each in fields(Settings)}
    options = [
        record for each in command.get_params(context) if each.name not in settings for record in _option(each, context)
    ]
    title = context.command_path
    return "\n".join([f"## `{title}`", command.help or "", "", "| option | what it does |", "|---|---|", *options])


def _option(option: click.Parameter, context: click.Context) -> list[str]:
    record = option.get_help_record(context)
    return [f"| `{record[0]}` | {record[1]} |"] if record else []


def _section(title: str, document: str = "README.md") -> str:
    """Return a section of a document at the root as a page."""
    text = (ROOT / document).read_text(encoding="utf-8")
    section = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return _page(title, section.replace("](docs/", "](").strip(), [], f'`{document}`, "{title}"')


def _page(title: str, introduction: str, lines: list[str], source: str) -> str:
    made = f"<!-- Written by `make docs` from {source}: change it there. -->"
    return "\n".join([f"# {title}", "", made, "", introduction, "", *lines]).strip() + "\n"
