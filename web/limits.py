"""How much a document may ask for before it costs anything."""

from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationRule,
)

MAX_TOKENS: Final = 4_000
"""Lexical tokens of a document. The cost of validation may grow with their square, and nothing else runs meanwhile."""

MAX_CHARACTERS: Final = 100_000
"""Characters of a document."""

MAX_LEVELS: Final = 50
"""Levels of fields in an operation: what execution can answer without running out of stack, and then some."""


class NotTooDeep(ValidationRule):
    """An operation has at most `MAX_LEVELS` levels of fields, those of its fragments included."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._fragments: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Report an operation that is too deep."""
        try:
            too_deep = self._levels(node.selection_set) > MAX_LEVELS
        except RecursionError:
            too_deep = True
        if too_deep:
            self.report_error(GraphQLError(f"The operation is more than {MAX_LEVELS} levels deep.", node))

    def _levels(self, selections: SelectionSetNode | None) -> int:
        return max(map(self._levels_at, selections.selections), default=0) if selections else 0

    def _levels_at(self, selection: SelectionNode) -> int:
        if isinstance(selection, FragmentSpreadNode):
            return self._levels_of_fragment(selection.name.value)
        assert isinstance(selection, FieldNode | InlineFragmentNode)
        return isinstance(selection, FieldNode) + self._levels(selection.selection_set)

    def _levels_of_fragment(self, name: str) -> int:
        if name not in self._fragments:
            # A fragment that spreads itself, or does not exist, is another rule's business.
            self._fragments[name] = 0
            fragment = self.context.get_fragment(name)
            self._fragments[name] = self._levels(fragment.selection_set) if fragment else 0
        return self._fragments[name]
