"""Traces by OpenTelemetry: a span a request to the endpoint, and spans within, exported as the environment says.

This is imported where traces are wanted, and nothing else of the gateway imports OpenTelemetry. It keeps a provider of
its own for each application, and leaves the one that the process may have alone.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from importlib.metadata import entry_points
from threading import Thread
from typing import Final

from graphql import OperationType
from opentelemetry.context import Context
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import (
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    Tracer,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spans import Attributes, traced_by
from version import NAME, VERSION
from web.access import CLIENT_LEFT, OPERATION
from web.headers import headers_of
from web.origin import READY
from web.traces import annotate_operation

logger = logging.getLogger(__name__)

FLUSH_SECONDS: Final = 3.0
"""For how long the end waits until the last spans are exported."""

METHODS: Final = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}

PROTOCOLS: Final = {"grpc": "otlp_proto_grpc", "http/protobuf": "otlp_proto_http"}
"""What the exporters of OTLP's protocols are called among the entry points."""

_W3C: Final = TraceContextTextMapPropagator()


def provider_of_environment() -> TracerProvider:
    """Make a provider as the `OTEL_…` variables say; OpenTelemetry reads all of them but the exporters' names.

    Raises:
        ValueError: it cannot be made so.
    """
    names = [each.strip() for each in (os.environ.get("OTEL_TRACES_EXPORTER") or "otlp").split(",")]
    own = {"service.name": NAME, "service.version": VERSION}
    resource = Resource.create({**own, **OTELResourceDetector().detect().attributes})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    for name in names:
        provider.add_span_processor(BatchSpanProcessor(_exporter(name)))
    return provider


def _exporter(name: str) -> SpanExporter:
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    entry = PROTOCOLS.get(protocol or "http/protobuf", name) if name == "otlp" else name
    found = list(entry_points(group="opentelemetry_traces_exporter", name=entry))
    if not found:
        raise ValueError(f"no exporter `{entry}` is installed")
    exporter: SpanExporter = found[0].load()()
    return exporter


class Telemetry:
    """Traces one application; a `spans.Tracer`.

    Args:
        make_provider: makes what spans go to, once the application starts: its threads would not survive a fork.
    """

    def __init__(self, make_provider: Callable[[], TracerProvider] = provider_of_environment) -> None:
        self._make_provider = make_provider
        self._tracer: Tracer = NoOpTracer()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Trace while the application runs; what fails here keeps nobody from being served."""
        try:
            provider = self._make_provider()
        except Exception as error:
            logger.warning("Nothing is traced: %s.", error)
            yield
            return
        self._tracer = provider.get_tracer(NAME, VERSION)
        try:
            yield
        finally:
            # OpenTelemetry would wait for half a minute where nobody takes the spans.
            ending = Thread(target=provider.shutdown, daemon=True)
            ending.start()
            await asyncio.to_thread(ending.join, FLUSH_SECONDS)

    def traced(self, app: ASGIApp) -> ASGIApp:
        """Return the endpoint with a span around each request, part of the trace that the client names."""

        async def app_traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "websocket":  # each of its operations has a trace of its own
                with traced_by(self):
                    await app(scope, receive, send)
                return
            status, is_ready = CLIENT_LEFT, False

            async def send_noted(message: Message) -> None:
                nonlocal status, is_ready
                if message["type"] == "http.response.start":
                    status, is_ready = message["status"], READY[0] in message["headers"]
                await send(message)

            with traced_by(self), self._request(scope) as current:
                await app(scope, receive, send_noted)
                if is_ready:
                    annotate_operation(OperationType.QUERY, scope[OPERATION], is_ready=True)
                current.set_attribute("http.response.status_code", status)
                if status >= 500:
                    current.set_status(StatusCode.ERROR)

        return app_traced

    def _request(self, scope: Scope) -> AbstractContextManager[Span]:
        """Begin the span of a request; within an application that is traced itself, it is a part of that one's."""
        within = get_current_span().get_span_context().is_valid
        headers = headers_of(scope)
        carrier = {name: headers[name.encode()].decode("latin-1") for name in _W3C.fields if name.encode() in headers}
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        return self._tracer.start_as_current_span(
            f"{method} /graphql",
            context=None if within else _W3C.extract(carrier, Context()),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "http.route": "/graphql"},
            record_exception=False,
            set_status_on_exception=False,
        )

    @contextmanager
    def span(self, name: str, attributes: Attributes, *, asks: bool) -> Iterator[None]:
        """Make a span; of an exception it has the type alone, as its message may say what was asked for."""
        kind = SpanKind.CLIENT if asks else SpanKind.INTERNAL
        with self._tracer.start_as_current_span(
            name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as current:
            try:
                yield
            except Exception as error:
                current.set_status(StatusCode.ERROR)
                current.set_attribute("error.type", type(error).__name__)
                raise

    def annotate(self, attributes: Attributes, name: str | None) -> None:
        """Say more of the current span, or name it anew."""
        current = get_current_span()
        current.set_attributes(attributes)
        if name is not None:
            current.update_name(name)

    def headers(self) -> Mapping[str, str]:
        """Return `traceparent`, and no `tracestate`, which may hold anything of the client's."""
        context = get_current_span().get_span_context()
        bare = SpanContext(context.trace_id, context.span_id, is_remote=False, trace_flags=context.trace_flags)
        headers: dict[str, str] = {}
        _W3C.inject(headers, set_span_in_context(NonRecordingSpan(bare), Context()))
        return headers
