"""Finding films by a few letters: one folded text of all titles, scanned as bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data import titles
from engine.arrays import Ids, Mask, Offsets


class SearchIndex:
    """All names of all films, a line each, in one buffer that NumPy scans in milliseconds.

    Parameters
    ----------
    lines : the folded names of each film, main title first, each with a tab behind it
    known : (n_movies,) how well known each film is; orders films that fit equally well
    """

    def __init__(self, lines: Sequence[str], known: Offsets) -> None:
        text = "\n".join(lines)
        self._bytes = np.frombuffer(f"\n{text}\n".encode(), np.uint8)
        self._starts = np.flatnonzero(self._bytes == ord("\n"))[: len(lines)] + 1
        tabs = np.flatnonzero(self._bytes == ord("\t"))
        self._main_lengths = tabs[np.searchsorted(tabs, self._starts)] - self._starts
        self._known = known

    def __call__(self, text: str, limit: int) -> Ids:
        """Return at most `limit` movies whose names hold every word of `text`, best fit first.

        A title that is the text comes first, then those that begin with it, then those where
        each word begins a word, then the rest; the best known first among equals.
        """
        words = titles.fold(text).split()
        if not words:
            return np.argsort(-self._known, kind="stable")[:limit].astype(np.int32)
        anywhere, at_start = self._lines_with(words[0])
        for word in words[1:]:
            more_anywhere, more_at_start = self._lines_with(word)
            anywhere &= more_anywhere
            at_start &= more_at_start
        movies = np.flatnonzero(anywhere)
        fit = at_start[movies] + self._prefix(" ".join(words), movies)
        order = np.lexsort((-self._known[movies], -fit))[:limit]
        return movies[order].astype(np.int32)

    def _lines_with(self, word: str) -> tuple[Mask, Mask]:
        """Return (n_movies,) masks of the lines that hold `word`, and that hold it as a start."""
        places = self._find(word.encode())
        lines = np.searchsorted(self._starts, places, side="right") - 1
        anywhere = np.zeros(len(self._starts), bool)
        anywhere[lines] = True
        at_start = np.zeros(len(self._starts), bool)
        before = self._bytes[places - 1]
        at_start[lines[(before == ord(" ")) | (before == ord("\t")) | (before == ord("\n"))]] = True
        return anywhere, at_start

    def _find(self, word: bytes) -> Offsets:
        places = np.flatnonzero(self._bytes[: len(self._bytes) - len(word)] == word[0])
        for i, byte in enumerate(word[1:], start=1):
            places = places[self._bytes[places + i] == byte]
        return places

    def _prefix(self, text: str, movies: Offsets) -> Offsets:
        """Return 2 for each of `movies` whose title is `text`, 1 where it begins with it."""
        wanted = np.frombuffer(text.encode(), np.uint8)
        starts = self._starts[movies]
        fits = np.ones(len(movies), bool)
        for i, byte in enumerate(wanted):
            ends = np.minimum(starts + i, len(self._bytes) - 1)
            fits &= self._bytes[ends] == byte
        whole = self._main_lengths[movies] == len(wanted)
        return np.asarray(fits.astype(np.int64) + (fits & whole))
