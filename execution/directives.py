"""The directives of an operation: those that decide what is included, and those that are ignored.

`@defer` and `@stream` are ignored where a schema has them, as the draft of the specification allows: all comes whole.
They are taken out before there is a plan, so neither executor meets them, and no fragment is gone through once for
each place at which it is deferred.
"""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from graphql import (
    REMOVE,
    DirectiveNode,
    ExecutableDefinitionNode,
    FragmentDefinitionNode,
    GraphQLDeferDirective,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    GraphQLStreamDirective,
    Node,
    OperationType,
    Visitor,
    VisitorAction,
    visit,
)

from execution.arguments import variables_in

CONDITIONS: Final = (GraphQLSkipDirective.name, GraphQLIncludeDirective.name)
PLANNED: Final = (OperationType.QUERY, OperationType.SUBSCRIPTION)
"""What there are plans for; of a subscription, a run of one is an event (spec, 6.2.3, "ExecuteSubscriptionEvent")."""

IGNORED: Final = (GraphQLDeferDirective.name, GraphQLStreamDirective.name)

N = TypeVar("N", bound=Node)


def directives_in(nodes: Iterable[Node]) -> list[DirectiveNode]:
    """Return the directives in use in some nodes."""
    found = _Directives()
    for node in nodes:
        visit(node, found)
    return found.nodes


def without_ignored(node: N) -> N:
    """Return a node without the directives that are ignored; itself where it has none."""
    without: N = visit(node, _WithoutIgnored())
    return without


def conditions(
    definitions: Sequence[ExecutableDefinitionNode], directives: Iterable[DirectiveNode]
) -> list[str] | None:
    """Return the variables that decide what is included; None when there is more than plans can do."""
    for definition in definitions:
        if getattr(definition, "operation", OperationType.QUERY) not in PLANNED:
            return None
        if isinstance(definition, FragmentDefinitionNode) and definition.variable_definitions:
            return None
    kept = [node for node in directives if node.name.value not in IGNORED]
    if any(node.name.value not in CONDITIONS for node in kept):
        return None
    return variables_in(kept)


class _Directives(Visitor):
    """Collects the directives in use."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[DirectiveNode] = []

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        self.nodes.append(node)


class _WithoutIgnored(Visitor):
    """Takes out the directives that are ignored."""

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value in IGNORED else None
