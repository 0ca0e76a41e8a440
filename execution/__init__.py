"""How an operation runs: layer functions, and the executor that calls them with a whole layer at once."""

from execution.documents import Document, Documents
from execution.executor import LayeredExecutor, execute, remembered
from execution.explain import ExplainedLayer, Explanation
from execution.layers import layer
from execution.limits import LimitError, Limits
from execution.operation import Operation, prepare
from execution.places import arguments_of_variables, name_arguments
from execution.result import Result, encode, to_json
from execution.row_cache import RowCache, rows_of
from execution.turns import OverloadedError, Turn, Turns
from execution.watched import Wave

__all__ = [
    "Document",
    "Documents",
    "ExplainedLayer",
    "Explanation",
    "LayeredExecutor",
    "LimitError",
    "Limits",
    "Operation",
    "OverloadedError",
    "Result",
    "RowCache",
    "Turn",
    "Turns",
    "Wave",
    "arguments_of_variables",
    "encode",
    "execute",
    "layer",
    "name_arguments",
    "prepare",
    "remembered",
    "rows_of",
    "to_json",
]
