"""What an import would change: looked at first, then written in one transaction.

Nothing is written without asking but what is sure: a film is known by its number, or by title and
year where no other film of the dataset can be meant. What the dataset does not have is kept under
its own title; where it may be one of several films, the person chooses.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from data import titles
from data.catalogue import Catalogue
from data.film import Film
from data.identity import How, Match
from data.importing.entry import SEEN, UNSEEN, Entry
from data.importing.matching import Finder
from data.importing.read import Export
from data.profile import Dated, Opinion, Profile

SURE: tuple[How, ...] = ("id", "title", "title, a year apart", "spelt otherwise")
"""How a film may be known surely, the surest first."""
STEP = 20
"""So many films are looked up between two moments in which one may cancel."""


class Item(NamedTuple):
    """One film of an export, and what would become of it."""

    entry: Entry
    match: Match
    """How it was found in the open dataset."""
    movie: int | None
    """What it is taken for there; None if it is kept under its own title, or still open."""
    before: Opinion
    """What is kept now, under the film that it would be kept as."""
    after: Opinion
    settled: bool = False
    """Whether the person has chosen which film it is."""
    left_out: bool = False
    """Whether it is left as it is: so the person wants it, or another film would be lost."""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be chosen which film this is; until then it changes nothing."""
        return self.match.how == "ambiguous" and not self.settled

    @property
    def changes(self) -> bool:
        """Whether anything would change."""
        return not self.is_open and not self.left_out and self.before[1:] != self.after[1:]

    @property
    def is_new(self) -> bool:
        """Whether nothing is kept of the film yet."""
        return self.before.stars is None and self.before.mark is None


@dataclass
class Plan:
    """An import before anything is written."""

    export: Export
    items: list[Item]

    @property
    def changes(self) -> list[Dated]:
        """What would be written."""
        return [
            Dated(item.after, item.entry.at, item.entry.watched)
            for item in self.items
            if item.changes
        ]

    def count(self, *how: How) -> int:
        """Return how many films are known in one of these ways."""
        return sum(item.match.how in how for item in self.items)

    def choose(self, index: int, movie: int, catalogue: Catalogue, profile: Profile) -> None:
        """Take a film for the one with this movie id."""
        film = _kept_as(self.items[index].entry, catalogue[movie], profile)
        self._settle(index, movie, profile.opinion(film))

    def leave_alone(self, index: int, profile: Profile) -> None:
        """Keep a film under its own title, as none of those that it may be."""
        self._settle(index, None, profile.opinion(_as_told(self.items[index].entry)))

    def choose_likeliest(self, catalogue: Catalogue, profile: Profile) -> None:
        """Take each film that is still open for the one that it most likely is.

        That is the one nearest in its year, and of those the best known; one that another film of
        the export is taken for is not taken again.
        """
        taken = {item.movie for item in self.items}
        for index, item in enumerate(self.items):
            year = item.entry.film.year
            free = [movie for movie in item.match.candidates if movie not in taken]
            if item.is_open and free:
                likeliest = min(free, key=lambda m: abs(catalogue[m].year - year) if year else 0)
                self.choose(index, likeliest, catalogue, profile)
                taken.add(likeliest)

    def _settle(self, index: int, movie: int | None, before: Opinion) -> None:
        item = self.items[index]
        self.items[index] = item._replace(
            movie=movie,
            before=before,
            after=_after(before, item.entry),
            settled=True,
            left_out=False,
        )

    def leave_out(self, index: int) -> None:
        """Leave a film as it is kept now, or take it in again."""
        item = self.items[index]
        self.items[index] = item._replace(left_out=not item.left_out)


def plan_import(export: Export, catalogue: Catalogue, profile: Profile) -> Plan:
    """Return what the import of `export` would change; see `planning`."""
    steps = planning(export, catalogue, profile)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            made: Plan = done.value
            return made


def planning(
    export: Export, catalogue: Catalogue, profile: Profile
) -> Generator[float, None, Plan]:
    """Yield how far it is, from 0 to 1, and return what the import of `export` would change.

    That is for a person who has this dataset open. Films of the program's own export are kept as
    it says, whatever the dataset calls them.
    """
    profile.in_dataset(catalogue)  # from here on it knows kept films by the titles of this dataset
    entries, items, matches = export.entries, list[Item](), list[Match]()
    finder, own = Finder(catalogue), export.site == "reelrank"
    for entry in entries:
        matches.append(catalogue.find(entry.film) if own else finder.find(entry.film))
        if len(matches) % STEP == 0:
            yield len(matches) / len(entries) / 2
    matches = matches if own else _one_claim_each(matches)
    sure = {match.movie for match in matches}
    for entry, match in zip(entries, matches, strict=True):
        if own:
            items.append(_own_item(entry, match, catalogue, profile))
        elif match.how == "ambiguous":
            items.append(_open_item(entry, match, sure, catalogue, profile))
        else:
            items.append(_sure_item(entry, match, catalogue, profile))
        if len(items) % STEP == 0:
            yield 0.5 + len(items) / len(entries) / 2
    return Plan(export, list(_one_of_each(items)))


