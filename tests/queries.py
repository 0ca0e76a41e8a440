"""Running queries against the schema, without HTTP."""

from typing import Any

from strawberry.extensions import ParserCache, ValidationCache

from catalogue import Catalogue
from loaders import RequestContext
from schema import build_schema

SCHEMA = build_schema()
SCHEMA.extensions = (ParserCache, ValidationCache)  # walks ask the same query hundreds of times

NEIGHBOURS = """
query Neighbours($slug: String!) {
  package(slug: $slug) {
    id title slug repoUrl repoWatchers repoForks pypiVersion lastUpdated commitsOver52
    category { id title slug }
    participants { login isBot }
    grids { id title slug packages { id title slug repoWatchers pypiVersion category { title } grids { slug } } }
  }
}
"""


async def run(
    catalogue: Catalogue, query: str, /, **variables: object
) -> tuple[Any, dict[tuple[str | int, ...], object]]:
    """Return the data, and the code of each error by its path; one request."""
    result = await SCHEMA.execute(query, variables, context_value=RequestContext(catalogue))
    errors = result.errors or []
    return result.data, {tuple(error.path or ()): (error.extensions or {}).get("code") for error in errors}


async def data(catalogue: Catalogue, query: str, /, **variables: object) -> Any:
    """Return the data of a query that has no errors."""
    answer, errors = await run(catalogue, query, **variables)
    assert errors == {}
    return answer
