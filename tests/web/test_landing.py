"""The page at `/`."""

import html
import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from graphql import parse, validate
from starlette.routing import Mount, Router

from catalogue import Catalogue
from server import create_app
from settings import Settings
from tests.queries import SCHEMA, data
from tests.web.pages import known_facts, landing_client
from web.landing import Facts


async def page(facts: Facts | None = None, **headers: str) -> httpx.Response:
    async with landing_client(facts or known_facts()) as client:
        return await client.get("/", headers=headers)


async def test_it_says_how_large_the_catalogue_is() -> None:
    assert dict(re.findall(r"<dt>(\w+)</dt><dd>(.*?)</dd>", (await page()).text)) == {
        "packages": "5,812",
        "grids": "381",
        "categories": "5",
        "participants": "14,210",
    }


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=61), "1 minute ago"),
        (timedelta(hours=5, minutes=59), "5 hours ago"),
        (timedelta(days=2, hours=1), "2 days ago"),
    ],
)
async def test_it_says_how_fresh_the_catalogue_is_and_from_where(age: timedelta, said: str) -> None:
    read_at = datetime.now(UTC) - age
    text = (await page(known_facts(read_at=read_at))).text
    assert f'<time datetime="{read_at:%Y-%m-%dT%H:%M:%SZ}">{said}</time>, again in 5 minutes.' in text
    assert 'Read from <a href="https://djangopackages.org/api/v4/">https://djangopackages.org/api/v4/</a>' in text


async def test_one_that_is_overdue_says_so() -> None:
    text = (await page(known_facts(due_at=datetime.now(UTC) - timedelta(seconds=1), note="Not <all>."))).text
    assert "1 hour ago</time>, and should have been read again by now. Not &lt;all&gt;." in text


async def test_a_time_in_the_future_is_just_now() -> None:
    text = (await page(known_facts(read_at=datetime.now(UTC) + timedelta(hours=1)))).text
    assert "</a> just now, again in 5 minutes." in text


async def test_what_is_not_known_is_not_made_up() -> None:
    facts = Facts(source="<x>", subjects=known_facts().subjects, note="The first sync is under way.")
    text = (await page(facts)).text
    assert re.findall(r"<dd>(.*?)</dd>", text) == ["–"] * 4
    assert "From &lt;x&gt;. The first sync is under way." in text


async def test_the_answer_stands_beside_its_query() -> None:
    text = (await page(known_facts(package="some-package"))).text
    query, variables, answer = (html.unescape(re.sub("<.*?>", "", each)) for each in shown(text))
    assert validate(SCHEMA._schema, parse(query)) == []
    assert json.loads(variables) == {"slug": "some-package"}
    assert json.loads(answer) == {"package": {"title": "<b>&", "grids": []}}


@pytest.mark.parametrize("answer", [b'{"errors":[{"message":"x"}],"data":{"package":null}}', b"{}"])
async def test_an_answer_that_is_none_is_not_shown(answer: bytes) -> None:
    async with landing_client(known_facts(), answer) as client:
        text = (await client.get("/")).text
    assert len(shown(text)) == 2
    assert "The answer is not at hand yet" in text


def shown(text: str) -> list[str]:
    section = text[text.index('<section class="pair"') :]
    return re.findall(r"<code>(.*?)</code>", section[: section.index("</section>")], re.DOTALL)


async def test_it_links_what_is_served_and_nothing_else() -> None:
    async with landing_client(known_facts()) as client:
        text = (await client.get("/")).text
    assert not re.search('href="(docs|example)/"', text)
    routes = [Mount("/docs", Router()), Mount("/example", Router())]
    async with landing_client(known_facts(), source_url="https://host/x?a&b", routes=routes) as client:
        text = (await client.get("/")).text
    for link in ("docs/", "example/", "https://host/x?a&amp;b", "schema.graphql", "graphql"):
        assert f'href="{link}"' in text


@pytest.mark.parametrize(
    ("closed", "settings"),
    [
        ({"graphql"}, {"explorer": False}),
        ({"graphql"}, {"trusted_only": True}),
        ({"schema.graphql"}, {"introspection": False}),
        ({"schema.graphql"}, {"router_secret": "x"}),
        ({"graphql", "schema.graphql"}, {"explorer": False, "introspection": False}),
    ],
)
async def test_it_leads_nowhere_where_people_are_refused(
    closed: set[str], settings: dict[str, Any], tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text("{}")
    app = create_app(Settings(upstream="sample", mirror=False, trusted_documents=manifest, **settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        text = (await client.get("/")).text
    links = [urlsplit(link) for link in re.findall('href="([^"]*)"', text)]
    assert {"graphql", "schema.graphql"} - {link.path for link in links} == closed
    assert {link.fragment for link in links if link.fragment} == set(re.findall('id="([^"]*)"', text))
    assert ("GraphiQL" in text) == ("graphql" not in closed)
    assert "<!--" not in text


async def test_it_says_when_to_use_the_rest_api() -> None:
    text = (await page()).text
    assert "<h3>Use this</h3>" in text
    assert "<h3>Use the REST API</h3>" in text
    assert 'href="https://djangopackages.org/api/v4/"' in text


async def test_each_example_is_linked_with_its_query_and_variables() -> None:
    links = re.findall(r'<li><a href="([^"]*)"><strong>(.*?)</strong>', (await page()).text)
    assert [title for _, title in links][:2] == ["Neighbours", "Filters"]
    parameters = parse_qs(urlsplit(html.unescape(links[0][0])).query)
    assert "query Neighbours($slug: String!)" in parameters["query"][0]
    assert json.loads(parameters["variables"][0]) == {"slug": "django-loci"}


async def test_the_curl_command_is_a_request_that_is_answered(catalogue: Catalogue) -> None:
    command = re.search(r"<code>(curl .*?)</code>", (await page()).text, re.DOTALL)
    assert command is not None
    program, url, _, header, _, body = shlex.split(html.unescape(command[1]).replace("\\\n", ""))
    assert (program, url, header) == ("curl", "http://gateway/graphql", "Content-Type: application/json")
    assert (await data(catalogue, json.loads(body)["query"]))["package"]["title"] == "django-loci"


async def test_every_query_of_a_client_is_valid() -> None:
    snippets = re.findall(r"<code>(.*?)</code>", (await page()).text, re.DOTALL)
    plain = [html.unescape(snippet).replace('\\"', '"') for snippet in snippets]
    queries = [found[0] for each in plain if (found := re.search(r"\{ package\(.*?\}(?=['\"`])", each, re.DOTALL))]
    assert len(queries) == 4
    for query in queries:
        assert validate(SCHEMA._schema, parse(query)) == []


async def test_the_address_shown_is_the_one_asked_for_and_cannot_bring_markup() -> None:
    assert "<code>http://catalogue.example:8080/graphql</code>" in (await page(host="catalogue.example:8080")).text
    assert "<script" not in (await page(host='"><script>alert(1)</script>')).text
