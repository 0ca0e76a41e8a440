"""How much a document may ask for, counted before it is validated.

The cost of validation may grow with the square of what a document holds, and nothing else runs meanwhile.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    visit,
)

MAX_TOKENS: Final = 4_000
"""Lexical tokens of a document."""

MAX_CHARACTERS: Final = 100_000
"""Characters of a document."""

MAX_LEVELS: Final = 50
"""Levels of fields in an operation: what execution can answer without running out of stack, and then some."""

MAX_NESTING: Final = 150
"""Selection sets within each other: of fields, inline fragments and fragments that spread each other."""

MAX_FRAGMENTS: Final = 100
"""Fragments of a document."""

MAX_OPERATIONS: Final = 100
"""Operations of a document; each is followed through all fragments that it leads to."""

MAX_SPREADS: Final = 500
"""Places of a document where a fragment is spread; validation follows each from each fragment that leads to it."""

MAX_FIELDS: Final = 10_000
"""Fields of a document, with its fragments applied."""

MAX_PAIRS: Final = 20_000
"""Pairs of fields that share a place in the response, fragments applied: each pair is compared, with its arguments."""

FRAGMENT_PAIRS: Final = 4
"""What two fragments that share a place count for, in pairs of fields."""

ARGUMENT_CHARACTERS: Final = 4
"""Characters of a field's arguments that make its pairs count once more."""

MAX_DIRECTIVES: Final = 10
"""Directives at one place."""

MAX_INPUT_FIELDS: Final = 100
"""Fields of an input object."""

MAX_TRUSTED_ITEMS: Final = 10_000
"""Items of a list in the variables of a router that presents the secret: representations of entities."""

MAX_INTROSPECTIONS: Final = 10
"""Fields `__schema` and `__type` of a document."""

_INTROSPECTION: Final = ("__schema", "__type")


class DocumentLimitError(GraphQLError):
    """A document asks for more than a bound allows; `code` goes into the `extensions`."""

    def __init__(self, code: str, message: str, node: Node | None = None) -> None:
        super().__init__(message, node, extensions={"code": code})


class DocumentLimits:
    """The bounds of a document. `max_aliases` also bounds the fields at its root, `max_items` those of a list in it.

    Nobody would set the other bounds: they are constants of this module.
    """

    def __init__(self, max_aliases: int, max_items: int) -> None:
        self._max_aliases = max_aliases
        self._max_items = max_items

    def check_variables(self, variables: Mapping[str, Any], *, is_trusted: bool) -> None:
        """Check what is in variables; a trusted router's lists may be longer. Raises `DocumentLimitError`."""
        limit = max(self._max_items, MAX_TRUSTED_ITEMS) if is_trusted else self._max_items
        todo: list[Any] = list(variables.values())
        while todo:
            value = todo.pop()
            if isinstance(value, list):
                if len(value) > limit:
                    raise _too_many_items(limit)
                todo += value
            elif isinstance(value, dict):
                if len(value) > MAX_INPUT_FIELDS:
                    raise _too_many_input_fields()
                todo += value.values()

    def used(self, document: DocumentNode) -> dict[str, tuple[int, int]]:
        """Return what a document, which passed, takes of the bounds that can be set, and these, by their names."""
        walk = _Walk(_fragments(document), self._max_aliases)
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                walk.check(definition)
        return {"max-aliases": (walk.aliases, self._max_aliases)}

    def errors(self, document: DocumentNode) -> list[GraphQLError]:
        """Return why a document must not be validated; nothing where it may."""
        fragments = _fragments(document)
        walk = _Walk(fragments, self._max_aliases)
        try:
            visit(document, _Nodes(self._max_items))
            for definition in document.definitions:
                if isinstance(definition, OperationDefinitionNode):
                    walk.check(definition)
        except DocumentLimitError as error:
            return [error.with_traceback(None)]
        # What nobody spreads was not counted; it is an error of validation anyhow.
        unused = [each for name, each in fragments.items() if name not in walk.spread]
        return [GraphQLError(f"Fragment '{each.name.value}' is never used.", each) for each in unused]


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}


def _too_many_items(limit: int, node: Node | None = None) -> DocumentLimitError:
    """Make the error for a list of more items than `limit`."""
    return DocumentLimitError("MAX_ITEMS_EXCEEDED", f"A list has more than {limit} items.", node)


def _too_many_input_fields(node: Node | None = None) -> DocumentLimitError:
    """Make the error for an object of more than `MAX_INPUT_FIELDS` fields."""
    message = f"An input object has more than {MAX_INPUT_FIELDS} fields."
    return DocumentLimitError("MAX_INPUT_FIELDS_EXCEEDED", message, node)


