"""Finding films by a few letters: one folded text of all titles, scanned as bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data import titles
from engine.arrays import Ids, Mask, Offsets

_NEWLINE, _TAB, _SPACE = b"\n\t "


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
        breaks = np.flatnonzero(self._bytes == _NEWLINE)[: len(lines) + 1]
        self._starts = breaks[: len(lines)] + 1
        self._lines: Ids = np.zeros(len(self._bytes), np.int32)
        self._lines[self._starts[1:] - 1] = 1
        np.cumsum(self._lines, out=self._lines)
        tabs = np.flatnonzero(self._bytes == _TAB)
        self._main_lengths = tabs[np.searchsorted(tabs, self._starts)] - self._starts
        self._by_fame = np.argsort(-known, kind="stable").astype(np.int32)
        self._fame = np.empty(len(lines), np.int64)
        self._fame[self._by_fame] = np.arange(len(lines), 0, -1)

    def __call__(self, text: str, limit: int) -> Ids:
        """Return at most `limit` movies whose names hold every word of `text`, best fit first.

        A title that is the text comes first, then those that begin with it, then those where
        each word begins a word, then the rest; the best known first among equals.
        """
        words = titles.fold(text).split()
        if not words:
            return self._by_fame[:limit]
        anywhere, at_start = self._lines_with(words[0])
        for word in words[1:]:
            more_anywhere, more_at_start = self._lines_with(word)
            anywhere &= more_anywhere
            at_start &= more_at_start
        movies = np.flatnonzero(anywhere).astype(np.int32)
        fit = at_start[movies] + self._prefix(" ".join(words), movies)
        return movies[_largest(fit * (len(self._fame) + 1) + self._fame[movies], limit)]

    def _lines_with(self, word: str) -> tuple[Mask, Mask]:
        """Return (n_movies,) masks of the lines that hold `word`, and that hold it as a start."""
        places = self._find(word.encode())
        lines = self._lines[places]
        anywhere = np.zeros(len(self._starts), bool)
        anywhere[lines] = True
        at_start = np.zeros(len(self._starts), bool)
        before = self._bytes[places - 1]
        at_start[lines[(before == _SPACE) | (before == _TAB) | (before == _NEWLINE)]] = True
        return anywhere, at_start

    def _find(self, word: bytes) -> Offsets:
        """Return where `word` stands: two letters leave few places to look at one by one."""
        end = len(self._bytes) - len(word)
        fits = self._bytes[:end] == word[0]
        if len(word) > 1:
            fits &= self._bytes[1 : end + 1] == word[1]
        places = np.flatnonzero(fits)
        for i, byte in enumerate(word[2:], start=2):
            places = places[self._bytes[places + i] == byte]
        return places

    def _prefix(self, text: str, movies: Ids) -> Offsets:
        """Return 2 for each of `movies` whose title is `text`, 1 where it begins with it."""
        wanted = np.frombuffer(text.encode(), np.uint8)
        starts = self._starts[movies]
        fits = np.ones(len(movies), bool)
        for i, byte in enumerate(wanted):
            ends = np.minimum(starts + i, len(self._bytes) - 1)
            fits &= self._bytes[ends] == byte
        whole = self._main_lengths[movies] == len(wanted)
        return np.asarray(fits.astype(np.int64) + (fits & whole))


def _largest(keys: Offsets, n: int) -> Offsets:
    """Return the places of the `n` largest keys, the largest first; no two are the same."""
    if n >= len(keys):
        return np.argsort(-keys)
    found = np.argpartition(-keys, n)[:n]
    return found[np.argsort(-keys[found])]
