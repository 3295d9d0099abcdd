"""Which format a ratings file is in, told from its first lines and never from its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.loading import column_names, netflix_blocks
from data.loading.column_roles import Roles, roles_of
from data.loading.column_table import Table, table_of
from data.loading.fast_csv import Columns
from data.loading.head import HEAD, read_head
from data.loading.questions import ColumnChoice

__all__ = ["HEAD", "RatingsFormat", "sniff"]

MOVIELENS_CSV = "MovieLens CSV"
MOVIELENS_1M = "MovieLens 1M/10M"
MOVIELENS_100K = "MovieLens 100K"
RECBOLE = "RecBole"
NETFLIX = "Netflix Prize"
OWN = "CSV"

_OFFICIAL = ("userid", "movieid", "rating", "timestamp")
_RECBOLE = re.compile(r".*:(?:token|float|token_seq|float_seq)")
_NETFLIX_FILM = re.compile(r"\d{1,7}:")


@dataclass(frozen=True)
class RatingsFormat:
    """How to read a ratings file."""

    name: str
    """In words, as in `MovieLens CSV`."""
    columns: Columns
    skip: int = 0
    """Lines at the beginning that hold no ratings: the header, and what stands above it."""
    film_numbers: str = ""
    """Whose number of a film the ids are, imdb's or tmdb's, where the header tells."""
    told: tuple[str, ...] = ()
    """What to tell the person of how the columns are known."""

    @property
    def half_stars(self) -> bool:
        """Whether half stars can be given, whether or not one occurs."""
        return self.name == MOVIELENS_CSV

    @property
    def in_blocks(self) -> bool:
        """Whether films have blocks of lines, as in the Netflix Prize's files."""
        return self.name == NETFLIX


def sniff(raw: bytes, where: str, choice: ColumnChoice | None = None) -> RatingsFormat | None:
    """Return the format of the file that begins with `raw`, or None if it holds no ratings.

    Raises
    ------
    UnknownFormat
        If it is no text, or text in an encoding that leaves no line readable.
    ColumnsUnclear
        If it holds ratings, and it is not clear which columns they are in; see `choice`.
    """
    head = read_head(raw, where)
    if head.lines and _NETFLIX_FILM.fullmatch(head.lines[0].strip()) and choice is None:
        return RatingsFormat(NETFLIX, netflix_blocks.COLUMNS)
    table = table_of(head)
    roles = None if table is None else roles_of(table, where, choice)
    if table is None or roles is None:
        return None
    number = column_names.film_number(table.names[roles.movie]) if table.names else ""
    name = _name(table, roles)
    return RatingsFormat(name, _columns(table, roles, head.comment), table.skip, number, roles.told)


def _columns(table: Table, roles: Roles, comment: str) -> Columns:
    places = roles.user, roles.movie, roles.rating, roles.time, roles.title, roles.year
    return Columns(table.delimiter, table.n_fields, *places, comment=comment)


def _name(table: Table, roles: Roles) -> str:
    if table.names:
        if any(map(_RECBOLE.fullmatch, table.names)):
            return RECBOLE
        official = tuple(map(column_names.plain, table.names)) in (_OFFICIAL, _OFFICIAL[:3])
        return MOVIELENS_CSV if official and table.delimiter == "," else OWN
    if table.delimiter == "::":
        return MOVIELENS_1M
    is_100k = table.delimiter == "\t" and roles.time is not None
    return MOVIELENS_100K if is_100k else OWN
