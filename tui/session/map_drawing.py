"""What is drawn of a model in the background: its map, its clusters, what to ask next."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from data.dataset import Dataset
from engine import Model
from tui.session import film_map, map_unfolding
from tui.session.film_map import FilmMap
from tui.session.jobs import Job, Jobs
from tui.session.map_unfolding import Unfolded
from tui.session.opened import Opened
from tui.session.say import Say


class Holder(Protocol):
    """What holds the open dataset."""

    opened: Opened | None
    jobs: Jobs
    say: Say


class MapDrawing:
    """Draws the map of the model in use, and unfolds it."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder

    def unfold(self, drawn: FilmMap) -> Unfolded | None:
        """Unfold a map in the background; return it as it is now."""
        if self._holder.opened is None:
            return None
        found = self._holder.opened.unfolded
        if found is None or found.film_map.model is not drawn.model:
            n = map_unfolding.UNFOLDED
            found = Unfolded(drawn, drawn.movies[:n], drawn.places[:n])
            self._holder.opened = replace(self._holder.opened, unfolded=found)
            self._holder.jobs.start(
                Job(
                    "unfold",
                    "unfolding the map",
                    partial(map_unfolding.unfold, drawn),
                    heard=self._unfolding,
                    stopped=partial(self._change, drawn.model, unfolded=None),
                )
            )
        return found

    def _unfolding(self, found: Unfolded) -> None:
        self._change(found.film_map.model, unfolded=found)

    def prepare(self, model: Model, dataset: Dataset) -> None:
        """Draw the map of `model`, and find out what to ask next."""
        self._holder.jobs.start(
            Job(
                "prepare",
                "map",
                partial(film_map.prepare, model, dataset),
                heard=self._prepared,
                failed=partial(self._not_prepared, model),
            )
        )

    def _prepared(self, ready: film_map.Ready) -> None:
        if isinstance(ready.what, FilmMap):
            self._change(ready.model, film_map=ready.what)
        elif isinstance(ready.what, str):
            self._change(ready.model, map_trouble=ready.what)
        else:
            self._change(ready.model, questions=ready.what)

    def _not_prepared(self, model: Model, sentence: str) -> None:
        self._change(model, map_trouble=sentence)
        self._holder.say(sentence, "error")

    def _change(self, model: Model, **changes: Any) -> None:
        """Replace what belongs to `model`, if that is still the one in use."""
        if self._holder.opened is not None and self._holder.opened.model is model:
            self._holder.opened = replace(self._holder.opened, **changes)
