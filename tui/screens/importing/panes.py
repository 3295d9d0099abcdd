"""What an import would change, as lines: the sums above, the films below."""

from __future__ import annotations

from collections.abc import Sequence

from data.catalogue import Catalogue
from data.dataset import Notice
from data.importing.plan import Item, Plan
from data.profile import Opinion
from tui.session.person import MARKS
from tui.text import glyphs
from tui.text.figures import count, counted, homely, stars
from tui.text.lines import Ink, Line, Span, fit, line, shorten, wrap

NOTE = 21
"""Cells for what there is to say of a film."""


def title(plan: Plan) -> str:
    """Return whose export it is and how much is in it."""
    films = counted(len(plan.items), "film")
    return f"Import {plan.export.where} ({plan.export.site}): {films}"


def sums(plan: Plan, dataset: str, cells: int, rows: int) -> list[Line]:
    """Return how the films were found, what would change, and what was left out.

    Where there are too few rows for all of it, what matters most stays.
    """
    number, exact = plan.count("id"), plan.count("title")
    near, other = plan.count("title, a year apart"), plan.count("spelt otherwise")
    nowhere = plan.count("none")
    ways = [(number, "by number"), (exact, "by title and year"), (near, "a year apart")]
    ways.append((other, "spelt otherwise"))
    found = ", ".join(f"{count(n)} {way}" for n, way in ways if n) or "none"
    parts = [(2, wrap(f"Found in {dataset}: {found}.", cells))]
    if nowhere:
        parts.append(
            (4, wrap(f"{count(nowhere)} not in it, kept for datasets that have them.", cells))
        )
    parts += [(place, wrap(said, cells, "warn")) for place, said in _open(plan)]
    parts.append((0, wrap(_effect(plan), cells, "bold")))
    if plan.export.notices:
        lines = counted(sum(notice.count for notice in plan.export.notices), "line")
        parts.append((5, wrap(f"{lines} of the export left out: v tells why.", cells, "dim")))
    shown: set[int] = set()
    for place, said in sorted(parts, key=lambda part: part[0]):
        if sum(len(said) for other, said in parts if other in shown) + len(said) > rows:
            break
        shown.add(place)
    return [line for place, said in parts if place in shown for line in said]


def _open(plan: Plan) -> list[tuple[int, str]]:
    """Return what to say of films that may be one of several, the most telling part first."""
    still = sum(item.is_open for item in plan.items)
    if not still:
        return []
    films = counted(still, "film")
    return [
        (1, f"{films} could be one of several: enter asks which."),
        (3, "g takes the likeliest for each; what stays open is left out."),
    ]


def _effect(plan: Plan) -> str:
    new = sum(item.changes and item.is_new for item in plan.items)
    changed = sum(item.changes and not item.is_new for item in plan.items)
    rest = len(plan.items) - new - changed - sum(item.is_open for item in plan.items)
    parts = [(new, "new"), (changed, "changed"), (rest, "as they are")]
    told = ", ".join(f"{count(n)} {word}" for n, word in parts if n)
    return f"{told}." if new or changed else "Nothing would change."


def order(plan: Plan) -> list[int]:
    """Return the places of the items: what wants a look first, then in the export's order."""
    return sorted(range(len(plan.items)), key=lambda index: _rank(plan.items[index]))


def _rank(item: Item) -> int:
    if item.is_open:
        return 0
    if item.left_out:
        return 1
    if not item.changes:
        return 6
    if item.match.how in ("title, a year apart", "spelt otherwise"):
        return 2
    if not item.is_new:
        return 3
    return 4 if item.match.how == "none" else 5


class ItemRows:
    """The films of an import, each with what is kept now and what would be."""

    def __init__(self, plan: Plan, catalogue: Catalogue) -> None:
        self._plan = plan
        self._catalogue = catalogue
        self._order = order(plan)

    def __len__(self) -> int:
        return len(self._order)

    def key(self, index: int) -> int:
        """Return the place of the film in the plan."""
        return self._order[index]

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return sign, title, year, what is kept, what would be, and how it was found."""
        item = self._plan.items[self.key(index)]
        film = item.entry.film
        g = glyphs.now()
        sign, ink = _sign(item)
        note = NOTE if width >= 66 else 0
        room = max(width - 26 - note, 6)
        arrow = ">" if item.changes else " "
        before = Span(_opinion(item.before), "dim") if not item.is_new else Span(" " * 5)
        after = Opinion(film, item.entry.stars, item.entry.mark) if item.is_open else item.after
        return line(
            f"{g.cursor if current else ' '}",
            (f"{sign} ", ink),
            (fit(film.title, room), "bold" if current else "plain"),
            (f" {film.year or '':>4} ", "dim"),
            before,
            (f" {arrow} ", "dim"),
            (_opinion(after), "own" if item.changes else "dim"),
            (f" {fit(self._note(item), note)}" if note else "", ink),
        )

    def note(self, index: int, width: int) -> Line | None:
        """Return None: all is said in the row."""
        return None

    def _note(self, item: Item) -> str:
        """Return in a few words how the film was found."""
        if item.is_open:
            return f"which of {counted(len(item.match.candidates), 'film')}?"
        if item.left_out:
            return "left out"
        if item.movie is None:
            return "not in the dataset"
        listed = self._catalogue[item.movie]
        ways = {
            "id": "by number",
            "title": "by title and year",
            "spelt otherwise": f"is {listed.title}",
        }
        chosen = f"is {listed.year or listed.title}"
        return chosen if item.settled else ways.get(item.match.how, chosen)


def _sign(item: Item) -> tuple[str, Ink]:
    if item.is_open:
        return "?", "warn"
    if item.left_out:
        return "-", "dim"
    if not item.changes:
        return "=", "dim"
    return ("+", "good") if item.is_new else ("~", "accent")


def _opinion(opinion: Opinion) -> str:
    """Return stars or mark in five cells."""
    if opinion.stars is not None:
        return stars(opinion.stars)
    return fit(MARKS[opinion.mark].short if opinion.mark in MARKS else "", 5)


def candidate(catalogue: Catalogue, movie: int, cells: int = 40) -> tuple[str, str]:
    """Return a film to choose and what tells it from others."""
    film = catalogue[movie]
    ratings = counted(int(catalogue.counts[movie]), "rating")
    number = f"tt{film.imdb:07}, " if film.imdb else ""
    return shorten(film.label, cells), f"{number}{ratings}"


def place(key: object) -> int:
    """Return the place in the plan that a row is of."""
    assert isinstance(key, int)
    return key


def told(notices: Sequence[Notice], cells: int) -> list[Line]:
    """Return what was left out, with the numbers of the lines."""
    lines: list[Line] = []
    for notice in notices:
        lines += wrap(homely(notice.text), cells)
        if len(notice.lines) > 5:
            lines += wrap(f"lines {', '.join(map(str, notice.lines))}", cells, "dim")
        lines.append([])
    return lines[:-1]
