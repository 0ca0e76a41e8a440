"""Traces by OpenTelemetry: which spans there are, whose parts they are, what they say and what they never say."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Sampler
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from server import create_app
from settings import Settings
from tests.fake_upstream import ABSENT, FakeUpstream, Reply
from tests.live import Client
from tests.patience import PATIENCE
from tests.web.serving import serve
from web.telemetry import Telemetry, provider_of_environment
from web.traces import telemetry_of

GRIDS = 'query Grids { package(slug: "django-loci") { title grids { title } } }'
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=whatever"}

Attributes = dict[str, object]
Gateway = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def gateway(fake: FakeUpstream, spans: InMemorySpanExporter) -> "Gateway":
    """Serves without a mirror, asking for each record; the spans are there once it has ended."""
    settings = Settings(upstream=fake.base_url, mirror=False, upstream_timeout=PATIENCE, batch_limit=2)
    return partial(gateway_of, settings, spans)


@contextmanager
def gateway_of(settings: Settings, spans: InMemorySpanExporter, sampler: Sampler | None = None) -> Iterator[str]:
    with serve(create_app(settings, telemetry=Telemetry(partial(_provider, spans, sampler)))) as url:
        yield f"{url}/graphql"


def _provider(spans: InMemorySpanExporter, sampler: Sampler | None = None) -> TracerProvider:
    provider = TracerProvider(sampler, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider


async def ask(url: str, query: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return await client.post(url, json={"query": query}, headers=headers)


def named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [each for each in spans.get_finished_spans() if each.name == name]


def one(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    (span,) = named(spans, name)
    return span


def said(span: ReadableSpan) -> Attributes:
    return dict(span.attributes or {})


def parent_of(spans: InMemorySpanExporter, span: ReadableSpan) -> ReadableSpan | None:
    ids = {each.context.span_id: each for each in spans.get_finished_spans()}
    return ids.get(span.parent.span_id) if span.parent else None


def line_of(spans: InMemorySpanExporter, span: ReadableSpan) -> list[str]:
    """Return the names of a span and of those that it is a part of."""
    parent = parent_of(spans, span)
    return [span.name, *(line_of(spans, parent) if parent else [])]


async def test_an_operation_its_waves_its_batches_and_what_it_asks_are_one_trace(
    gateway: Gateway, spans: InMemorySpanExporter
) -> None:
    with gateway() as url:
        await ask(url, GRIDS)
    asked = named(spans, "GET grids")
    assert asked
    for each in asked:
        assert line_of(spans, each) == ["GET grids", "batch", "wave", "query Grids"]
        assert each.kind is SpanKind.CLIENT
        assert said(each) == {
            "http.request.method": "GET",
            "http.response.status_code": 200,
            "catalogue.resource": "grids",
            "catalogue.attempt": 1,
            "catalogue.outcome": "ok",
        }
    batch = parent_of(spans, asked[0])
    assert batch
    assert said(batch) == {"catalogue.loader": "grids", "catalogue.keys": len(asked)}
    assert [said(each) for each in named(spans, "wave")] == [{"catalogue.layers": 1, "catalogue.records": 1}] * 2
    operation = one(spans, "query Grids")
    assert operation.kind is SpanKind.SERVER
    assert operation.parent is None
    assert operation.status.status_code is StatusCode.UNSET
    assert said(operation) == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
        "graphql.operation.type": "query",
        "graphql.operation.name": "Grids",
        "catalogue.ready": False,
    }


async def test_a_ready_answer_is_a_span_alone(spans: InMemorySpanExporter, tmp_path: Path) -> None:
    with gateway_of(Settings(upstream="sample", data_dir=tmp_path), spans) as url:
        while (await ask(url, GRIDS)).headers["cache-status"] != "catalogue; hit":
            pass
    *_, operation = named(spans, "query Grids")
    assert said(operation)["catalogue.ready"] is True
    assert operation.context.span_id not in {each.parent.span_id for each in spans.get_finished_spans() if each.parent}


async def test_the_client_s_trace_is_gone_on_with_and_the_upstream_told_of_it(
    gateway: Gateway, fake: FakeUpstream, spans: InMemorySpanExporter
) -> None:
    with gateway() as url:
        await ask(url, GRIDS, **TRACEPARENT, baggage="user=somebody", cookie="secret=1")
    operation = one(spans, "query Grids")
    assert operation.parent
    assert f"{operation.parent.span_id:016x}" == PARENT
    assert {f"{each.context.trace_id:032x}" for each in spans.get_finished_spans()} == {TRACE}
    told = {each.headers["traceparent"] for each in fake.requests if "traceparent" in each.headers}
    asks = {each for each in spans.get_finished_spans() if each.kind is SpanKind.CLIENT}
    assert told == {f"00-{TRACE}-{each.context.span_id:016x}-01" for each in asks}
    for request in fake.requests:
        assert not {"tracestate", "baggage", "cookie"} & set(request.headers)


@pytest.mark.parametrize("value", ["", "00", f"00-{TRACE}", f"00-{'0' * 32}-{PARENT}-01", "x" * 5000, "00-é-é-01"])
async def test_a_context_that_is_none_begins_a_trace(gateway: Gateway, spans: InMemorySpanExporter, value: str) -> None:
    with gateway() as url:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            headers = {b"traceparent": value.encode()}
            assert (await client.post(url, json={"query": "query T { __typename }"}, headers=headers)).is_success
    assert one(spans, "query T").parent is None


async def test_operations_at_once_do_not_mix(gateway: Gateway, fake: FakeUpstream, spans: InMemorySpanExporter) -> None:
    fake.held = asyncio.Event()
    slugs = {"A": "django-loci", "B": "django-debug-toolbar", "C": "wagtail"}
    with gateway() as url:
        asking = [
            asyncio.create_task(ask(url, f'query {name} {{ package(slug: "{slug}") {{ grids {{ title }} }} }}'))
            for name, slug in slugs.items()
        ]
        await fake.until(lambda fake: sum("packages/" in target for target in fake.targets) == len(slugs))
        fake.held.set()
        await asyncio.gather(*asking)
    traces: dict[int, set[str]] = {}
    for each in spans.get_finished_spans():
        traces.setdefault(each.context.trace_id, set()).add(line_of(spans, each)[-1])
    assert sorted(traces.values(), key=min) == [{"query A"}, {"query B"}, {"query C"}]


async def test_what_is_absent_is_no_error(gateway: Gateway, fake: FakeUpstream, spans: InMemorySpanExporter) -> None:
    fake.replies = {"packages/nothing-such/": ABSENT}
    with gateway() as url:
        await ask(url, 'query Absent { package(slug: "nothing-such") { title } }')
    asked = one(spans, "GET packages")
    assert asked.status.status_code is StatusCode.UNSET
    assert said(asked)["catalogue.outcome"] == "absent"


async def test_each_attempt_is_a_span_with_what_became_of_it(
    gateway: Gateway, fake: FakeUpstream, spans: InMemorySpanExporter
) -> None:
    fake.replies = {"packages/broken/": Reply(503)}
    with gateway() as url:
        answer = await ask(url, 'query Fails { package(slug: "broken") { title } }')
    (error,) = answer.json()["errors"]
    asked = named(spans, "GET packages")
    assert len(asked) > 1
    assert [said(each)["catalogue.attempt"] for each in asked] == list(range(1, len(asked) + 1))
    for each in asked:
        assert each.status.status_code is StatusCode.ERROR
        assert said(each)["catalogue.outcome"] == "status"
        assert said(each)["http.response.status_code"] == 503
    assert said(one(spans, "query Fails"))["catalogue.error.code"] == error["extensions"]["code"]


async def test_nothing_of_what_is_asked_for_is_in_a_span(
    gateway: Gateway, fake: FakeUpstream, spans: InMemorySpanExporter
) -> None:
    fake.replies = {"packages/secret-slug/": Reply(500)}
    query = (
        "query Q($secret: String!) { package(slug: $secret) { title } search(query: $secret) { nodes { __typename } } }"
    )
    with gateway() as url:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            await client.post(url, json={"query": query, "variables": {"secret": "secret-slug"}})
            await client.post(url, json={"query": "{ secret"})
            await client.get(url, params={"query": "{ secret }"}, headers={"apollo-require-preflight": "1"})
    assert {"GET packages", "GET search", "query Q", "POST /graphql", "GET /graphql"} <= {
        each.name for each in spans.get_finished_spans()
    }
    for each in spans.get_finished_spans():
        assert "secret" not in each.to_json()


async def test_a_request_that_is_no_operation(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    with gateway() as url:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            await client.post(url, json={"query": "{"})
            await client.request("PROPFIND", url)
    parsed, other = one(spans, "POST /graphql"), one(spans, "_OTHER /graphql")
    assert said(parsed)["catalogue.error.code"] == "GRAPHQL_PARSE_FAILED"
    assert said(other)["http.response.status_code"] == 405


async def test_operations_of_a_batch_have_spans_of_their_own(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    with gateway() as url:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            await client.post(url, json=[{"query": GRIDS}, {"query": "query Other { __typename }"}])
    assert line_of(spans, one(spans, "query Grids")) == ["query Grids", "POST /graphql"]
    assert line_of(spans, one(spans, "query Other")) == ["query Other", "POST /graphql"]


async def test_operations_of_a_websocket_have_traces_of_their_own(
    gateway: Gateway, spans: InMemorySpanExporter
) -> None:
    with gateway() as url:
        protocols = [Subprotocol("graphql-transport-ws")]
        async with connect(url.replace("http", "ws"), subprotocols=protocols) as websocket:
            client = Client(websocket)
            await client.send("connection_init")
            for id_, query in (("1", GRIDS), ("2", "query Other { __typename }")):
                await client.subscribe(id_, query)
            for _ in range(2):
                while (await client.next())["type"] != "complete":
                    pass
    assert line_of(spans, one(spans, "query Grids")) == ["query Grids"]
    assert line_of(spans, one(spans, "query Other")) == ["query Other"]


async def test_a_name_is_bounded(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    with gateway() as url:
        await ask(url, f"query {'Q' * 5000} {{ __typename }}")
    assert max(len(each.name) for each in spans.get_finished_spans()) < 200


async def test_a_crawl_is_a_trace(fake: FakeUpstream, spans: InMemorySpanExporter, tmp_path: Path) -> None:
    settings = Settings(upstream=fake.base_url, data_dir=tmp_path, upstream_timeout=PATIENCE)
    with gateway_of(settings, spans) as url:
        await ask(url, "{ packages(first: 1) { totalCount } }")
    crawl = one(spans, "crawl")
    assert crawl.parent is None
    assert {line_of(spans, each)[-1] for each in named(spans, "GET packages")} == {"crawl"}


async def test_what_the_sampler_drops_is_not_recorded_and_the_upstream_told_so(
    fake: FakeUpstream, spans: InMemorySpanExporter
) -> None:
    settings = Settings(upstream=fake.base_url, mirror=False, upstream_timeout=PATIENCE)
    with gateway_of(settings, spans, ALWAYS_OFF) as url:
        assert (await ask(url, GRIDS)).json()["data"]["package"]["grids"]
    assert spans.get_finished_spans() == ()
    sampled = {int(each.headers["traceparent"][-2:], 16) & 1 for each in fake.requests if "traceparent" in each.headers}
    assert sampled == {0}


async def test_within_an_application_that_is_traced_itself_it_is_a_part_of_that(
    fake: FakeUpstream, spans: InMemorySpanExporter
) -> None:
    outer = _provider(spans).get_tracer("outer")
    app = create_app(Settings(upstream="sample", mirror=False), telemetry=Telemetry(partial(_provider, spans)))

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        with outer.start_as_current_span("outer"):
            await app(scope, receive, send)

    with serve(around) as url:
        await ask(f"{url}/graphql", "query T { __typename }", **TRACEPARENT)
    assert line_of(spans, one(spans, "query T")) == ["query T", "outer"]


async def test_what_cannot_be_set_up_keeps_nobody_from_being_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "nonesuch")
    with serve(create_app(Settings(upstream="sample", mirror=False))) as url:
        assert (await ask(f"{url}/graphql", "{ __typename }")).json() == {"data": {"__typename": "Query"}}
    assert "Nothing is traced: no exporter `nonesuch` is installed." in caplog.text


def test_without_the_extra_a_warning_names_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "web.telemetry", None)
    assert telemetry_of({"OTEL_TRACES_EXPORTER": "otlp"}) is None
    assert "install the extra `tracing`" in caplog.text


def test_the_environment_names_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    assert _resource()["service.name"] == "catalogue-gateway"
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(_resource()["service.version"]))
    monkeypatch.setenv("OTEL_SERVICE_NAME", "packages")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging")
    assert _resource()["service.name"] == "packages"
    assert _resource()["deployment.environment.name"] == "staging"


def _resource() -> Attributes:
    provider = provider_of_environment()
    provider.shutdown()
    return dict(provider.resource.attributes)
