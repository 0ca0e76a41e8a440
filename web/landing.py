"""The page at `/`: what this is, how large and how fresh the catalogue is, examples, and how to connect."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse

_HERE = Path(__file__).parent
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the page says of the catalogue. A count that is not known is None.

    `source` names where the catalogue comes from. `synced_at` is when it was last read whole; while that is None,
    `note` is the sentence that stands in its place.
    """

    source: str
    packages: int | None = None
    grids: int | None = None
    categories: int | None = None
    participants: int | None = None
    synced_at: datetime | None = None
    note: str = ""


class Example(msgspec.Struct, frozen=True):
    """A worked example, as `examples/examples.json` lists it; `file` is its document, beside that list."""

    file: str
    title: str
    summary: str
    variables: dict[str, object] | None = None


def landing_page(facts: Callable[[], Awaitable[Facts]]) -> Callable[[Request], Awaitable[HTMLResponse]]:
    """Make the endpoint of `/`. `facts` is asked for every page: it must be quick, and must not raise."""
    template = Template((_HERE / "landing.html").read_text(encoding="utf-8"))
    cards = "\n".join(_card(example) for example in read_examples())

    async def page(request: Request) -> HTMLResponse:
        known = await facts()
        content = template.substitute(
            url=escape(f"{request.base_url}graphql"),
            examples=cards,
            packages=_count(known.packages),
            grids=_count(known.grids),
            categories=_count(known.categories),
            participants=_count(known.participants),
            freshness=_freshness(known),
        )
        return HTMLResponse(content, headers={"cache-control": "no-cache"})

    return page


def read_examples() -> list[Example]:
    """Return the worked examples, in their order; GraphiQL's build reads the same files."""
    return msgspec.json.decode((_HERE / "examples" / "examples.json").read_bytes(), type=list[Example])


def example_url(example: Example) -> str:
    """Return the address, from `/`, that opens an example in GraphiQL, with the same text as its own tab has there."""
    parameters = {"query": (_HERE / "examples" / example.file).read_text(encoding="utf-8").rstrip()}
    if example.variables:
        parameters["variables"] = json.dumps(example.variables, indent=2, ensure_ascii=False)
    return f"graphql?{urlencode(parameters)}"


def _card(example: Example) -> str:
    return (
        f'<li><a href="{escape(example_url(example))}"><strong>{escape(example.title)}</strong>'
        f"<span>{escape(example.summary)}</span></a></li>"
    )


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _freshness(facts: Facts) -> str:
    source = escape(facts.source)
    if facts.synced_at is None:
        return f"From {source}. {escape(facts.note)}"
    at = facts.synced_at.astimezone(UTC)
    return f'Read from {source} <time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{_age(at)}</time>.'


def _age(then: datetime) -> str:
    seconds = (datetime.now(UTC) - then).total_seconds()
    for unit, size in _UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"