class _Nodes(Visitor):
    """Checks what stands at one place of a document."""

    def __init__(self, max_items: int) -> None:
        super().__init__()
        self._max_items = max_items
        self._operations = self._fragments = self._spreads = self._introspections = 0

    def enter(self, node: Node, *_: object) -> None:
        if len(getattr(node, "directives", None) or ()) > MAX_DIRECTIVES:
            message = f"There are more than {MAX_DIRECTIVES} directives at one place."
            raise DocumentLimitError("MAX_DIRECTIVES_EXCEEDED", message, node)

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.enter(node)
        self._introspections += node.name.value in _INTROSPECTION
        if self._introspections > MAX_INTROSPECTIONS:
            message = f"The document reads the schema more than {MAX_INTROSPECTIONS} times."
            raise DocumentLimitError("MAX_INTROSPECTIONS_EXCEEDED", message, node)

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        self.enter(node)
        self._operations += 1
        if self._operations > MAX_OPERATIONS:
            message = f"The document has more than {MAX_OPERATIONS} operations."
            raise DocumentLimitError("MAX_OPERATIONS_EXCEEDED", message, node)

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: object) -> None:
        self.enter(node)
        self._fragments += 1
        if self._fragments > MAX_FRAGMENTS:
            message = f"The document has more than {MAX_FRAGMENTS} fragments."
            raise DocumentLimitError("MAX_FRAGMENTS_EXCEEDED", message, node)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.enter(node)
        self._spreads += 1
        if self._spreads > MAX_SPREADS:
            message = f"The document spreads fragments more than {MAX_SPREADS} times."
            raise DocumentLimitError("MAX_SPREADS_EXCEEDED", message, node)

    def enter_list_value(self, node: ListValueNode, *_: object) -> None:
        if len(node.values) > self._max_items:
            raise _too_many_items(self._max_items, node)

    def enter_object_value(self, node: ObjectValueNode, *_: object) -> None:
        if len(node.fields) > MAX_INPUT_FIELDS:
            raise _too_many_input_fields(node)


class _Place(NamedTuple):
    """A selection set, how deep it is nested, and the fragments that it stands in."""

    selections: SelectionSetNode
    nesting: int
    within: frozenset[str]


class _Walk:
    """Goes through operations as their responses are nested, fragments applied; `spread` are those that were met.

    `aliases` are those of the last operation.

    What shares a place in the response is taken together: `_Place`s, and below them the fields of one key.
    """

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], max_aliases: int) -> None:
        self.spread: set[str] = set()
        self._fragments = fragments
        self._max_aliases = max_aliases
        self._fields = self._pairs = self.aliases = 0

    def check(self, operation: OperationDefinitionNode) -> None:
        """Check an operation. Raises `DocumentLimitError`."""
        self.aliases = 0
        level = [[_Place(operation.selection_set, 1, frozenset())]]
        for number in range(MAX_LEVELS):
            collected = [self._collect(places) for places in level]
            if number == 0 and len(collected[0]) > self._max_aliases:
                message = f"The operation has more than {self._max_aliases} fields at its root."
                raise DocumentLimitError("MAX_ROOT_FIELDS_EXCEEDED", message, operation)
            level = [places for fields in collected for places in fields.values() if places]
            if not level:
                return
        message = f"The operation is more than {MAX_LEVELS} levels deep."
        raise DocumentLimitError("MAX_DEPTH_EXCEEDED", message, level[0][0].selections)

    def _collect(self, places: list[_Place]) -> dict[str, list[_Place]]:
        """Return the selections below places, by the key of their field."""
        below: dict[str, list[_Place]] = {}
        counts: Counter[str] = Counter()
        todo, applied = list(places), set[str]()
        while todo:
            place = todo.pop()
            if place.nesting > MAX_NESTING:
                message = f"Fields and fragments are nested more than {MAX_NESTING} deep."
                raise DocumentLimitError("MAX_DEPTH_EXCEEDED", message, place.selections)
            for selection in place.selections.selections:
                if isinstance(selection, FieldNode):
                    key = (selection.alias or selection.name).value
                    self._count(selection, counts[key])
                    counts[key] += 1
                    inner = below.setdefault(key, [])
                    if selection.selection_set:
                        inner.append(_Place(selection.selection_set, place.nesting + 1, place.within))
                elif isinstance(selection, InlineFragmentNode):
                    todo.append(_Place(selection.selection_set, place.nesting + 1, place.within))
                elif isinstance(selection, FragmentSpreadNode):
                    name = selection.name.value
                    self.spread.add(name)
                    # A fragment that spreads itself, or does not exist, is validation's business.
                    if name in self._fragments and name not in applied and name not in place.within:
                        fragment = self._fragments[name]
                        self._count_pairs(FRAGMENT_PAIRS * len(applied), selection)
                        applied.add(name)
                        todo.append(_Place(fragment.selection_set, place.nesting + 1, place.within | {name}))
        return below

    def _count(self, field: FieldNode, others: int) -> None:
        """Count a field that shares its place with `others`."""
        self._fields += 1
        self.aliases += field.alias is not None
        if self._fields > MAX_FIELDS:
            message = f"The document asks for more than {MAX_FIELDS} fields, fragments applied."
            raise DocumentLimitError("MAX_FIELDS_EXCEEDED", message, field)
        if others:
            characters = sum(each.loc.end - each.loc.start for each in field.arguments or () if each.loc)
            self._count_pairs(others * (1 + characters // ARGUMENT_CHARACTERS), field)
        if self.aliases > self._max_aliases:
            message = f"The operation has more than {self._max_aliases} aliases."
            raise DocumentLimitError("MAX_ALIASES_EXCEEDED", message, field)

    def _count_pairs(self, pairs: int, node: Node) -> None:
        self._pairs += pairs
        if self._pairs > MAX_PAIRS:
            message = f"The document names the same fields again and again: more than {MAX_PAIRS} pairs."
            raise DocumentLimitError("MAX_PAIRS_EXCEEDED", message, node)
