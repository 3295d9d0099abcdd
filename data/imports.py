"""What an import would change: looked at first, then written in one transaction.

Nothing is written without asking but what is sure: a film is known by its number, or by title and
year where no other film of the dataset can be meant. What the dataset does not have is kept under
its own title; where it may be one of several films, the person chooses.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from data import titles
from data.catalogue import Catalogue
from data.entries import SEEN, UNSEEN, Entry
from data.exports import Export
from data.film import Film
from data.identity import How, Match
from data.matching import Finder
from data.profile import Dated, Opinion, Profile
from data.services import OWN

SURE: tuple[How, ...] = ("id", "title", "title, a year apart")
"""How a film may be known surely, the surest first."""


class Item(NamedTuple):
    """One film of an export, and what would become of it."""

    entry: Entry
    match: Match
    """What it is in the open dataset."""
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
        return [Dated(item.after, item.entry.at) for item in self.items if item.changes]

    def count(self, *how: How) -> int:
        """Return how many films are known in one of these ways."""
        return sum(item.match.how in how for item in self.items)

    def choose(self, index: int, movie: int, catalogue: Catalogue, profile: Profile) -> None:
        """Take a film for the one with this movie id."""
        item = self.items[index]
        before = profile.opinion(_kept_as(item.entry, catalogue[movie], profile))
        self.items[index] = item._replace(
            before=before, after=_after(before, item.entry), settled=True, left_out=False
        )

    def leave_alone(self, index: int, profile: Profile) -> None:
        """Keep a film under its own title, as none of those that it may be."""
        item = self.items[index]
        before = profile.opinion(_as_told(item.entry))
        self.items[index] = item._replace(
            before=before, after=_after(before, item.entry), settled=True, left_out=False
        )

    def leave_out(self, index: int) -> None:
        """Leave a film as it is kept now, or take it in again."""
        item = self.items[index]
        self.items[index] = item._replace(left_out=not item.left_out)


def plan(export: Export, catalogue: Catalogue, profile: Profile) -> Plan:
    """Return what the import of `export` would change for a person who has this dataset open.

    Films of the program's own export are kept as it says, whatever the dataset calls them.
    """
    profile.in_dataset(catalogue)  # from here on it knows kept films by the titles of this dataset
    if export.form == OWN.name:
        items = [_own_item(entry, catalogue, profile) for entry in export.entries]
    else:
        finder = Finder(catalogue)
        matches = _one_claim_each([finder.find(entry.film) for entry in export.entries])
        pairs = zip(export.entries, matches, strict=True)
        items = [_item(entry, match, catalogue, profile) for entry, match in pairs]
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


def _one_of_each(items: Iterable[Item]) -> Iterator[Item]:
    """Leave out films that could only be kept in the place of another one of the same file."""
    kept: dict[tuple[str, int], list[Film]] = defaultdict(list)
    for item in items:
        film = item.after.film
        same = kept[titles.fold(film.title), film.year]
        taken = not item.is_open and not all(_told_apart(film, other) for other in same)
        if not item.is_open:
            same.append(film)
        yield item._replace(left_out=taken)


def _told_apart(film: Film, other: Film) -> bool:
    return any(
        one and another and one != another
        for one, another in ((film.imdb, other.imdb), (film.tmdb, other.tmdb))
    )


def _item(entry: Entry, match: Match, catalogue: Catalogue, profile: Profile) -> Item:
    if match.how == "ambiguous":
        return _chosen_before(entry, match, catalogue, profile)
    if match.movie is None:
        film = _as_told(entry)
    else:
        film = _kept_as(entry, catalogue[match.movie], profile)
    before = profile.opinion(film)
    return Item(entry, match, before, _after(before, entry))


def _own_item(entry: Entry, catalogue: Catalogue, profile: Profile) -> Item:
    film, match = _as_told(entry), catalogue.find(entry.film)
    if match.movie is None:
        match = Match(None, "none", ())
    elif profile.kept(film) is None and profile.kept(catalogue[match.movie]) is not None:
        film = _kept_as(entry, catalogue[match.movie], profile)
    before = profile.opinion(film)
    return Item(entry, match, before, _after(before, entry))


def _chosen_before(entry: Entry, match: Match, catalogue: Catalogue, profile: Profile) -> Item:
    """Return an item that is settled if one candidate has just this opinion already."""
    films = [_kept_as(entry, catalogue[movie], profile) for movie in match.candidates]
    kept = dict.fromkeys(profile.kept(film) for film in (*films, _as_told(entry)))
    befores = [profile.opinion(film) for film in kept if film is not None]
    same = [one for one in befores if one[1:] == _after(one, entry)[1:]]
    nothing = Opinion(entry.film, None, None)
    if len(same) == 1:
        return Item(entry, match, same[0], same[0], settled=True)
    return Item(entry, match, nothing, nothing)


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
