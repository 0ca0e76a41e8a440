"""How an operation runs: layer functions, and the executor that calls them with a whole layer at once."""

from execution.layers import layer

__all__ = ["layer"]
