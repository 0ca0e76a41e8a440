"""How an operation runs: layer functions, and the executor that calls them with a whole layer at once."""

from execution.executor import LayeredExecutor, execute
from execution.layers import layer
from execution.result import Result, encode

__all__ = ["LayeredExecutor", "Result", "encode", "execute", "layer"]
