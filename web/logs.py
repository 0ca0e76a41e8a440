"""The log: one format for all of it, uvicorn's lines too."""

import asyncio
import logging
import logging.config
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import TextIO

import msgspec

from settings import Settings


class TextFormatter(logging.Formatter):
    """Lines of text: time (UTC), level, logger, message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        """Return the time in ISO 8601."""
        return iso_time(record.created)


class JsonFormatter(logging.Formatter):
    """JSON objects, one a line: `time` (UTC), `level`, `logger`, `message`, and `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line."""
        line = {
            "time": iso_time(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes the lines of one turn of the event loop at once: to write one costs as much as to make it."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; what is worse than a warning, or said where no loop runs, is written now."""
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
            return
        self.write(line, at_once=record.levelno > logging.INFO)

    def write(self, line: str, *, at_once: bool = False) -> None:
        """Take a line, to be written when the loop comes round."""
        self._lines.append(line)
        loop = None if at_once else _running_loop()
        if loop is None:
            self.flush()
        elif len(self._lines) == 1:
            loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what waits; what nobody reads is lost."""
        self.acquire()
        try:
            lines, self._lines = self._lines, []
            with suppress(OSError, ValueError):
                self.stream.write("".join(f"{line}\n" for line in lines))
                self.stream.flush()
        finally:
            self.release()


def configure_logging(settings: Settings) -> None:
    """Send all that is logged to standard error, as the settings say."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "text": {"()": TextFormatter},
                "json": {"()": JsonFormatter},
            },
            "handlers": {"stderr": {"()": LineHandler, "formatter": settings.log_format}},
            # uvicorn's lines go the same way; what a request was is said by `access`, as uvicorn would tell its query.
            "loggers": {
                "uvicorn": {"handlers": [], "propagate": True},
                "uvicorn.error": {"handlers": [], "propagate": True},
                "uvicorn.access": {"handlers": [], "propagate": False},
            },
            "root": {"level": settings.log_level.upper(), "handlers": ["stderr"]},
        }
    )


def iso_time(timestamp: float) -> str:
    """Return a Unix time in ISO 8601, in UTC, to the millisecond."""
    second = int(timestamp)
    return f"{_second(second)}.{int(1000 * (timestamp - second)):03d}Z"


@lru_cache(maxsize=1)
def _second(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%dT%H:%M:%S}"


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
