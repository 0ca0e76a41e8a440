"""What is counted, as each room that counts says it: a leaf, since `web/metrics.py` writes down others' counts too."""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

Measure: TypeAlias = tuple[
    Literal["counter", "gauge", "distribution"],
    str,
    str,
    tuple[str, ...],
    Iterable[tuple[tuple[str, ...], float | Mapping[int, int]]],
]
"""What was counted: its kind, its name, what it says, the names of its labels, and numbers by the labels' values. A
distribution has how often each number was met."""
