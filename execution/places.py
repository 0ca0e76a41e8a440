"""Which argument of a document something is in: `orderBy.field` for a value inside an input object."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from graphql import ArgumentNode, DocumentNode, GraphQLError, Node, ObjectFieldNode, VariableNode

from execution.internals import left_out

Names: TypeAlias = tuple[str, ...]


def name_arguments(document: DocumentNode, errors: Sequence[GraphQLError]) -> None:
    """Let errors about a value in an argument, or about one that was left out, say which, as `extensions.argument`."""
    for error in errors:
        found = (argument_around(document, node) for node in error.nodes or ())
        names = filter(None, (next(filter(None, found), None), left_out(error)))
        if argument := ".".join(names):
            error.extensions = {**(error.extensions or {}), "argument": argument}


def argument_around(document: DocumentNode, node: Node) -> str | None:
    """Return the argument in which a node of a document is; None where it is in none."""
    names: Names = ()
    at: Node | None = document
    while at is not None and at is not node:
        at = next((child for child in _children(at) if _covers(child, node)), None)
        names = _with_name(names, at)
    return ".".join(names) or None


def arguments_of_variables(document: DocumentNode) -> dict[str, str]:
    """Return, for each variable, the first argument that it is given to."""
    found: dict[str, str] = {}
    waiting: list[tuple[Names, Node]] = [((), document)]
    while waiting:
        names, node = waiting.pop()
        if isinstance(node, VariableNode) and names:
            found.setdefault(node.name.value, ".".join(names))
        waiting += [(_with_name(names, child), child) for child in reversed(list(_children(node)))]
    return found


def _with_name(names: Names, node: Node | None) -> Names:
    return (*names, node.name.value) if isinstance(node, ArgumentNode | ObjectFieldNode) else names


def _children(node: Node) -> Iterator[Node]:
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple | list):
            yield from value


def _covers(node: Node, inner: Node) -> bool:
    return bool(node.loc and inner.loc and node.loc.start <= inner.loc.start and inner.loc.end <= node.loc.end)