def stands_alone(item: Item, catalogue: Catalogue, profile: Profile) -> bool:
    """Return whether a film can be kept under its own title and not be taken for another."""
    film = _as_told(item.entry)
    return catalogue.match(profile.kept(film) or film) is None


def _one_claim_each(matches: Sequence[Match]) -> list[Match]:
    """Leave each movie to the entry that is surest of it; the others are the person's to decide."""
    claims = Counter((match.movie, match.how) for match in matches)

    def outdone(match: Match) -> bool:
        surer = SURE[: SURE.index(match.how)]
        return claims[match.movie, match.how] > 1 or any(claims[match.movie, how] for how in surer)

    return [
        Match(None, "ambiguous", (match.movie,))
        if match.movie is not None and outdone(match)
        else match
        for match in matches
    ]


class _Namesakes:
    """The numbers of films of one title and year, to tell whether one more is among them."""

    def __init__(self) -> None:
        self._imdb: set[int] = set()
        self._tmdb: set[int] = set()
        self._pairs: set[tuple[int, int]] = set()

    def add(self, film: Film) -> None:
        """Note a film."""
        self._imdb.add(film.imdb)
        self._tmdb.add(film.tmdb)
        self._pairs.add((film.imdb, film.tmdb))

    def have(self, film: Film) -> bool:
        """Return whether a film's numbers do not tell it apart from all of these."""
        if not film.imdb or not film.tmdb:
            known, number = (self._tmdb, film.tmdb) if film.tmdb else (self._imdb, film.imdb)
            return bool(known & {0, number} if number else known)
        return any(
            (imdb, tmdb) in self._pairs for imdb in (0, film.imdb) for tmdb in (0, film.tmdb)
        )


def _one_of_each(items: Iterable[Item]) -> Iterator[Item]:
    """Leave out films that could only be kept in the place of another one of the same file."""
    kept: dict[tuple[str, int], _Namesakes] = defaultdict(_Namesakes)
    for item in items:
        film = item.after.film
        same = kept[titles.fold(film.title), film.year]
        taken = not item.is_open and same.have(film)
        if not item.is_open:
            same.add(film)
        yield item._replace(left_out=taken)


def _sure_item(entry: Entry, match: Match, catalogue: Catalogue, profile: Profile) -> Item:
    if match.movie is None:
        film = _as_told(entry)
    else:
        film = _kept_as(entry, catalogue[match.movie], profile)
    before = profile.opinion(film)
    return Item(entry, match, match.movie, before, _after(before, entry))


def _own_item(entry: Entry, match: Match, catalogue: Catalogue, profile: Profile) -> Item:
    film = _as_told(entry)
    if match.movie is None:
        match = Match(None, "none", ())
    elif profile.kept(film) is None and profile.kept(catalogue[match.movie]) is not None:
        film = _kept_as(entry, catalogue[match.movie], profile)
    before = profile.opinion(film)
    return Item(entry, match, match.movie, before, _after(before, entry))


def _open_item(
    entry: Entry, match: Match, sure: set[int | None], catalogue: Catalogue, profile: Profile
) -> Item:
    """Return an item that is open, or settled if one candidate alone has this opinion already.

    That was then chosen before. What another film of the export surely is does not count.
    """
    places: list[int | None] = [*(one for one in match.candidates if one not in sure), None]
    same: dict[Film, Item] = {}
    for movie in places:
        film = _as_told(entry) if movie is None else _kept_as(entry, catalogue[movie], profile)
        kept, before = profile.kept(film), profile.opinion(film)
        if kept is not None and before[1:] == _after(before, entry)[1:]:
            same.setdefault(kept, Item(entry, match, movie, before, before, settled=True))
    if len(same) == 1:
        return next(iter(same.values()))
    nothing = Opinion(entry.film, None, None)
    return Item(entry, match, None, nothing, nothing)


def _kept_as(entry: Entry, listed: Film, profile: Profile) -> Film:
    """Return what a film of the dataset is or will be kept as, with every number known of it."""
    base, told = profile.kept(listed) or listed, entry.film
    return Film(
        base.title,
        base.year,
        imdb=base.imdb or listed.imdb or told.imdb,
        tmdb=base.tmdb or listed.tmdb or told.tmdb,
    )


def _as_told(entry: Entry) -> Film:
    told = entry.film
    return Film(told.title, told.year, imdb=told.imdb, tmdb=told.tmdb)


def _after(before: Opinion, entry: Entry) -> Opinion:
    """Return what holds after an import: what the file says, or else what was kept."""
    if entry.stars is not None:
        same = before.stars == entry.stars
        return before._replace(
            stars=entry.stars, mark=entry.mark or (before.mark if same else None)
        )
    seen_or_not = entry.mark in (SEEN, UNSEEN)
    known = before.stars is not None or (entry.mark == SEEN and before.mark not in (None, UNSEEN))
    return before if seen_or_not and known else before._replace(mark=entry.mark)
