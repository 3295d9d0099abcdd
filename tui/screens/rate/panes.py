"""Rating: what follows from each answer, at once; the right side of the Rate screen."""

from __future__ import annotations

import numpy as np

from engine.arrays import Ids
from tui.session import recommendations
from tui.session.person import taken_back
from tui.session.recommendations import Move
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
        self._house = session
        self._before: Ids = NONE
        self._after: Ids = NONE
        self._stamp: tuple[object, ...] = ()
        self._said = ""

    # Answers

    def rate(self, movie: int, given: float) -> None:
        """Give a film its stars."""
        self._house.person.rate(movie, given)
        self._tell(movie)

    def nudge(self, movie: int, by: float) -> None:
        """Give a film half a star more or less."""
        self._house.person.nudge(movie, by)
        self._tell(movie)

    def clear(self, movie: int) -> None:
        """Forget what was said of a film."""
        self._house.person.clear(movie)
        self._said = f"{self._title(movie)}: cleared."

    def mark(self, movie: int, mark: str) -> None:
        """Shelve a film, or take it off again."""
        there = self._house.person.mark(movie, mark)
        said = {
            "unseen": "not seen, noted",
            "watchlist": "on your watchlist",
            "not interested": "will not be recommended",
        }[mark]
        self._said = f"{self._title(movie)}: {said if there else 'taken off again'}."

    def undo(self) -> int | None:
        """Take the last answer back; return the film it was about, if it is one of this dataset."""
        undone = self._house.person.undo()
        self._said = taken_back(undone)
        dataset = self._house.dataset
        if undone is None or dataset is None or undone.n_films > 1:
            return None
        return dataset.catalogue.match(undone.film)

    def _tell(self, movie: int) -> None:
        given = self._house.person.stars[movie]
        said = f"You gave {self._title(movie)} {given:g}"
        model = self._house.model
        if model is None:
            self._said = f"{said}."
            return
        expected = recommendations.expected(model, self._house.person, movie)
        self._said = f"{said}; the model had expected {expected:.1f}."

    def _title(self, movie: int) -> str:
        assert self._house.dataset is not None
        return self._house.dataset.catalogue[movie].title

    # What stands at the right

    def moves(self) -> list[recommendations.Move]:
        """Return the recommendations with how far each moved since the answer before."""
        own = self._house.recommendations
        if own is None:
            return []
        stamp = (own.model, own.version, self._house.person.profile.name)
        if stamp != self._stamp:
            same = self._stamp and self._stamp[0] is stamp[0] and self._stamp[2] == stamp[2]
            self._before = self._after if same else NONE
            self._after = own.best(KEPT, self._house.settings.adventure)
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
        if not moves:
            return [[Span(" For you", "bold")], *_waiting(self._house, width)]
        few = len(self._house.person.stars) < 1
        title = " Liked by most" if few else " For you"
        head = spread(line((title, "bold")), line(("" if few else "moved ", "dim")), width)
        return [head, *(self._row(move, width) for move in moves[: height - 1])]

    def _row(self, move: Move, width: int) -> Line:
        session = self._house
        assert session.dataset is not None
        assert session.recommendations is not None
        film = session.dataset.catalogue[move.movie]
        sigma = plus_minus(session.recommendations.sigma(move.movie))
        arrow, ink = _arrow(move)
        row = line(f" {session.recommendations.believed[move.movie]:.1f} ")
        if session.recommendations.std is not None:
            row += line((f"{fit(sigma, 4)} ", "dim"))
        used = sum(len(span.text) for span in row) + 5 + 5
        row += line(fit(film.title, max(width - used, 4)), (f" {film.year or '':>4}", "dim"))
        return [*row, Span(right(arrow, 4) + " ", ink)]

    def _histogram(self, width: int) -> list[Line]:
        given = [round(value + 0.25) for value in self._house.person.stars.values()]
        if not given:
            return []
        counts = [given.count(n) for n in range(5, 0, -1)]
        most = max(counts)
        cells = max(width - 16, 4)
        rows = [
            line(f" {n} ", (stars(n) + " ", "own"), (bar(count / most, cells), "own"),
                 (f" {count}" if count else "", "dim"))
            for n, count in zip(range(5, 0, -1), counts, strict=True)
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
