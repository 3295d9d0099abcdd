"""Which column is what: by the names, else by what stands in them, else the person is asked."""

from __future__ import annotations

from dataclasses import dataclass

from data.errors import DataError
from data.loading import column_names
from data.loading.column_contents import TELLING, Content, described
from data.loading.column_names import Role
from data.loading.column_table import Table
from data.loading.questions import ColumnChoice, ColumnsUnclear

SHOWN = 5
"""Lines that are shown with a question."""
MOST_COLUMNS = 60
"""With more columns nobody is asked which is which."""
MOST_STARS = 4
"""More columns of ratings are a matrix, a column for each film."""
_WORDS: dict[Role, str] = {"user": "user", "movie": "film", "rating": "rating", "time": "time"}
_NEEDED: tuple[Role, ...] = ("user", "movie", "rating")


@dataclass(frozen=True)
class Roles:
    """Which column is what, counted from 0."""

    user: int
    movie: int
    rating: int
    time: int | None = None
    title: int | None = None
    year: int | None = None
    told: tuple[str, ...] = ()
    """What to tell the person of how that is known."""


def roles_of(table: Table, where: str, choice: ColumnChoice | None = None) -> Roles | None:
    """Return which column is what, or None if the table holds no ratings.

    Raises
    ------
    ColumnsUnclear
        If there are ratings, and neither names nor content tell which columns they are in.
    DataError
        If `choice` names a column that is not there.
    """
    if choice is not None:
        return _chosen(table, choice, where)
    if table.n_fields > MOST_COLUMNS:
        return _all_named(table)
    contents = [described(column) for column in zip(*table.rows, strict=True)]
    contents = contents or [described(())] * table.n_fields
    return _by_name(table, contents, where) if table.names else _by_place(table, contents, where)


def _all_named(table: Table) -> Roles | None:
    """Return the roles where names alone tell them surely: with so many columns nobody is asked."""
    if not all(column_names.is_sure(table.names, role) for role in _NEEDED):
        return None
    user, movie, rating = (column_names.told(table.names, role)[0] for role in _NEEDED)
    times = column_names.told(table.names, "time")
    return _with_titles(table, Roles(user, movie, rating, times[0] if times else None))


def _chosen(table: Table, choice: ColumnChoice, where: str) -> Roles:
    wanted = (choice.user, choice.movie, choice.rating)
    user, movie, rating = (_place(table, one, where) for one in wanted)
    if len({user, movie, rating}) < len(wanted):
        raise DataError(f"User, movie and rating of {where} must be three columns, not fewer.")
    time = None if choice.time is None else _place(table, choice.time, where)
    return _with_titles(table, Roles(user, movie, rating, time))


def _place(table: Table, column: int | str, where: str) -> int:
    names = [name.strip() for name in table.names]
    if isinstance(column, str) and column in names:
        return names.index(column)
    if isinstance(column, int) and 0 <= column < table.n_fields:
        return column
    known = ", ".join(names) or f"0 to {table.n_fields - 1}"
    raise DataError(f"There is no column {column} in {where}; its columns are {known[:200]}.")


def _with_titles(table: Table, roles: Roles) -> Roles:
    """Return the roles with the columns that describe the films, where there are any."""
    taken = {roles.user, roles.movie, roles.rating, roles.time}
    titles = [one for one in column_names.told(table.names, "title") if one not in taken]
    is_title = roles.movie in column_names.told(table.names, "title")
    years = [one for one in column_names.told(table.names, "year") if one not in taken]
    title = titles[0] if titles and not is_title else None
    year = years[0] if years and (is_title or title is not None) else None
    return Roles(roles.user, roles.movie, roles.rating, roles.time, title, year, roles.told)


def _by_name(table: Table, contents: list[Content], where: str) -> Roles | None:
    """Return the roles that names tell, and those that are left when they have."""
    known: dict[Role, int] = {}
    stars = sum(content.stars for content in contents)
    if not column_names.told(table.names, "rating") and stars > MOST_STARS:
        return None
    for role in _NEEDED:
        columns = column_names.told(table.names, role)
        if columns and not column_names.is_sure(table.names, role):
            raise _unclear(table, where, known)
        if columns:
            known[role] = columns[0]
    times = [one for one in column_names.told(table.names, "time") if one not in known.values()]
    told = _told_by_rank(table, where)
    left = _left(table, contents, {*known.values(), *times})
    for role in (one for one in _NEEDED if one not in known):
        fits = _fitting(role, left, contents, len(known))
        if not fits:
            return None
        if (
            len(fits) > 1
            or contents[fits[0]].distinct == 1
            or len(known) < len(_NEEDED) - 1
            or len(table.rows) < TELLING
        ):
            raise _unclear(table, where, known)
        known[role] = fits[0]
        told.append(
            f"{table.name(fits[0])} in {where} was taken for the {_WORDS[role]}: no other column"
            " can be it."
        )
    time = times[0] if times else _moments(left, contents)
    roles = Roles(known["user"], known["movie"], known["rating"], time, told=tuple(told))
    return _with_titles(table, roles)


