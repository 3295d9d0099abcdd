"""A film's card: what it is, what others give it, what the person may give it, what is near it."""

from __future__ import annotations

import os
import webbrowser
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from data.dataset import Dataset
from data.film import Film
from tui.screens.for_you import reasons
from tui.session.person import MARKS
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import bar, counted, stars
from tui.text.lines import Line, Span, fit, line, rule, shorten, width, wrap
from tui.widgets.keyline import KeyLine
from tui.widgets.painted import Lines
from tui.widgets.rowlist import Fixed, Page

NEAR = 5
"""So many of the nearest films are named."""


class FilmCard(ModalScreen[int]):
    """All that is known of a film; answers with a film to go to on the map."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(n), f"rate({n})", "rate", key_display="1-5", tooltip="Give so many stars")
            for n in range(1, 6)
        ),
        Binding("comma", "nudge(-0.5)", "half", show=False, tooltip="Half a star less"),
        Binding("full_stop", "nudge(0.5)", "half", show=False, tooltip="Half a star more"),
        Binding("0", "clear", "clear", show=False, tooltip="Take stars and mark away"),
        Binding("w", "mark('watchlist')", "watchlist", tooltip="Put on the watchlist, or off it"),
        Binding("n", "mark('not interested')", "never", show=False, tooltip="Never recommend it"),
        Binding("o", "browse(0)", "IMDb", tooltip="Open it at IMDb, or copy the link"),
        Binding("O", "browse(1)", "TMDB", show=False, tooltip="Open it at TMDB"),
        Binding("L", "browse(2)", "Letterboxd", show=False, tooltip="Open it at Letterboxd"),
        Binding("c", "copy", "copy link", tooltip="Copy the link"),
        Binding("m", "map", "map", tooltip="See it on the map"),
        Binding("escape,q,enter", "dismiss", "back", key_display="esc"),
    ]

    def __init__(self, session: Session, dataset: Dataset, movie: int) -> None:
        super().__init__()
        self._session = session
        self._dataset = dataset
        self.movie = movie

    def compose(self) -> ComposeResult:
        """Lay out the card over its keys."""
        with Vertical(id="dialog", classes="reading"):
            yield Lines(self._title, id="title")
            yield Page(id="reading")
            yield KeyLine()

    def on_mount(self) -> None:
        """Take the focus, so that keys scroll."""
        self.query_one(Page).focus()

    def on_resize(self) -> None:
        """Fit the card."""
        self.call_after_refresh(self.renew)

    def renew(self) -> None:
        """Show the film as it is known now."""
        page = self.query_one(Page)
        said = card(self._session, self._dataset, self.movie, page.size.width)
        page.show(Fixed(said))
        page.styles.height = max(min(len(said), self.app.size.height - 6), 1)
        self.query_one("#title", Lines).renew()

    def _title(self, width: int, height: int) -> list[Line]:
        return [title(self._dataset.catalogue[self.movie], width)]

    def action_rate(self, stars: float) -> None:
        """Give it its stars."""
        self._session.change(lambda: self._session.person.rate(self.movie, stars))
        self.renew()

    def action_nudge(self, by: float) -> None:
        """Give half a star more or less."""
        self._session.change(lambda: self._session.person.nudge(self.movie, by))
        self.renew()

    def action_clear(self) -> None:
        """Forget stars and mark."""
        self._session.change(lambda: self._session.person.clear(self.movie))
        self.renew()

    def action_mark(self, mark: str) -> None:
        """Shelve it, or take it off that shelf."""
        self._session.change(lambda: self._session.person.mark(self.movie, mark))
        self.renew()

    def action_map(self) -> None:
        """Answer with the film, so that it is shown on the map."""
        self.dismiss(self.movie)

    def action_browse(self, site: int) -> None:
        """Open the film at a site; where no browser can be opened, copy the link."""
        found = links(self._dataset.catalogue[self.movie])
        if site >= len(found):
            self._session.say("This film's number there is not known, so there is no link.")
        elif not _has_browser() or not webbrowser.open(found[site][1]):
            self._copy(found[site][1])
        else:
            self._session.say(f"Opened at {found[site][0]}.")

    def action_copy(self) -> None:
        """Copy the first link."""
        found = links(self._dataset.catalogue[self.movie])
        if found:
            self._copy(found[0][1])
        else:
            self._session.say("This film's number at IMDb or TMDB is not known; there is no link.")

    def _copy(self, url: str) -> None:
        self.app.copy_to_clipboard(url)
        self._session.say(f"Copied, if this terminal lets programs copy: {url}")


def _has_browser() -> bool:
    """Return whether a browser would open where the person sits."""
    far = "SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ
    return not far and bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def links(film: Film) -> list[tuple[str, str]]:
    """Return the film's pages elsewhere: the site and the address."""
    found = []
    if film.imdb:
        found.append(("IMDb", f"https://www.imdb.com/title/tt{film.imdb:07}/"))
    if film.tmdb:
        found.append(("TMDB", f"https://www.themoviedb.org/movie/{film.tmdb}"))
        found.append(("Letterboxd", f"https://letterboxd.com/tmdb/{film.tmdb}"))
    return found


