"""The worked examples of GraphiQL and of the page at `/`, which ask for what the catalogue served here has."""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FOLDER = Path(__file__).parent / "examples"

Subjects = Mapping[str, object]
"""What the examples ask for, by the names that `examples/examples.json` uses."""


class _Entry(msgspec.Struct, frozen=True):
    """A row of `examples/examples.json`: a document beside it, and for each variable the subject that it asks for."""

    file: str
    title: str
    summary: str
    variables: dict[str, str] = {}


class Example(msgspec.Struct, frozen=True):
    """A worked example: its name, what it shows, its document and its variables."""

    title: str
    summary: str
    query: str
    variables: dict[str, object]

    @property
    def url(self) -> str:
        """The address, from `/`, that opens it in GraphiQL, with the same text as its own tab has there."""
        parameters = {"query": self.query}
        if self.variables:
            parameters["variables"] = json.dumps(self.variables, indent=2, ensure_ascii=False)
        return f"graphql?{urlencode(parameters)}"


class Examples:
    """The worked examples, in their order."""

    def __init__(self) -> None:
        entries = msgspec.json.decode((_FOLDER / "examples.json").read_bytes(), type=list[_Entry])
        self._entries = [(each, (_FOLDER / each.file).read_text(encoding="utf-8").rstrip()) for each in entries]

    def about(self, subjects: Subjects) -> list[Example]:
        """Return them with variables that ask for these subjects."""
        return [
            Example(entry.title, entry.summary, query, {name: subjects[of] for name, of in entry.variables.items()})
            for entry, query in self._entries
        ]


def examples_route(examples: Examples, subjects: Callable[[], Awaitable[Subjects]]) -> Route:
    """Make `/examples.json`, from which GraphiQL takes the examples."""

    async def examples_json(request: Request) -> Response:
        body = msgspec.json.encode(examples.about(await subjects()))
        return Response(body, headers={"cache-control": "no-cache"}, media_type="application/json")

    return Route("/examples.json", examples_json)
