"""The command line, as far as it starts nothing; tests/test_server.py has what it starts."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

import server
from settings import Settings, environment_name
from version import VERSION

README = (Path(__file__).parents[1] / "README.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "environment", "named"),
    [
        (["--port", "70000"], {}, "--port"),
        (["--port", "http"], {}, "'http' is not a valid integer."),
        (["--freshness", "nan"], {}, "NaN is no number"),
        (["--mirror", "maybe"], {}, "'maybe' is neither `on` nor `off`"),
        (["--freshness", "soon"], {}, "--freshness"),
        (["--upstream", "ftp://x/"], {}, "--upstream"),
        (["--upstream", "nonsense"], {}, "--upstream"),
        (["--upstream", "http://"], {}, "--upstream"),
        (["--nonsense"], {}, "--nonsense"),
        (["--cors-origins", "here"], {}, "--cors-origins"),
        (["--root-path", "here"], {}, "--root-path"),
        ([], {"CATALOGUE_UPSTREAM_CONCURRENCY": "0"}, "--upstream-concurrency"),
    ],
)
def test_a_bad_setting_is_one_line_and_exit_code_2(
    arguments: list[str],
    environment: dict[str, str],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        server.main(arguments)
    complained = capsys.readouterr().err
    assert (ended.value.code, len(complained.splitlines())) == (2, 1)
    assert named in complained


@pytest.fixture(scope="module")
def help_text() -> str:
    return CliRunner().invoke(server.commands, ["--help"]).output


@pytest.mark.parametrize("name", [each.name for each in fields(Settings)])
def test_every_setting_has_help_and_a_row_in_the_readme(name: str, help_text: str) -> None:
    option = f"--{name.replace('_', '-')}"
    assert re.search(rf"^  {option}\b", help_text, re.MULTILINE)
    assert environment_name(name) in help_text
    assert f"| `{option}` | `{environment_name(name)}` |" in README


def test_a_variable_that_is_no_setting_is_named_with_the_one_that_may_be_meant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CATALOGUE_PROT", "80")
    monkeypatch.setenv("CATALOGUE_COLOUR", "red")
    monkeypatch.setenv("CATALOGUE_LOG_LEVEL", "info")
    with pytest.raises(SystemExit):
        server.main(["sync", "--data-dir", ":memory:"])
    warned = re.findall(r"WARNING cli: (.+)", capsys.readouterr().err)
    assert warned == [
        "CATALOGUE_COLOUR is set, and is no setting.",
        "CATALOGUE_PROT is set, and is no setting: is it CATALOGUE_PORT?",
    ]


def test_it_says_its_version() -> None:
    done = CliRunner().invoke(server.commands, ["--version"])
    assert (done.exit_code, done.output) == (0, f"catalogue-gateway, version {VERSION}\n")
