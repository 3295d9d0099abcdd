"""Explore: a map that one walks with the arrows."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from engine.factorisation import Factorisation
from tui.screens.dialogs import Read
from tui.screens.explore import panes
from tui.screens.explore.panes import COLOURS, Colour, NearRows
from tui.screens.rate.questions import FilmRows
from tui.screens.rating import RatingRoom
from tui.session.film_map import FilmMap
from tui.session.map_unfolding import Unfolded
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import share
from tui.text.lines import Line, line, rule, spread, wall
from tui.widgets.field import Field, SearchField
from tui.widgets.film_map import MapBox
from tui.widgets.painted import Lines
from tui.widgets.rowlist import Nothing, RowList


class ExploreRoom(RatingRoom):
    """The map at the left; at the right the film under the cursor and what is near it."""

    NAME = "explore"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "other", "nearest", key_display="tab", tooltip="Between map and nearest"),
        Binding("shift+tab", "other", "nearest", show=False, tooltip="Between map and nearest"),
        Binding("enter", "visit", "visit", key_display="enter", show=False, tooltip="Go to a film"),
        Binding("c", "colour", "colour", tooltip="Colour by cluster, genre, or your stars"),
        Binding(
            "s", "shapes", "shapes", show=False, tooltip="A shape for each group, or only colours"
        ),
        Binding("o", "factors", "factors", tooltip="What each factor is about"),
        Binding("p", "unfold", "PCA/t-SNE", tooltip="Unfold the map by t-SNE, or back to PCA"),
        Binding("v", "values", "values", show=False, tooltip="How factor values are spread"),
        *(
            Binding(str(n), f"rate({n})", "rate", show=False, tooltip="Give so many stars")
            for n in range(1, 6)
        ),
        Binding("u", "undo", "undo", show=False, tooltip="Take the last rating back"),
        Binding("slash", "search", "find", key_display="/", tooltip="Find a film on the map"),
        Binding("escape", "back", "back", show=False, tooltip="Back to the map"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._film_map: FilmMap | None = None
        self._movie: int | None = None
        self._colour: Colour = "clusters"
        self._shapes = session.terminal.few_colours or session.terminal.markers != "braille"
        self._unfolded: Unfolded | None = None
        self._searching = False

    def body(self) -> ComposeResult:
        """Lay out map and side pane, the legend below."""
        yield Lines(self._head, id="map-head")
        with Horizontal(id="map-body"):
            yield MapBox(id="map")
            yield Lines(wall, id="map-wall", classes="wall")
            with Vertical(id="map-side"):
                search = SearchField(self.found, id="map-search")
                search.add_class("hidden")
                yield search
                yield Lines(self._about, id="about")
                yield RowList(id="near")
                yield Lines(self._cluster, id="cluster")
        yield Lines(self._legend, id="legend")

    def on_mount(self) -> None:
        """Begin on the map."""
        self._map.focus()

    @property
    def _map(self) -> MapBox:
        return self.query_one(MapBox)

    @property
    def _near(self) -> RowList:
        return self.query_one("#near", RowList)

    @property
    def _field(self) -> SearchField:
        return self.query_one("#map-search", SearchField)

    # What is shown

    def renew(self) -> None:
        """Draw the map if it is another one."""
        film_map = self.session.film_map
        if film_map is None:
            self._film_map = None
            self._map.say(self._empty())
            self._near.show(Nothing())
        elif film_map is not self._film_map:
            fresh = self._film_map is None or self._film_map.model is not film_map.model
            self._film_map = film_map
            if fresh:
                self._unfolded = None
                self._movie = self._start(film_map)
            self._draw(keep=not fresh)
            self._beside()
        else:
            self._take_unfolded()
        self._panes()
        if self.session.look_at is not None and self._film_map is not None:
            movie, self.session.look_at = self.session.look_at, None
            self.call_after_refresh(self.visit, movie)

    def _take_unfolded(self) -> None:
        """Show how the map unfolds."""
        opened = self.session.opened
        found = opened.unfolded if opened is not None else None
        if self._unfolded is None or found is self._unfolded or found is None:
            return
        if found.film_map.model is self.session.model:
            self._unfolded = found
            self._draw(keep=False)

    def _empty(self) -> str:
        if self.session.jobs.of("train") is not None:
            return "A model is being trained; its map of films will be drawn here."
        opened = self.session.opened
        if opened is not None and opened.map_trouble:
            return opened.map_trouble
        if self.session.model is not None:
            return "The map is being drawn …"
        return "There is no model yet, so there is no map. Press t to train one."

    def _start(self, film_map: FilmMap) -> int:
        """Return where to begin: the own favourite that is on the map, else the best-known film."""
        own = self.session.person.stars
        on_map = set(film_map.movies.tolist())
        loved = [movie for movie in sorted(own, key=lambda m: -own[m]) if movie in on_map]
        if self._movie is not None and self._movie in on_map:
            return self._movie
        return loved[0] if loved else int(film_map.movies[0])

    @property
    def _plane(self) -> FilmMap | Unfolded | None:
        """The films that are drawn and where they are."""
        return self._unfolded or self._film_map

    def _draw(self, *, keep: bool = True) -> None:
        film_map, plane = self._film_map, self._plane
        if film_map is None or plane is None:
            return
        found = panes.groups(film_map, self.session, self._colour)
        labels = max(4, self._map.size.height // 2)
        look = panes.look(film_map.catalogue, plane.movies, found, self.session, labels)
        look = replace(look, shapes=self._shapes)
        self._map.show(plane.places, look, self._index_of(self._movie), keep=keep)

    def _index_of(self, movie: int | None) -> int | None:
        """Return which of the films on the map a film is."""
        plane = self._plane
        listed = plane.movies.tolist() if plane is not None else []
        return listed.index(movie) if movie in listed else None

    def _beside(self) -> None:
        """List what is near the film under the cursor."""
        if self._film_map is None or self._movie is None or self._searching:
            return
        self._near.show(NearRows(self.session, self._film_map, self._movie), keep=False)

    def _panes(self) -> None:
        for pane in ("#map-head", "#about", "#cluster", "#legend"):
            self.query_one(pane, Lines).renew()

    def _head(self, width: int, height: int) -> list[Line]:
        if self._film_map is None:
            return []
        g = glyphs.now()
        kind = "t-SNE" if self._unfolded is not None else "PCA"
        job = self.session.jobs.of("unfold")
        if job is not None and self._unfolded is not None:
            kind += f" {share(job.progress or 0)}"
        left = f" map {kind} {g.dot} colour {self._colour}"
        shares = sum(self._film_map.shares)
        said = f"{share(shares)} of taste on this plane " if self._unfolded is None else ""
        return [spread(line((left, "dim")), line((said, "dim")), width)]

    def _about(self, width: int, height: int) -> list[Line]:
        if self._film_map is None or self._movie is None:
            return []
        said = panes.about(self.session, self._film_map, self._movie, width)
        title = "found" if self._searching else "nearest"
        head = spread(
            line((f" {title}", "dim")), line(("" if self._searching else "alike ", "dim")), width
        )
        return [*said, [], head]

    def _cluster(self, width: int, height: int) -> list[Line]:
        if self._film_map is None or self._movie is None:
            return []
        return [rule(width), *panes.of_cluster(self._film_map, self._movie, width)]

    def _legend(self, width: int, height: int) -> list[Line]:
        if self._film_map is None:
            return []
        found = panes.groups(self._film_map, self.session, self._colour)
        shapes = self._shapes or self.session.terminal.markers != "braille"
        return [rule(width), *panes.legend(found, shapes, width, height - 1)]

    # What keys do

    @on(MapBox.Walked)
    def walked(self) -> None:
        """Follow the cursor with the side pane."""
        index, plane = self._map.cursor, self._plane
        if index is not None and plane is not None:
            self._movie = int(plane.movies[index])
            self._beside()
            self._panes()

    def visit(self, movie: int) -> None:
        """Go to a film, on the map if it is there."""
        index = self._index_of(movie)
        if index is not None:
            self._map.go_to(index)
        else:
            self._movie = movie
            self._beside()
            self._panes()

    @on(RowList.Chosen, "#near")
    def chosen(self) -> None:
        """Go to the film that was clicked twice."""
        self.action_visit()

    def action_visit(self) -> None:
        """Go to the film under the cursor of the list; on the map, show its card."""
        movie = self._near.current
        if self._map.has_focus:
            self.action_card()
        elif self._near.has_focus and isinstance(movie, int):
            self._leave_search()
            self.visit(movie)
            self._map.focus()

    def action_other(self) -> None:
        """Go from the map to the list, or back."""
        (self._near if self._map.has_focus else self._map).focus()

    def action_colour(self) -> None:
        """Colour the map in another way."""
        self._colour = COLOURS[(COLOURS.index(self._colour) + 1) % len(COLOURS)]
        self._draw()
        self._panes()

    def action_shapes(self) -> None:
        """Give each group a shape, or only a colour."""
        self._shapes = not self._shapes
        self._draw()
        self._panes()

    def action_factors(self) -> None:
        """Show what each factor is about."""
        film_map = self._film_map
        if film_map is None or not film_map.factors:
            self.session.say("The factors are not ready yet; a moment.")
            return
        title = f"What the {len(film_map.factors)} factors are about"
        self.ask(Read(title, lambda w: panes.factor_lines(film_map.factors, film_map.catalogue, w)))

    def action_values(self) -> None:
        """Show how the values of the films' factors are spread."""
        model = self.session.model
        if isinstance(model, Factorisation):
            factors = model.movie_factors
            title = "Values of the films' factors"
            self.ask(Read(title, lambda w: panes.spread_lines(factors, w)))

    @property
    def film(self) -> int | None:
        """The film under the cursor."""
        return self._movie if self._film_map is not None else None

    def answered(self, movie: int, said: str) -> None:
        """Show the stars on the map and beside it."""
        self._draw()
        self._near.renew()
        self._panes()

    def undone(self, movie: int | None, said: str) -> None:
        """Tell what was taken back, and show the map without it."""
        super().undone(movie, said)
        self.answered(movie or 0, said)

    def action_unfold(self) -> None:
        """Unfold the map by t-SNE, or go back to the principal components."""
        if self._film_map is None:
            return
        if self._unfolded is not None:
            self._unfolded = None
            self.session.jobs.cancel("unfold")
        else:
            self._unfolded = self.session.maps.unfold(self._film_map)
        self._draw(keep=False)
        self.sync()

    def action_search(self) -> None:
        """Find a film by its title."""
        if self._film_map is not None:
            self._searching = True
            self._field.remove_class("hidden")
            self._field.focus()
            self._find(self._field.value)

    def action_back(self) -> None:
        """Go back to the map."""
        self._leave_search()
        self._beside()
        self._panes()
        self._map.focus()

    def _leave_search(self) -> None:
        self._searching = False
        self._field.add_class("hidden")

    def found(self, text: str) -> None:
        """Show what is found so far."""
        if self._searching:
            self._find(text)

    def _find(self, text: str) -> None:
        dataset = self.session.dataset
        if dataset is not None:
            movies = [int(m) for m in dataset.catalogue.search(text, 50)]
            rows = FilmRows(dataset, self.session.person, movies) if movies else Nothing()
            self._near.show(rows, keep=False, empty="No film has all of these words in its title.")
            self._panes()

    @on(Field.Left, "#map-search")
    def leave_field(self, message: Field.Left) -> None:
        """Go to the results, or back to the map."""
        if message.keep and len(self._near.rows):
            self._near.focus()
        else:
            self.action_back()
