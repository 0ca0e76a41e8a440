"""Whether requests are traced by OpenTelemetry, and what a span says of an operation.

Traces for routers, which go into the response, are made by `web/tracing.py`.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from graphql import OperationType

from spans import annotate, is_traced
from web.metrics import MAX_LENGTH

if TYPE_CHECKING:
    from web.telemetry import Telemetry

logger = logging.getLogger(__name__)

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def telemetry_of(environment: Mapping[str, str]) -> "Telemetry | None":
    """Return what traces, where the environment names an exporter or where to export to; else nothing is imported."""
    exporters = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    is_wanted = exporters != "none" if exporters else any(map(environment.get, ENDPOINTS))
    if not is_wanted or environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    try:
        from web.telemetry import Telemetry  # it takes a fifth of a second
    except ImportError as error:
        logger.warning("Nothing is traced: install the extra `tracing` (%s).", error)
        return None
    return Telemetry()


def annotate_operation(kind: OperationType, name: str, *, is_ready: bool = False) -> None:
    """Say of the current span what operation it is."""
    if is_traced():
        name = name[:MAX_LENGTH]
        attributes: dict[str, str | bool] = {"graphql.operation.type": kind.value, "catalogue.ready": is_ready}
        if name:
            attributes["graphql.operation.name"] = name
        annotate(attributes, f"{kind.value} {name}".rstrip())


def annotate_error(code: str) -> None:
    """Say of the current span what error the client is told; of several, the last one."""
    annotate({"catalogue.error.code": code})
