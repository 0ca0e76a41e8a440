"""The page at `/`: what this is, what it serves and how fresh, when to use it, examples, and how to connect."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from web.examples import Example, Examples, Subjects, examples_route

ANSWER_SECONDS: Final = 1.0
"""How long the page waits for the answer beside its query; without a mirror it may have to be read first."""

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_LINKS = (("docs/", "Documentation"), ("example/", "Example"))
_PART = re.compile(r"<!-- (?P<name>\w+) -->\n(?P<text>.*?)<!-- /(?P=name) -->\n", re.DOTALL)
"""A part of the page that leads to what may not be served."""

_TOKEN = re.compile(
    r'(?P<comment>#.*)|(?P<key>"[^"\n]*"(?=: ))|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<variable>\$\w+)|'
    r"(?P<keyword>\b(?:query|fragment|on|true|false|null)\b)|(?P<number>\b\d[\d.]*\b)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the page says of the catalogue. A count that is not known is None.

    `source` names where the catalogue comes from. `read_at` is when it was read, `due_at` when it should be read again;
    both are None before the first time. `note` is one sentence more. `subjects` are what the examples ask for.
    """

    source: str
    subjects: Subjects
    packages: int | None = None
    grids: int | None = None
    categories: int | None = None
    participants: int | None = None
    read_at: datetime | None = None
    due_at: datetime | None = None
    note: str = ""


def pages(
    facts: Callable[[], Awaitable[Facts]],
    answer: Callable[[Example], Awaitable[bytes]],
    source_url: str | None = None,
    without: Collection[str] = (),
) -> list[Route]:
    """Make the page at `/`, and the examples that GraphiQL opens with.

    Args:
        facts: asked for every page: it must be quick, and must not raise.
        answer: answers an example as the endpoint does.
        source_url: where the gateway's source is.
        without: what is not for everybody here, `explorer` or `schema`: the page does not lead there.
    """
    examples = Examples()

    async def subjects() -> Subjects:
        return (await facts()).subjects

    return [
        Route("/", _landing_page(examples, facts, answer, source_url, without)),
        examples_route(examples, subjects),
    ]


def _landing_page(
    examples: Examples,
    facts: Callable[[], Awaitable[Facts]],
    answer: Callable[[Example], Awaitable[bytes]],
    source_url: str | None,
    without: Collection[str],
) -> Callable[[Request], Awaitable[HTMLResponse]]:
    text = Path(__file__).with_name("landing.html").read_text(encoding="utf-8")
    template = Template(_PART.sub(lambda part: "" if part["name"] in without else part["text"], text))

    async def page(request: Request) -> HTMLResponse:
        known = await facts()
        shown = examples.about(known.subjects)
        content = template.substitute(
            url=escape(f"{request.base_url}graphql"),
            slug=escape(str(known.subjects["package"])),
            links=_links(request, source_url),
            query=_highlighted(shown[0].query),
            variables=_highlighted(_json(shown[0].variables)),
            answer=_answer(await _within_time(answer(shown[0]))),
            open=escape(shown[0].url),
            examples="\n".join(map(_card, shown)),
            packages=_count(known.packages),
            grids=_count(known.grids),
            categories=_count(known.categories),
            participants=_count(known.participants),
            freshness=_freshness(known),
        )
        return HTMLResponse(content, headers={"cache-control": "no-cache"})

    return page


async def _within_time(answer: Awaitable[bytes]) -> bytes:
    try:
        return await asyncio.wait_for(answer, ANSWER_SECONDS)
    except TimeoutError:
        return b"{}"


def _links(request: Request, source_url: str | None) -> str:
    """Return links to what is served beside the endpoint, and to the source."""
    served = {getattr(route, "path", "").strip("/") + "/" for route in request.app.routes}
    links = [(path, name) for path, name in _LINKS if path in served]
    if source_url:
        links.append((source_url, "Source"))
    return "\n".join(f'    <a href="{escape(url)}">{name}</a>' for url, name in links)


def _answer(body: bytes) -> str:
    response: dict[str, Any] = msgspec.json.decode(body)
    if "errors" in response or "data" not in response:
        return "<p>The answer is not at hand yet: come again in a moment.</p>"
    return f'<pre tabindex="0" aria-label="Answer"><code>{_highlighted(_json(response["data"]))}</code></pre>'


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _highlighted(text: str) -> str:
    return _TOKEN.sub(lambda token: f'<span class="{token.lastgroup}">{token[0]}</span>', escape(text, quote=False))


def _card(example: Example) -> str:
    return (
        f'<li><a href="{escape(example.url)}"><strong>{escape(example.title)}</strong>'
        f"<span>{escape(example.summary)}</span></a></li>"
    )


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _freshness(facts: Facts) -> str:
    source = escape(facts.source)
    if urlsplit(facts.source).scheme in ("http", "https"):
        source = f'<a href="{source}">{source}</a>'
    if facts.read_at is None or facts.due_at is None:
        return f"From {source}. {escape(facts.note)}"
    age = (datetime.now(UTC) - facts.read_at).total_seconds()
    left = (facts.due_at - datetime.now(UTC)).total_seconds()
    moment = f"{facts.read_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    read = f'<time datetime="{moment}">{_span(age)} ago</time>' if age >= 1 else "just now"
    due = f"again in {_span(left)}" if left > 0 else "and should have been read again by now"
    return f"Read from {source} {read}, {due}. {escape(facts.note)}".rstrip()


def _span(seconds: float) -> str:
    unit, size = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    number = max(1, int(seconds // size))
    return f"{number} {unit}{'s' if number > 1 else ''}"
