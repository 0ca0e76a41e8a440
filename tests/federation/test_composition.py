"""The gateway's SDL in composition: beside others, and with everything that is said in it."""

from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, build_ast_schema, parse, print_ast
from strawberry import federation

from schema.subgraph import subgraph_sdl
from tests.federation.downloads import SCHEMA as DOWNLOADS
from tests.federation.test_gateways import EXAMPLE
from tests.nodejs import asked
from tests.npm import npm_install
from tests.queries import SCHEMA

COMPOSE = EXAMPLE.parents[1] / "tests" / "federation" / "compose.cjs"
SDL = subgraph_sdl(SCHEMA)


def compose(**subgraphs: str) -> dict[str, Any]:
    """Return what Apollo's and Hive's composition make of subgraphs."""
    npm_install(EXAMPLE)
    given = [{"name": name, "sdl": sdl} for name, sdl in subgraphs.items()]
    outcomes: dict[str, Any] = asked(COMPOSE, EXAMPLE / "node_modules", given)
    return outcomes


async def test_the_sdl_is_what_service_answers() -> None:
    result = await SCHEMA.execute("{ _service { sdl } }")
    assert result.data == {"_service": {"sdl": SDL}}


@pytest.mark.parametrize("beside", [[], ["reviews"], ["downloads"], ["reviews", "downloads"]], ids=str)
def test_it_composes_without_errors_or_hints(beside: list[str]) -> None:
    others = {
        "reviews": (EXAMPLE / "reviews.graphql").read_text(),
        "downloads": DOWNLOADS.as_str(),
    }
    for outcome in compose(packages=SDL, **{name: others[name] for name in beside}).values():
        assert outcome["errors"] == outcome["hints"] == []
        assert "type Package" in outcome["supergraph"]


def test_descriptions_survive() -> None:
    own = build_ast_schema(parse(SDL), assume_valid_sdl=True)
    for outcome in compose(packages=SDL, downloads=DOWNLOADS.as_str()).values():
        graph = build_ast_schema(parse(outcome["supergraph"]), assume_valid_sdl=True)
        for name, kind in own.type_map.items():
            assert (graph.type_map[name].description or None) == kind.description or not kind.description, name
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
                composed: Any = graph.type_map[name]
                for key, field in kind.fields.items():
                    assert not field.description or composed.fields[key].description == field.description
                    for argument, value in field.args.items():
                        assert composed.fields[key].args[argument].description == value.description


@federation.type(keys=["id"], tags=["thing"], description="A thing.")
class Thing:
    id: strawberry.ID = strawberry.field(description="Its id.")
    old: str | None = strawberry.field(default=None, deprecation_reason="Use `id`.")
    secret: str | None = federation.field(default=None, inaccessible=True)
    noted: str | None = federation.field(default=None, tags=["internal"])


@strawberry.type(description="The root.")
class ThingQuery:
    @strawberry.field(description="One thing.")  # type: ignore[untyped-decorator]
    def thing(
        self, kind: Annotated[str, federation.argument(description="Which kind.", tags=["argument"])] = "any"
    ) -> Thing | None:
        return None


def test_directives_survive() -> None:
    sdl = subgraph_sdl(federation.Schema(query=ThingQuery, federation_version="2.9"))
    for outcome in compose(things=sdl).values():
        assert outcome["errors"] == outcome["hints"] == []
        supergraph = " ".join(print_ast(parse(outcome["supergraph"])).split())
        for kept in (
            '"""A thing.""" type Thing',
            '@tag(name: "thing")',
            '"""Its id.""" id: ID!',
            '@deprecated(reason: "Use `id`.")',
            "secret: String @inaccessible",
            'noted: String @tag(name: "internal")',
            '"""The root.""" type Query',
            '"""One thing."""',
            '"""Which kind.""" kind: String! = "any" @tag(name: "argument")',
        ):
            assert kept in supergraph, kept