def title(film: Film, cells: int) -> Line:
    """Return the title with its year, and its other titles where there is room."""
    others = " / ".join(film.names[1:])
    head = shorten(film.label, cells)
    room = cells - width(head) - 3
    return line(
        (head, "bold"), (f"   {shorten(others, room)}" if others and room > 8 else "", "dim")
    )


def card(session: Session, dataset: Dataset, movie: int, cells: int) -> list[Line]:
    """Return all that is known of a film, in lines of so many cells."""
    film, person = dataset.catalogue[movie], session.person
    said = [line(*part) for part in wrap(", ".join(film.genres) or "no genre known", cells, "dim")]
    said += [rule(cells), *_everybody(dataset, movie, cells), []]
    own = person.stars.get(movie)
    mark = person.marks.get(movie)
    if own is not None or mark is not None:
        words = stars(own).strip() if own is not None else MARKS[mark or ""].told
        said.append(line(("you      ", "dim"), (words, "own")))
    recommended = session.recommendations
    if recommended is not None:
        said += reasons.in_words(dataset, recommended, person, movie, cells)[1:]
        near = recommended.model.similar(movie, NEAR)
        names = f" {glyphs.now().dot} ".join(
            f"{dataset.catalogue[int(one)].title} {dataset.catalogue[int(one)].year or ''}".strip()
            for one in near.movies
        )
        if names:
            said += [[], *_lead("nearest", names, cells)]
    said += [[Span(f"{site:<11}", "dim"), Span(url, "accent")] for site, url in links(film)]
    return said


def _everybody(dataset: Dataset, movie: int, cells: int) -> list[Line]:
    """Return the histogram of everybody's stars."""
    values = dataset.ratings.values[dataset.ratings.movies == movie]
    if not len(values):
        return [line(("nobody in this dataset has rated it", "dim"))]
    in_stars = dataset.ratings.scale.to_stars(values)
    mean = float(in_stars.mean())
    bins, counts = np.unique(np.rint(in_stars * 2) / 2, return_counts=True)
    head = line(
        ("others   ", "dim"), f"{mean:.1f}", (f" from {counted(len(values), 'rating')}", "dim")
    )
    room = max(cells - 22, 8)
    rows = [
        line(
            (f"{value:>5g} ", "dim"),
            (fit(bar(n / counts.max(), room), room), "accent"),
            (f" {n:,}", "dim"),
        )
        for value, n in sorted(zip(bins.tolist(), counts.tolist(), strict=True), reverse=True)
    ]
    return [head, *rows[:10]]


def _lead(lead: str, text: str, cells: int) -> list[Line]:
    parts = wrap(text, cells - 9)
    return [[Span(f"{lead if not i else '':<9}", "dim"), *part] for i, part in enumerate(parts)]
