"""The page at `/`."""

import html
import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from graphql import parse, validate
from starlette.applications import Starlette
from starlette.routing import Route

from catalogue import Catalogue
from tests.queries import SCHEMA, data
from web.landing import Facts, landing_page, read_examples

KNOWN = Facts(
    source="https://djangopackages.org/api/v4/",
    packages=5812,
    grids=381,
    categories=5,
    participants=14210,
    synced_at=datetime(2026, 10, 1, 12, tzinfo=UTC),
)


async def page(facts: Facts = KNOWN, **headers: str) -> httpx.Response:
    async def known() -> Facts:
        return facts

    transport = httpx.ASGITransport(Starlette(routes=[Route("/", landing_page(known))]))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.get("/", headers=headers)


async def test_it_says_how_large_the_catalogue_is() -> None:
    text = (await page()).text
    assert dict(re.findall(r"<dt>(\w+)</dt><dd>(.*?)</dd>", text)) == {
        "packages": "5,812",
        "grids": "381",
        "categories": "5",
        "participants": "14,210",
    }
    assert 'Read from https://djangopackages.org/api/v4/ <time datetime="2026-10-01T12:00:00Z">' in text


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=61), "1 minute ago"),
        (timedelta(hours=5, minutes=59), "5 hours ago"),
        (timedelta(days=2, hours=1), "2 days ago"),
        (timedelta(hours=-1), "just now"),
    ],
)
async def test_it_says_how_fresh_the_catalogue_is(age: timedelta, said: str) -> None:
    assert f">{said}</time>" in (await page(Facts(source="x", synced_at=datetime.now(UTC) - age))).text


async def test_what_is_not_known_is_not_made_up() -> None:
    text = (await page(Facts(source="<x>", note="The first sync is under way."))).text
    assert re.findall(r"<dd>(.*?)</dd>", text) == ["–"] * 4
    assert "From &lt;x&gt;. The first sync is under way." in text


async def test_each_example_is_linked_with_its_query_and_variables() -> None:
    links = re.findall(r'<li><a href="([^"]*)"><strong>(.*?)</strong>', (await page()).text)
    assert [title for _, title in links] == [each.title for each in read_examples()]
    parameters = parse_qs(urlsplit(html.unescape(links[0][0])).query)
    assert "query Neighbours($slug: String!)" in parameters["query"][0]
    assert json.loads(parameters["variables"][0]) == {"slug": "django-loci"}


async def test_the_curl_command_is_a_request_that_is_answered(catalogue: Catalogue) -> None:
    command = re.search(r"<code>(curl .*?)</code>", (await page()).text, re.DOTALL)
    assert command is not None
    program, url, _, header, _, body = shlex.split(html.unescape(command[1]).replace("\\\n", ""))
    assert (program, url, header) == ("curl", "http://gateway/graphql", "Content-Type: application/json")
    assert (await data(catalogue, json.loads(body)["query"]))["package"]["title"] == "django-loci"


async def test_every_query_on_the_page_is_valid() -> None:
    snippets = re.findall(r"<code>(.*?)</code>", (await page()).text, re.DOTALL)
    plain = [html.unescape(re.sub(r"<.*?>", "", snippet)).replace('\\"', '"') for snippet in snippets]
    queries = [
        found[0]
        for each in plain
        if (found := re.search(r"query Neighbours \{.*\}|\{ package\(.*?\}(?=['\"`])", each, re.DOTALL))
    ]
    assert len(queries) == 5
    for query in queries:
        assert validate(SCHEMA._schema, parse(query)) == []


async def test_the_address_shown_is_the_one_asked_for_and_cannot_bring_markup() -> None:
    assert "<code>http://catalogue.example:8080/graphql</code>" in (await page(host="catalogue.example:8080")).text
    assert "<script" not in (await page(host='"><script>alert(1)</script>')).text
