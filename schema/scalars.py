"""The catalogue's scalars."""

import re
from datetime import datetime
from typing import Any, Final, NewType

import strawberry

from execution.internals import ScalarDefinition

URL = NewType("URL", str)


_DATE: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(f"{value}T00:00:00Z" if _DATE.fullmatch(value) else value)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None:
        # graphql-core adds the value that it got.
        message = 'it must be a date, or a text in ISO 8601 with an offset, such as "2026-02-06T12:30:22-05:00"'
        raise ValueError(message) from None
    return instant


def _url(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("it must be a text")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A point in time in ISO 8601 with its offset, such as `2026-02-06T12:30:22-05:00`. In an "
        "input a plain date, `2026-02-06`, is its midnight in UTC.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=datetime.isoformat,
        parse_value=_instant,
    ),
    URL: strawberry.scalar(
        name="URL",
        description=(
            "The text of a URL of `http` or `https`, as a person once entered it, hence maybe malformed. What is no "
            "such URL is null: a frontend may make it a link."
        ),
        specified_by_url="https://url.spec.whatwg.org/",
        serialize=str,
        parse_value=_url,
    ),
}
