"""What a terminal need not be sent: cells that look as before, and rows that can wait."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import get_character_cell_size

from tui.text.lines import Line, crop, joined

_A_SPAN, _A_ROW = 45, 10
"""Bytes of the codes around each span in 24-bit colours, and before each row."""
_BLANK = (" ", "")


def differ_until(old: Line, new: Line) -> int:
    """Return the cell from which on two lines look the same; 0 where they do so throughout."""
    if old == new:
        return 0
    before, after = _cells(old), _cells(new)
    length = max(len(before), len(after))
    before += [_BLANK] * (length - len(before))
    after += [_BLANK] * (length - len(after))
    while length and before[length - 1] == after[length - 1]:
        length -= 1
    return length


def _cells(spans: Line) -> list[tuple[str, str]]:
    """Return what stands in each cell; the ink of a blank is not seen, so it has none."""
    cells: list[tuple[str, str]] = []
    for text, ink in spans:
        if text.isascii():
            cells += [(character, ink) if character != " " else _BLANK for character in text]
            continue
        for character in text:
            wide = get_character_cell_size(character)
            if not wide and cells:  # an accent of its own stands on what is before it
                cells[-1] = (cells[-1][0] + character, cells[-1][1])
            cells += [(character, ink) if character != " " else _BLANK] * wide
    return cells


def affordable(
    old: Sequence[Line], new: Sequence[Line], budget: int, first: int
) -> tuple[list[Line], int]:
    """Return what to show now of `new` where not all may be sent, and the row to go on with.

    Parameters
    ----------
    old, new : what is shown and what is wanted
    budget : bytes that may be sent; one row is, whatever it takes
    first : the row to begin with, lest those at the bottom wait for ever
    """
    n = max(len(old), len(new))
    before, after = (([*lines] + [[]] * n)[:n] for lines in (old, new))
    shown, sent = list(before), 0
    for y in (*range(first, n), *range(min(first, n))):
        cost = _bytes(before[y], after[y])
        if sent and sent + cost > budget:
            return shown, y
        shown[y], sent = after[y], sent + cost
    return after[: len(new)], 0


def _bytes(old: Line, new: Line) -> int:
    """Return about how many bytes turn one row into another in 24-bit colours."""
    end = differ_until(old, new)
    if not end:
        return 0
    spans = joined(crop(new, end))
    return _A_ROW + sum(_A_SPAN + len(span.text.encode()) for span in spans)
