"""The log: one format for all of it, uvicorn's lines too."""

import asyncio
import logging
import logging.config
import select
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, TextIO

import msgspec

from settings import Settings

MAX_WAITING: Final = 1_000
"""Lines that wait for somebody to read those before them."""

ROOM: Final = 4_096
"""Bytes that fit into a pipe that has room (POSIX, PIPE_BUF)."""

_OF_SOCKETS: Final = (
    '%s - "WebSocket ',
    "connection ",
    "Invalid UTF-8 sequence received from client.",
    "ASGI callable returned without completing handshake.",  # a handshake was refused
)


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
    """Writes records at once, and the lines of requests together, once a turn of the event loop: each write is dear.

    It never waits for who reads them: lines that a full pipe has no room for wait, and the oldest go.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=MAX_WAITING)
        self._is_due = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, and what waits before it."""
        try:
            self._lines.append(self.format(record))
        except Exception:
            self.handleError(record)
        self.flush()

    def write(self, line: str) -> None:
        """Take the line of a request, to be written when the running loop comes round."""
        self._lines.append(line)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Write what waits, as far as there is room."""
        self.acquire()
        try:
            self._is_due = False
            with suppress(OSError, ValueError):  # nobody reads any more
                while self._lines and _has_room(self.stream):
                    self.stream.write(self._next())
                    self.stream.flush()
        finally:
            self.release()

    def _next(self) -> str:
        """Take as many lines as a pipe surely has room for that has some; one at least."""
        text = f"{self._lines.popleft()}\n"
        while self._lines and len(text) + len(self._lines[0]) < ROOM:
            text += f"{self._lines.popleft()}\n"
        return text


def _has_room(stream: TextIO) -> bool:
    """Whether a write would not wait; where that cannot be told, it is taken for granted."""
    try:
        poll = select.poll()
        poll.register(stream, select.POLLOUT)
        return bool(poll.poll(0))
    except (AttributeError, OSError, ValueError):  # no such call, or no such file
        return True


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
            "filters": {"sockets": {"()": lambda: _says_no_socket}},
            "handlers": {"stderr": {"()": LineHandler, "formatter": settings.log_format}},
            # uvicorn's lines go the same way; what a request was is said by `access`, as uvicorn would tell its query.
            "loggers": {
                "uvicorn": {"handlers": [], "propagate": True},
                "uvicorn.error": {"handlers": [], "propagate": True, "filters": ["sockets"]},
                "uvicorn.access": {"handlers": [], "propagate": False},
            },
            "root": {"level": settings.log_level.upper(), "handlers": ["stderr"]},
        }
    )


def _says_no_socket(record: logging.LogRecord) -> bool:
    """Whether a line of uvicorn's is not about a WebSocket: a client could fill the log, and its query is told."""
    return not str(record.msg).startswith(_OF_SOCKETS)


def iso_time(timestamp: float) -> str:
    """Return a Unix time in ISO 8601, in UTC, to the millisecond."""
    second = int(timestamp)
    return f"{_second(second)}.{int(1000 * (timestamp - second)):03d}Z"


@lru_cache(maxsize=1)
def _second(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%dT%H:%M:%S}"
