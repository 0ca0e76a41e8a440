"""Spans: what is done for an operation, and for how long, for whoever traces it.

A leaf that knows no tracing system: `web/telemetry.py` knows one. Where nobody traces, a span is one look at a context
variable. What belongs to one operation finds its way through its tasks, as context variables do.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Final, Protocol, TypeAlias

Attributes: TypeAlias = Mapping[str, str | int | bool]
"""What is said of a span: never what a client asks for."""


class Tracer(Protocol):
    """Makes spans; each is a part of the one that is current, and is current itself until it ends."""

    def span(self, name: str, attributes: Attributes, *, asks: bool) -> AbstractContextManager[None]:
        """Make a span, of what asks another service if it `asks`; an exception that ends it is its error."""

    def annotate(self, attributes: Attributes, name: str | None) -> None:
        """Say more of the current span, or name it anew."""

    def headers(self) -> Mapping[str, str]:
        """Return the headers that tell another service of the current span."""


_tracer: Final[ContextVar[Tracer | None]] = ContextVar("tracer", default=None)

_NO_SPAN: Final = nullcontext()
_NO_HEADERS: Final[Mapping[str, str]] = {}


@contextmanager
def traced_by(tracer: Tracer | None) -> Iterator[None]:
    """Have everything that is done or begun here traced."""
    token = _tracer.set(tracer)
    try:
        yield
    finally:
        _tracer.reset(token)


def is_traced() -> bool:
    """Whether anybody traces what is done here."""
    return _tracer.get() is not None


def span(name: str, describe: Callable[[], Attributes] = dict, *, asks: bool = False) -> AbstractContextManager[None]:
    """Make a span of what is done within; `describe` is called only where it is traced."""
    tracer = _tracer.get()
    return _NO_SPAN if tracer is None else tracer.span(name, describe(), asks=asks)


def annotate(attributes: Attributes, name: str | None = None) -> None:
    """Say more of the current span, or name it anew."""
    tracer = _tracer.get()
    if tracer is not None:
        tracer.annotate(attributes, name)


def context_headers() -> Mapping[str, str]:
    """Return the headers that tell another service of the current span; none where nobody traces."""
    tracer = _tracer.get()
    return _NO_HEADERS if tracer is None else tracer.headers()
