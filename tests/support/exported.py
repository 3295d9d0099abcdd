"""Small exports of the shape that sites write them in, made here."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

LETTERBOXD = "Date,Name,Year,Letterboxd URI"
DIARY = f"{LETTERBOXD},Rating,Rewatch,Tags,Watched Date"
REVIEWS = f"{LETTERBOXD},Rating,Rewatch,Review,Tags,Watched Date"
IMDB = (
    "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),"
    "Year,Genres,Num Votes,Release Date,Directors"
)
IMDB_LIST = (
    "Position,Const,Created,Modified,Description,Title,URL,Title Type,IMDb Rating,Runtime (mins),"
    "Year,Genres,Num Votes,Release Date,Directors,Your Rating,Date Rated"
)
MOVIELENS = "movie_id,imdb_id,tmdb_id,rating,average_rating,title"
TRAKT = (
    "rated_at,type,title,year,trakt_rating,trakt_id,imdb_id,tmdb_id,tvdb_id,url,released,"
    "season_number,episode_number,episode_title,genres,rating"
)
TMDB = (
    "TMDb ID,IMDb ID,Type,Name,Release Date,Season Number,Episode Number,Rating,Your Rating,"
    "Date Rated"
)
LIST = (
    "Letterboxd list export v7\nDate,Name,Tags,URL,Description\n"
    '2024-01-01,Best,,https://boxd.it/list,"Over\ntwo lines"\n\n'
    "Position,Name,Year,URL,Description\n1,Alien,1979,https://boxd.it/alien,\n"
)


def imdb(const: str, stars: object, title: str, year: object, kind: str = "Movie") -> str:
    """Return a line as IMDb writes it."""
    url = f"https://www.imdb.com/title/{const}/"
    rest = f'{kind},8.1,117,{year},"Horror, Sci-Fi",900000,1979-05-25,Ridley Scott'
    return f"{const},{stars},2024-03-15,{title},{title},{url},{rest}"


def trakt(kind: str, title: str, year: object, imdb: str, tmdb: object, stars: object) -> str:
    """Return a line as Trakt writes it."""
    day, url = "2021-03-22T06:33:24.000Z", "https://trakt.tv/x"
    return f'{day},{kind},{title},{year},8.1,4170,{imdb},{tmdb},,{url},1979-05-25,,,,"a,b",{stars}'


def write(folder: Path, name: str, *lines: str, encoding: str = "utf-8") -> Path:
    """Write a file of these lines."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def whole(prefix: str = "") -> dict[str, str]:
    """Return the files of Letterboxd's whole export, with what was deleted, orphaned and listed."""
    files = {
        "profile.csv": "Date Joined,Username\n2020-01-01,somebody",
        "watched.csv": (
            f"{LETTERBOXD}\n2024-01-01,Alien,1979,https://boxd.it/alien\n"
            "2024-01-01,Heat,1995,https://boxd.it/heat\n2024-01-02,Ran,1985,https://boxd.it/ran\n"
            "2024-01-02,Brazil,1985,https://boxd.it/brazil"
        ),
        "ratings.csv": f"{LETTERBOXD},Rating\n2024-02-01,Alien,1979,https://boxd.it/alien,4.5",
        "diary.csv": (
            f"{DIARY}\n2024-01-05,Heat,1995,https://boxd.it/x1,4,Yes,,2024-01-04\n"
            "2024-01-03,Heat,1995,https://boxd.it/x2,2,,,2024-01-02\n"
            "2024-01-03,Alien,1979,https://boxd.it/x3,1,,,2024-01-02"
        ),
        "reviews.csv": (
            f"{REVIEWS}\n2024-01-06,Ran,1985,https://boxd.it/x4,,,"
            '"Rain,\nand a ""quote"".\n\nMore rain.",war,2024-01-06'
        ),
        "watchlist.csv": f"{LETTERBOXD}\n2024-01-07,Stalker,1979,https://boxd.it/stalker",
        "likes/films.csv": f"{LETTERBOXD}\n2024-01-08,Fargo,1996,https://boxd.it/fargo",
        "likes/reviews.csv": f"{LETTERBOXD}\n2024-01-08,Nobody,1996,https://boxd.it/no",
        "lists/best.csv": LIST,
        "deleted/diary.csv": f"{DIARY}\n2023-01-05,Gone,1999,https://boxd.it/g,5,,,2023-01-04",
        "orphaned/diary.csv": f"{DIARY}\n2023-01-05,Lost,1999,https://boxd.it/l,5,,,2023-01-04",
        "comments.csv": "Date,Content\n2024-01-01,Hello",
    }
    return {prefix + name: text + "\n" for name, text in files.items()}


def zipped(files: dict[str, str]) -> bytes:
    """Return a zip of files."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return memory.getvalue()
