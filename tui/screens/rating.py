"""Rating and shelving the film under the cursor: the same keys in every room that lists films."""

from __future__ import annotations

from collections.abc import Callable

from data.errors import DataError
from tui.screens.room import Room
from tui.session.person import MARKS, taken_back


class RatingRoom(Room):
    """A room in which the film under the cursor can be rated, shelved, and all of it taken back."""

    @property
    def film(self) -> int | None:
        """The film under the cursor."""
        raise NotImplementedError

    def action_card(self) -> None:
        """Show all that is known of the film."""
        if self.film is not None:
            self.show_card(self.film)

    def answered(self, movie: int, said: str) -> None:
        """Show what follows from an answer; `said` tells what was done, as in `5 stars`."""
        dataset = self.session.dataset
        if dataset is not None:
            self.session.say(f"{dataset.catalogue[movie].title}: {said}. u takes it back.")
        self.sync()

    def undone(self, movie: int | None, said: str) -> None:
        """Show what follows from taking an answer back; None if its film is not of this dataset."""
        self.session.say(said)
        self.sync()

    def action_rate(self, stars: float) -> None:
        """Give the film its stars."""
        self._change(lambda movie: self.session.person.rate(movie, stars), self._stars)

    def action_nudge(self, by: float) -> None:
        """Give half a star more or less."""
        self._change(lambda movie: self.session.person.nudge(movie, by), self._stars)

    def action_clear(self) -> None:
        """Forget stars and mark."""
        self._change(self.session.person.clear, lambda movie: "cleared")

    def action_mark(self, mark: str) -> None:
        """Shelve the film, or take it off that shelf."""

        def said(movie: int) -> str:
            there = self.session.person.marks.get(movie) == mark
            return MARKS[mark].told if there else "taken off again"

        self._change(lambda movie: self.session.person.mark(movie, mark), said)

    def action_undo(self) -> None:
        """Take the last change back."""
        try:
            undone = self.session.person.undo()
        except DataError as error:
            self.session.say(str(error), "error")
            return
        dataset, movie = self.session.dataset, None
        if undone is not None and dataset is not None and undone.n_films == 1:
            movie = dataset.catalogue.match(undone.film)
        self.undone(movie, taken_back(undone))

    def _change(self, change: Callable[[int], object], said: Callable[[int], str]) -> None:
        movie = self.film
        if movie is None or self.session.dataset is None:
            return
        try:
            change(movie)
        except DataError as error:
            self.session.say(str(error), "error")
            return
        self.answered(movie, said(movie))

    def _stars(self, movie: int) -> str:
        return f"{self.session.person.stars[movie]:g} stars"
