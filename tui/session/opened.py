"""The open dataset with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.dataset import Dataset
from engine import Model
from engine.elicit import Questions
from tui.session.datasets import Target
from tui.session.film_map import FilmMap
from tui.session.map_unfolding import Unfolded
from tui.session.runs import Run
from tui.session.sweep import Sweep


@dataclass(frozen=True, eq=False)
class Opened:
    """What belongs to the dataset that is open.

    It is frozen and replaced whole: with another dataset or model nothing of the one before stays.
    """

    dataset: Dataset
    target: Target
    runs: tuple[Run, ...] = ()
    used: Run | None = None
    """The run whose model predicts the stars."""
    interest: Run | None = None
    """The run whose model predicts what the person would pick."""
    questions: Questions | None = None
    film_map: FilmMap | None = None
    map_trouble: str = ""
    """Why there is no map; empty while there is one or it is being drawn."""
    unfolded: Unfolded | None = None
    sweep: Sweep | None = None
    """The sweep that is drawn."""

    @property
    def model(self) -> Model | None:
        """The model of stars in use."""
        return self.used.model if self.used is not None else None

    @property
    def interest_model(self) -> Model | None:
        """The model of interest in use."""
        return self.interest.model if self.interest is not None else None

    def using(self, run: Run) -> Opened:
        """Return this with the model of `run` in use, and nothing left of the one before."""
        if run.is_of_interest:
            return replace(self, interest=run)
        return replace(
            self,
            used=run,
            questions=None,
            film_map=None,
            map_trouble="",
            unfolded=None,
        )

    def with_runs(self, *runs: Run) -> Opened:
        """Return this with more runs."""
        return replace(self, runs=(*self.runs, *runs))

    def without(self, run: Run) -> Opened:
        """Return this without a run."""
        return replace(self, runs=tuple(one for one in self.runs if one is not run))
