"""Which argument of a document something is in: `orderBy.field` in an input object, `types[1]` in a list."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from graphql import ArgumentNode, DocumentNode, GraphQLError, ListValueNode, Node, ObjectFieldNode, VariableNode

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
        inside = ((child, named) for child, named in _children(at, names) if _covers(child, node))
        at, names = next(inside, (None, names))
    return ".".join(names) or None


def arguments_of_variables(document: DocumentNode) -> dict[str, str]:
    """Return, for each variable, the first argument that it is given to."""
    found: dict[str, str] = {}
    waiting: list[tuple[Node, Names]] = [(document, ())]
    while waiting:
        node, names = waiting.pop()
        if isinstance(node, VariableNode) and names:
            found.setdefault(node.name.value, ".".join(names))
        waiting += reversed(list(_children(node, names)))
    return found


def _children(node: Node, names: Names) -> Iterator[tuple[Node, Names]]:
    """Yield the parts of a node that stands at `names`, and where each stands: `("filter", "slugs[1]")`."""
    if isinstance(node, ListValueNode) and names:
        yield from ((item, (*names[:-1], f"{names[-1]}[{index}]")) for index, item in enumerate(node.values))
        return
    for key in node.keys:
        value = getattr(node, key, None)
        if isinstance(value, Node):
            yield value, _with_name(names, value)
        elif isinstance(value, tuple | list):
            yield from ((child, _with_name(names, child)) for child in value)


def _with_name(names: Names, node: Node) -> Names:
    return (*names, node.name.value) if isinstance(node, ArgumentNode | ObjectFieldNode) else names


def _covers(node: Node, inner: Node) -> bool:
    return bool(node.loc and inner.loc and node.loc.start <= inner.loc.start and inner.loc.end <= node.loc.end)
