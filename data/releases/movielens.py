"""The MovieLens releases: what they hold, what they weigh, what may be done with them.

F. Maxwell Harper and Joseph A. Konstan 2015, "The MovieLens Datasets: History and Context"
(doi:10.1145/2827872), describe them; whoever publishes results from them is asked to cite it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from data import paths
from data.errors import NotFound, cannot_write
from engine import Scale

PUBLISHER = "https://files.grouplens.org/datasets/movielens"
MIRROR = "REELRANK_MIRROR"
"""Environment variable with another address that serves the same zips."""
_TERMS = (
    "For research and for trying things out; no commercial use without permission from GroupLens;"
    " cite Harper & Konstan 2015 (doi:10.1145/2827872) in publications."
)
_KEEP = " You may not pass the files on."
_SHARE = " You may pass the files on under the same terms."


@dataclass(frozen=True)
class Release:
    """A published version of MovieLens."""

    name: str
    n_ratings: int
    n_users: int
    n_movies: int
    n_bytes: int
    """Size of the zip; about right where the publisher does not tell."""
    md5: str
    """Checksum of the zip; empty for the one that changes from time to time."""
    scale: Scale
    shareable: bool
    """Whether the licence lets one pass the files on."""

    @property
    def licence(self) -> str:
        """The licence in a few words; the zip holds its full text."""
        return _TERMS + (_SHARE if self.shareable else _KEEP)

    @property
    def url(self) -> str:
        """Where the zip is."""
        return f"{os.environ.get(MIRROR, '').rstrip('/') or PUBLISHER}/{self.name}.zip"

    @property
    def path(self) -> Path:
        """Where the zip is, or would be, on this machine."""
        return paths.datasets_folder() / f"{self.name}.zip"

    @property
    def part(self) -> Path:
        """Where a download that is not finished keeps what it has."""
        return paths.datasets_folder() / f"{self.name}.zip.part"

    @property
    def is_here(self) -> bool:
        """Whether it was downloaded whole and its checksum was right."""
        return self.path.is_file()

    @property
    def bytes_here(self) -> int:
        """How much of an unfinished download is here."""
        try:
            return self.part.stat().st_size
        except OSError:
            return 0

    def remove(self) -> None:
        """Delete what was downloaded of this release.

        Raises
        ------
        CannotWrite
            If the system does not allow it.
        """
        for path in (self.path, self.part):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise cannot_write(path, error) from error


_HALVES, _WHOLE = Scale(0.5, 5.0), Scale(1.0, 5.0)
_MD5 = {
    "ml-latest-small": "31a303aabbc519bd33d025e44d6c2570",
    "ml-100k": "0e33842e24a9c977be4e0107933c0723",
    "ml-1m": "c4d9eecfca2ab87c1945afe126590906",
    "ml-10m": "ce571fd55effeba0271552578f2648bd",
    "ml-20m": "cd245b17a1ae2cc31bb14903e1204af3",
    "ml-25m": "6b51fb2759a8657d3bfcbfc42b592ada",
    "ml-32m": "d472be332d4daa821edc399621853b57",
}


def _release(
    name: str, counts: tuple[int, int, int], n_bytes: int, scale: Scale, *, shareable: bool = False
) -> Release:
    return Release(name, *counts, n_bytes, _MD5.get(name, ""), scale, shareable)


RELEASES = (
    _release("ml-latest-small", (100_836, 610, 9_742), 978_202, _HALVES, shareable=True),
    _release("ml-100k", (100_000, 943, 1_682), 4_924_029, _WHOLE),
    _release("ml-1m", (1_000_209, 6_040, 3_883), 5_917_549, _WHOLE),
    _release("ml-10m", (10_000_054, 69_878, 10_681), 65_566_137, _HALVES),
    _release("ml-20m", (20_000_263, 138_493, 27_278), 198_702_078, _HALVES),
    _release("ml-25m", (25_000_095, 162_541, 62_423), 261_978_986, _HALVES),
    _release("ml-32m", (32_000_204, 200_948, 87_585), 238_950_008, _HALVES, shareable=True),
    _release("ml-latest", (33_832_162, 330_975, 86_537), 350_000_000, _HALVES, shareable=True),
)
"""From the smallest to the largest; `ml-latest` changes over time, so its figures are rough."""


def release(name: str) -> Release:
    """Return the release of that name.

    Raises
    ------
    NotFound
        If there is none; the text lists the names there are.
    """
    for one in RELEASES:
        if one.name == name.lower():
            return one
    names = ", ".join(one.name for one in RELEASES)
    raise NotFound(f"There is no MovieLens release called {name}; choose one of {names}.")
