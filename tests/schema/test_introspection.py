"""What tools show first: short signatures, and what people want before what routers want."""

import re

from graphql import introspection_from_schema

from schema import api_sdl
from tests.queries import SCHEMA


def test_no_signature_says_that_null_is_the_default() -> None:
    assert re.findall(r"\w+: \w+ = null", api_sdl(SCHEMA)) == []


def test_what_is_federations_stands_last() -> None:
    (query,) = (each for each in introspection()["types"] if each["name"] == "Query")
    names = [field["name"] for field in query["fields"]]
    assert names[:4] == ["package", "grid", "search", "packages"]
    assert names[-2:] == ["_entities", "_service"]
    types = [each["name"] for each in introspection()["types"]]
    own = [name for name in types if re.match("_[^_]|link__", name)]
    assert types[0] == "Query"
    assert "_Any" in own
    assert types[-len(own) :] == own


def introspection() -> dict:  # type: ignore[type-arg]
    return introspection_from_schema(SCHEMA._schema)["__schema"]  # type: ignore[return-value]
