"""Figures as Markdown tables on the terminal."""

import os
import platform
from collections.abc import Sequence
from statistics import median

import click


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; numbers stand right-aligned, floats with the precision that their size deserves."""
    cells = [list(header), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    right = [column > 0 for column in range(len(header))]

    def line(row: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(row, widths, right, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        ("-" * (width - 1) + ":") if is_right else "-" * width for width, is_right in zip(widths, right, strict=True)
    ]
    click.echo(f"\n{title}\n")
    for row in (cells[0], rule, *cells[1:]):
        click.echo(line(row))


def machine() -> str:
    """Return one line on the machine that the figures are from."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def spread(values: Sequence[float]) -> str:
    """Return the median and the range, such as `208 (205-214)`."""
    return f"{_text(median(values))} ({_text(min(values))}-{_text(max(values))})"


def _text(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    decimals = 0 if cell >= 100 else 1 if cell >= 10 else 2 if cell >= 1 else 3
    return f"{cell:,.{decimals}f}"
