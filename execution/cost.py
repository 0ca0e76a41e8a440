"""What an operation asks for at the most, known before it runs.

The words are those of IBM's GraphQL Cost Directives: a list has a size by its field's *slicing arguments*, `first` and
`last`; where the field is a connection, they say how long its *sized fields* are, `edges` and `nodes`.
"""

from typing import Any, Final

from graphql import GraphQLError

from execution.plan import PlanEdge, Selection
from execution.variables import Variables

SLICING_ARGUMENTS: Final = ("first", "last")
SIZED_FIELDS: Final = ("edges", "nodes")

DEFAULT_PAGE: Final = 20
"""Items of a connection's page that was given no size."""

MAX_PAGE: Final = 100
"""Items of a page; a larger one is an error when it runs, and costs no more."""

_MOST: Final = 10_000
"""Items of a list in a variable that is not known."""


def cost_of(plan: Selection, variables: Variables) -> int:
    """Return the nodes that a response has at the most where each list without a size has one item.

    So a plain list that is long makes it less than the response has, and pages that are not full make it more.
    """
    return 1 + _below(plan, None, variables, is_known=True)


def highest_cost_of(plan: Selection, variables: Variables) -> int:
    """Return the highest cost with any values of the variables; it is worked out once."""
    if plan.highest_cost is None:
        plan.highest_cost = 1 + _below(plan, None, variables, is_known=False)
    return plan.highest_cost


def _below(selection: Selection, page: int | None, variables: Variables, *, is_known: bool) -> int:
    """Return the nodes below one object. Where it is a connection, `page` is the size of its `edges` and `nodes`."""
    nodes = 0
    for edge in selection.edges:
        if edge.type is None:
            continue
        size: int = 1
        inner: int | None = None
        if page is not None and edge.attribute in SIZED_FIELDS:
            size = page
        elif edge.definition.args:
            arguments = _arguments(edge, variables, is_known=is_known)
            if edge.shape.item is not None:
                size = _length(arguments, edge)
            else:
                inner = _page(arguments, edge)
        below = (_below(each, inner, variables, is_known=is_known) for each in edge.selections.values())
        nodes += size * (1 + max(below, default=0))
    return nodes


def _arguments(edge: PlanEdge, variables: Variables, *, is_known: bool) -> dict[str, Any] | None:
    """Return the arguments of an edge; none where they are wrong, null where they are not known."""
    if edge.arguments.variables and not is_known:
        return None
    try:
        return edge.arguments.values(variables)
    except GraphQLError:  # it is the field's own error when it runs
        return {}


def _page(arguments: dict[str, Any] | None, edge: PlanEdge) -> int | None:
    """Return the size of a connection's page; null where it is none."""
    if SLICING_ARGUMENTS[0] not in edge.definition.args:
        return None
    return MAX_PAGE if arguments is None else _slice(arguments, DEFAULT_PAGE)


def _length(arguments: dict[str, Any] | None, edge: PlanEdge) -> int:
    """Return the length of a list: its slice's, or one item for each that the longest argument names."""
    if arguments is None:
        return _MOST
    longest = max((len(each) for each in arguments.values() if isinstance(each, list)), default=1)
    return _slice(arguments, longest)


def _slice(arguments: dict[str, Any], otherwise: int) -> int:
    sizes = [arguments[name] for name in SLICING_ARGUMENTS if isinstance(arguments.get(name), int)]
    return max(0, min(MAX_PAGE, max(sizes))) if sizes else otherwise
