"""Asking what a file does not tell: which columns are what, and what stands for "not rated"."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data import ColumnChoice, ColumnsUnclear, Unrated, UnratedUnclear
from tui.screens.dialogs import Choose
from tui.screens.room import Room
from tui.session.datasets import Answers, Unclear

WANTED = ("the person", "the film", "the stars")
SHOWN = 3
"""So many lines of the file are shown with each column."""


def ask(room: Room, unclear: Unclear) -> None:
    """Ask what is unclear of a file, and open it with the answer."""

    def again(answers: Answers) -> None:
        room.session.open(unclear.target, answers)
        room.sync()

    problem = unclear.problem
    if isinstance(problem, UnratedUnclear):
        _ask_unrated(room, problem, lambda said: again(unclear.answers._replace(unrated=said)))
    else:
        _ask_columns(room, problem, lambda said: again(unclear.answers._replace(columns=said)))


def _ask_unrated(room: Room, problem: UnratedUnclear, then: Callable[[Unrated], None]) -> None:
    share = problem.count / max(problem.n_ratings, 1)
    options: list[tuple[str, str]] = [
        ("leave them out", "they mean: seen, but not rated"),
        ("keep them", "they are ratings like the others"),
    ]
    answers: tuple[Unrated, ...] = ("drop", "keep")

    def heard(index: int | None) -> None:
        if index is not None:
            then(answers[index])

    name = Path(problem.where).name
    title = f"{100 * share:.0f} % of {name} are {problem.value:g}: what are they?"
    room.ask(Choose(title, options), heard)


def _ask_columns(room: Room, problem: ColumnsUnclear, then: Callable[[ColumnChoice], None]) -> None:
    n = len(problem.names) or max((len(row) for row in problem.sample), default=0)
    options = [(_name(problem, i), _values(problem, i)) for i in range(n)]
    guess = problem.guess
    likely = [guess.user, guess.movie, guess.rating] if guess is not None else [0, 1, 2]
    chosen: list[int] = []

    def ask_next() -> None:
        at = likely[len(chosen)]
        current = problem.names.index(at) if isinstance(at, str) and at in problem.names else at
        title = f"{Path(problem.where).name}: which column is {WANTED[len(chosen)]}?"
        current = current if isinstance(current, int) and current < n else 0
        room.ask(Choose(title, options, current), heard)

    def heard(index: int | None) -> None:
        if index is None:
            return
        chosen.append(index)
        if len(chosen) == len(WANTED):
            then(ColumnChoice(*chosen))
        else:
            room.call_later(ask_next)

    ask_next()


def _name(problem: ColumnsUnclear, index: int) -> str:
    return problem.names[index] if problem.names else f"column {index + 1}"


def _values(problem: ColumnsUnclear, index: int) -> str:
    found = [row[index] for row in problem.sample[:SHOWN] if index < len(row)]
    return ", ".join(found)
