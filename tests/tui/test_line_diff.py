"""What is sent to the terminal: no cell that looks as before, and never much at once."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.support.pseudoterminal import App, frames
from tui.text.lines import Ink, Line, Span, line, plain, width
from tui.widgets.line_diff import affordable, differ_until

INKS: tuple[Ink, ...] = get_args(Ink)[:4]
spans = st.builds(Span, st.text("ab漢 é", max_size=6), st.sampled_from(INKS))
rows = st.lists(spans, max_size=5)
panes = st.lists(rows, max_size=8)


def cells(row: Line, cells: int) -> list[tuple[str, Style | None]]:
    """Return what a terminal shows of a row, by way of Textual's own cutting of text."""
    strip = Strip([Segment(span.text, Style(color=_colour(span.ink))) for span in row])
    strip = strip.extend_cell_length(cells)
    ones = strip.divide(range(1, cells + 1))
    shown = [[(s.text, s.style) for s in one if s.text] for one in ones]
    return [(one[0][0], None if one[0][0] == " " else one[0][1]) for one in shown]


def _colour(ink: Ink) -> str:
    return f"color({INKS.index(ink) + 1})"


@given(rows, rows)
def test_lines_look_the_same_from_where_they_are_said_to(old: Line, new: Line) -> None:
    longest = max(width(old), width(new), 1)
    end = differ_until(old, new)
    before, after = cells(old, longest), cells(new, longest)
    assert before[end:] == after[end:]
    # Cut in two, a wide character is two blanks to Textual, so that two of them look the same.
    cut = "漢" in plain(old) + plain(new)
    assert end == 0 or width(old) == 0 or cut or before[:end] != after[:end]
    assert differ_until(new, old) == end


@given(rows)
def test_a_line_does_not_differ_from_itself_with_blanks_behind_it(row: Line) -> None:
    assert differ_until(row, [*row, Span("   ", "bold")]) == 0
    assert differ_until(row, list(row)) == 0


def test_only_what_comes_before_a_line_s_last_change_is_sent() -> None:
    old = line("0.8", ("  x", "dim"), " " * 40)
    assert differ_until(old, line("0.8", ("  y", "dim"), " " * 40)) == 6
    assert differ_until(old, line("0.8", ("  x", "bold"), " " * 40)) == 6
    assert differ_until(old, line("0.9", ("  x", "dim"), " " * 40)) == 3
    assert differ_until(line("漢字"), line("漢漢")) == 4


@given(panes, panes, st.integers(0, 300))
def test_what_has_to_wait_comes_in_the_end(old: list[Line], new: list[Line], budget: int) -> None:
    shown, first = list(old), 0
    for _ in range(2 * max(len(old), len(new)) + 1):
        if shown == new:
            break
        shown, first = affordable(shown, new, budget, first)
    assert shown == new


@given(panes, panes, panes, st.integers(1, 300))
def test_no_row_waits_for_ever_while_others_change(
    old: list[Line], one: list[Line], other: list[Line], budget: int
) -> None:
    n = max(len(old), len(one), len(other), 1)
    marked = [([*pane] + [[]] * n)[:n] for pane in (one, other)]
    shown: list[Line] = list(old)
    first, seen = 0, set[int]()
    for turn in range(2 * n + 1):
        wanted = marked[turn % 2]
        shown, first = affordable(shown, wanted, budget, first)
        seen |= {y for y in range(n) if shown[y : y + 1] == [wanted[y]]}
    assert seen == set(range(n))


def test_no_more_rows_are_sent_at_once_than_the_bytes_allow() -> None:
    old = [line("a" * 40)] * 10
    new = [line("b" * 40)] * 10
    shown, first = affordable(old, new, 300, 0)
    assert shown == [*new[:3], *old[3:]]
    assert first == 3
    shown, first = affordable(shown, new, 300, first)
    assert shown == [*new[:6], *old[6:]]
    assert affordable(old, new, 1, 4)[0] == [*old[:4], new[4], *old[5:]]


def test_a_letter_and_what_it_finds_are_painted_together(home: Path) -> None:
    with App(home) as app:
        app.until_shown("ALS 32")
        app.press("/")
        app.until_shown("title, year")
        app.until_silent(1.5)
        before = len(app.arrivals)
        app.press("q")
        app.until(lambda: frames(app.arrivals[before:]))
        first = frames(app.arrivals[before:])[0].decode()
        assert "seen by" in first, "what is found, with the note of its first film"
