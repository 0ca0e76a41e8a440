"""Traces on demand: Apollo's `ftv1`."""

import json
from base64 import b64decode
from typing import Any

import httpx

from tests.web.toy import client
from web.tracing import Node, Trace

TRACED = {"apollo-federation-include-trace": "ftv1"}


async def post(query: str, **headers: str) -> httpx.Response:
    async with client() as gateway:
        return await gateway.post("/graphql", json={"query": query}, headers={**TRACED, **headers})


def trace_of(response: httpx.Response) -> Trace:
    return Trace.parse(b64decode(response.json()["extensions"]["ftv1"]))


def named(node: Node | None, *path: str | int) -> Node:
    assert node is not None
    for key in path:
        (node,) = (each for each in node.child if key in (each.response_name, each.index))
    return node


async def test_every_field_is_timed() -> None:
    response = await post("{ node { name child { name } } }")
    trace = trace_of(response)
    assert response.json()["data"] == {"node": {"name": "root", "child": {"name": "root>"}}}
    outer, inner = named(trace.root, "node"), named(trace.root, "node", "child", "name")
    assert (outer.parent_type, outer.type) == ("Query", "Node!")
    assert (inner.parent_type, inner.type) == ("Node", "String!")
    assert 0 < outer.start_time <= outer.end_time <= inner.start_time <= inner.end_time <= trace.duration_ns
    assert trace.start_time is not None
    assert trace.end_time is not None
    elapsed = (trace.end_time.seconds - trace.start_time.seconds) * 10**9
    elapsed += trace.end_time.nanos - trace.start_time.nanos
    assert 0 < elapsed < 10**10


async def test_an_alias_has_its_original_name() -> None:
    trace = trace_of(await post('{ hello greeting: hello(name: "you") }'))
    assert named(trace.root, "greeting").original_field_name == "hello"
    assert named(trace.root, "hello").original_field_name == ""


async def test_errors_are_at_their_fields_and_tell_nothing_internal() -> None:
    response = await post("{ failing broken hello }")
    trace = trace_of(response)
    (failing,), (broken,) = named(trace.root, "failing").error, named(trace.root, "broken").error
    assert failing.message == "The upstream did not answer."
    assert (failing.location[0].line, failing.location[0].column) == (1, 3)
    assert json.loads(failing.json) == response.json()["errors"][0]
    assert broken.message == "Internal server error"
    assert "swordfish" not in str(trace)


async def test_items_of_a_list_have_an_index() -> None:
    trace = trace_of(await post("{ pair { name } }"))
    assert named(trace.root, "pair", 1, "name").parent_type == "Node"
    assert named(trace.root, "pair", 0).response_name is None


async def test_a_traced_answer_is_nobody_elses() -> None:
    asked: dict[str, Any] = {"json": {"query": "{ counted }"}}
    async with client() as gateway:
        plain = await gateway.post("/graphql", **asked)
        traced = await gateway.post("/graphql", **asked, headers=TRACED)
        again = await gateway.post("/graphql", **asked)
    assert plain.json() == again.json()
    assert plain.json().keys() == {"data"}
    assert traced.json()["data"] != plain.json()["data"]
    assert traced.headers["cache-control"] == "no-store"


async def test_only_ftv1_is_known() -> None:
    response = await post("{ hello }", **{"apollo-federation-include-trace": "ftv2"})
    assert response.json() == {"data": {"hello": "Hello, world!"}}


async def test_a_request_error_has_no_trace() -> None:
    response = await post("{ nope }")
    assert response.json().keys() == {"errors"}
    unknown = await post("query ($id: ID!) { required(id: $id) }")
    assert unknown.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
