"""Hidden cells beside a row: each with its formula and the value it has at writing.

A program that does not recalculate on opening works with the values written here,
so every one of them is right from the start.
"""

from __future__ import annotations

from typing import NamedTuple

Value = int | float | str | bool


class Cell(NamedTuple):
    """A formula, where it stands (row and column from 0) and its value."""

    row: int
    column: int
    formula: str
    value: Value


def address(row: int, column: int) -> str:
    """``$L$7`` of row 6, column 11."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return f"${name}${row + 1}"


class Aside:
    """The hidden cells of one row, from a first column on."""

    def __init__(self, row: int, first: int) -> None:
        self.row, self.next = row, first
        self.cells: list[Cell] = []

    def add(self, formula: str, value: Value) -> str:
        """One more hidden cell; its address."""
        self.cells.append(Cell(self.row, self.next, f"={formula}", value))
        self.next += 1
        return address(self.row, self.next - 1)


def rounded(numerator: str, value: int, divisor: int) -> tuple[str, int]:
    """A whole number not below 0 divided half-up by a power of ten, in both worlds."""
    half = divisor // 2
    return f"INT(({numerator}+{half})/{divisor})", (value + half) // divisor
