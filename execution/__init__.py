"""How an operation runs: layer functions, and the executor that calls them with a whole layer at once."""

from execution.documents import Document, Documents
from execution.executor import LayeredExecutor, execute
from execution.layers import layer
from execution.result import Result, encode, to_json

__all__ = ["Document", "Documents", "LayeredExecutor", "Result", "encode", "execute", "layer", "to_json"]