def _told_by_rank(table: Table, where: str) -> list[str]:
    """Return what to tell where several columns may be the rating by their names."""
    first, *others = map(table.name, column_names.told(table.names, "rating") or [0])
    if not others:
        return []
    return [f"{first} in {where} was taken for the rating, not {' or '.join(others)}."]


def _left(table: Table, contents: list[Content], taken: set[int]) -> list[int]:
    """Return columns that names do not tell and that do not only count the lines."""
    others = {*column_names.told(table.names, "title"), *column_names.told(table.names, "year")}
    return [
        one
        for one in range(table.n_fields)
        if one not in taken
        and one not in others
        and not column_names.is_index(table.names[one])
        and contents[one].n
    ]


def _fitting(role: Role, left: list[int], contents: list[Content], n_known: int) -> list[int]:
    """Return the columns that may have this role by what stands in them."""
    if role == "rating":
        return [one for one in left if contents[one].stars]
    if role == "user" or not n_known:
        people = [one for one in left if contents[one].people]
        return [one for one in people if contents[one].distinct > 1] or people
    return [one for one in left if contents[one].ids]


def _moments(left: list[int], contents: list[Content]) -> int | None:
    return next((one for one in left if contents[one].moments), None)


def _by_place(table: Table, contents: list[Content], where: str) -> Roles | None:
    """Return the roles of a table without a header: user, film, rating and time, as is usual.

    Amazon's files have the film first, which its codes tell.
    """
    stars = [one for one, content in enumerate(contents) if content.stars]
    plausible = [one for one, content in enumerate(contents) if content.on_scale]
    if not plausible or len(stars) > MOST_STARS:
        return None
    if not _usual(table, contents, stars):
        people = [one for one, content in enumerate(contents) if content.people]
        if len(table.rows) < TELLING or not stars or len(people) < len(_NEEDED) - 1:
            return None
        raise _unclear(table, where, {})
    user, movie = (0, 1)
    if contents[0].film_codes and (contents[1].person_codes or not contents[1].film_codes):
        user, movie = 1, 0
    time = 3 if table.n_fields == 4 and contents[3].moments else None
    return Roles(user, movie, 2, time, told=_told_by_place(table, where, time, swapped=user == 1))


def _usual(table: Table, contents: list[Content], stars: list[int]) -> bool:
    """Whether the third column of three or four holds the ratings as surely as any."""
    if table.n_fields not in (3, 4) or not contents[2].on_scale:
        return False
    few = [one for one in stars if contents[one].distinct > 1]
    return contents[2].stars or not few or len(table.rows) < TELLING


def _told_by_place(table: Table, where: str, time: int | None, swapped: bool) -> tuple[str, ...]:
    if table.delimiter in ("::", "\t") and not swapped:
        return ()
    order = "film, user" if swapped else "user, film"
    last = ", rating and time" if time is not None else " and rating"
    return (f"{where} has no header; its columns were taken for {order}{last}.",)


def _unclear(table: Table, where: str, known: dict[Role, int]) -> ColumnsUnclear:
    """Return the question, with a guess where every column can be guessed."""
    contents = [described(column) for column in zip(*table.rows, strict=True)]
    rest = [one for one in range(len(contents)) if one not in known.values()]
    guess = dict(known)
    stars = [one for one in rest if contents[one].stars]
    if "rating" not in guess and stars:
        guess["rating"] = 2 if 2 in stars else stars[-1]
    for role in (one for one in _NEEDED[:2] if one not in guess):
        free = [one for one in rest if one not in guess.values() and contents[one].ids]
        guess |= {role: free[0]} if free else {}
    whole = len(guess) == len(_NEEDED)
    choice = ColumnChoice(guess["user"], guess["movie"], guess["rating"]) if whole else None
    return ColumnsUnclear(where, table.names, table.rows[:SHOWN], choice)
