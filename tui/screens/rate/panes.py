"""Rating: what follows from each answer, at once; the right side of the Rate screen."""

from __future__ import annotations

import numpy as np

from data.catalogue import Catalogue
from engine.arrays import Ids
from tui.session import recommendations
from tui.session.recommendations import Move, Recommendations
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import bar, plus_minus, share, stars
from tui.text.lines import Ink, Line, Span, fit, line, right, spread, wrap

KEPT = 60
"""So many recommendations are compared with those before a rating."""
NONE: Ids = np.zeros(0, np.int32)


class RatingPane:
    """The recommendations, how they moved with the last answer, and what the model expected."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._before: Ids = NONE
        self._after: Ids = NONE
        self._stamp: tuple[object, ...] = ()
        self._said = ""

    def forget(self) -> None:
        """Say nothing more of the last answer, as with another dataset or person."""
        self._said = ""

    def rated(self, movie: int, title: str) -> None:
        """Say what the model had expected of a film that was given stars."""
        given = self._session.person.stars[movie]
        said = f"You gave {title} {given:g}"
        model = self._session.model
        if model is None:
            self._said = f"{said}."
            return
        expected = recommendations.expected(model, self._session.person, movie)
        self._said = f"{said}; the model had expected {expected:.1f}."

    def say(self, sentence: str) -> None:
        """Say what became of another answer."""
        self._said = sentence

    # What stands at the right

    def moves(self) -> list[recommendations.Move]:
        """Return the recommendations with how far each moved since the answer before."""
        own = self._session.recommendations
        if own is None:
            return []
        stamp = ((own.model, own.interest), own.version, self._session.person.profile.name)
        if stamp != self._stamp:
            same = self._stamp and self._stamp[0] == stamp[0] and self._stamp[2] == stamp[2]
            self._before = self._after if same else NONE
            self._after = own.best(KEPT, self._session.settings.balance)
            self._stamp = stamp
        moved = recommendations.moves(self._before, self._after)
        return moved if len(self._before) else [Move(move.movie, 0) for move in moved]

    def lines(self, width: int, height: int) -> list[Line]:
        """Lay out recommendations, what the last answer meant, and the person's own ratings."""
        said = [[Span(" "), *part] for part in wrap(self._said, width - 2)]
        tail = [*said, [], *self._histogram(width)] if said else self._histogram(width)
        room = max(height - len(tail) - 1, min(height, 6))
        listed = self._recommended(width, room)
        return [*listed, *([[]] * (room - len(listed))), [], *tail][:height]

    def _recommended(self, width: int, height: int) -> list[Line]:
        moves = self.moves()
        dataset, own = self._session.dataset, self._session.recommendations
        if not moves or dataset is None or own is None:
            return [[Span(" For you", "bold")], *_waiting(self._session, width)]
        few = len(self._session.person.stars) < 1
        title = " Liked by most" if few else " For you"
        beside = [move.movie for move in moves[:height]]
        head = spread(line((title, "bold")), line(("" if few else "moved ", "dim")), width)
        return [
            head,
            *(self._row(dataset.catalogue, own, one, beside, width) for one in moves[: height - 1]),
        ]

    def _row(
        self, catalogue: Catalogue, own: Recommendations, move: Move, beside: list[int], width: int
    ) -> Line:
        film = catalogue[move.movie]
        arrow, ink = _arrow(move)
        row = line(f" {own.believed[move.movie]:.1f} ")
        if own.is_sure:
            row += line((f"{fit(plus_minus(own.sigma(move.movie, beside)), 4)} ", "dim"))
        used = sum(len(span.text) for span in row) + 5 + 5
        row += line(fit(film.title, max(width - used, 4)), (f" {film.year or '':>4}", "dim"))
        return [*row, Span(right(arrow, 4) + " ", ink)]

    def _histogram(self, width: int) -> list[Line]:
        """Return how often each rating was given: whole stars alone, or all ten in use."""
        given = list(self._session.person.stars.values())
        if not given:
            return []
        halves = any(value % 1 for value in given)
        bins = [n / 2 for n in range(10, 0, -1)] if halves else [5.0, 4.0, 3.0, 2.0, 1.0]
        counts = [given.count(value) for value in bins]
        cells = max(width - 17, 4)
        rows = [
            line(f" {value:<4g}", (stars(value) + " ", "own"), (bar(n / max(counts), cells), "own"),
                 (f" {n}" if n else "", "dim"))
            for value, n in zip(bins, counts, strict=True)
        ]  # fmt: skip
        return [line((" Your ratings", "bold")), *rows]


def _arrow(move: Move) -> tuple[str, Ink]:
    g = glyphs.now()
    if move.by is None:
        return "new", "own"
    if move.by == 0:
        return "", "dim"
    return (f"{g.rise}{move.by:>2}", "good") if move.by > 0 else (f"{g.fall}{-move.by:>2}", "dim")


def _waiting(session: Session, width: int) -> list[Line]:
    """Say what will fill the pane and when."""
    job = session.jobs.of("train")
    if job is not None:
        done = f", {share(job.progress)} done" if job.progress else ""
        text = f"A first model is being trained{done}. Rate on: it will know."
    elif session.dataset is None:
        text = "Recommendations will stand here."
    else:
        text = "There is no model yet. Press t to train one."
    return [[Span(" "), *part] for part in wrap(text, width - 2, "dim")]
