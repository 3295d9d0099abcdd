"""Each site's form of file, made here: its scale, its states, its television, its traps."""

from __future__ import annotations

import gzip
import inspect
import io
import json
import zipfile
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from data import importing
from data.errors import DataError, NoRatings, UnknownFormat
from data.importing import sites
from data.importing.format import Site
from data.importing.recognise import format_of, recognised
from tests.support import exported
from tests.support.exported import IMDB_LIST, LETTERBOXD, TMDB, TRAKT, write
from tests.support.narrowing import present

Told = dict[str, float | str | None]


def told(path: Path) -> Told:
    """Return stars, or else the mark, of each film by its label."""
    found = importing.read(path).entries
    return {entry.film.label: entry.mark if entry.stars is None else entry.stars for entry in found}


def as_json(folder: Path, name: str, thing: object) -> Path:
    return write(folder, name, json.dumps(thing, ensure_ascii=False))


def film(title: str, year: int | None, **ids: object) -> dict[str, object]:
    return {"title": title, "year": year, "ids": {"trakt": 7, "slug": "x", **ids}}


RATED = [
    {"rated_at": "2021-03-22T06:33:24.000Z", "rating": 9, "type": "movie",
     "movie": film("Alien", 1979, imdb="tt0078748", tmdb=348)},
    {"rated_at": "2022-01-01T00:00:00.000Z", "rating": 1, "type": "movie",
     "movie": film("Heat", None, imdb=None, tmdb=949)},
]  # fmt: skip
WATCHED = [{"plays": 2, "last_watched_at": "2023-05-06T20:00:00.000Z",
            "movie": film("Ran", 1985, imdb="tt0089881")},
           {"plays": 1, "last_watched_at": "2023-05-07T20:00:00.000Z",
            "movie": film("Alien", 1979, imdb="tt0078748", tmdb=348)}]  # fmt: skip
HISTORY = [{"id": 1, "watched_at": "2020-02-02T20:00:00.000Z", "action": "scrobble",
            "type": "movie", "movie": film("Brazil", 1985, imdb="tt0088846")},
           {"id": 2, "watched_at": "2020-02-02T20:00:00.000Z", "action": "watch",
            "type": "episode", "show": film("Lost", 2004), "episode": {"season": 1}}]  # fmt: skip
LISTED = [{"rank": 1, "listed_at": "2024-04-04T00:00:00.000Z", "type": "movie",
           "movie": film("Stalker", 1979, imdb="tt0079944")},
          {"rank": 2, "listed_at": "2024-04-04T00:00:00.000Z", "type": "show",
           "show": film("Lost", 2004)}]  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [
        ("ratings-movies.json", "watched-movies.json", "watched-history.json",
         "lists-watchlist.json", "lists-favorites.json"),
        ("ratings-movies-1.json", "watched-movies-1.json", "watched-history-12.json",
         "lists-watchlist-2.json", "lists-favorites.json"),
        ("me/ratings/ratings-movies.json", "me/watched/watched-movies.json",
         "me/watched/history-1.json", "me/lists/watchlist.json", "me/lists/favorites.json"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("unpacked", [False, True])
def test_trakts_own_export(tmp_path: Path, names: tuple[str, ...], unpacked: bool) -> None:
    favorite = [{**LISTED[0], "movie": film("Fargo", 1996, imdb="tt0116282")}]
    files = dict(zip(names, map(json.dumps, (RATED, WATCHED, HISTORY, LISTED, favorite)),
                     strict=True))  # fmt: skip
    files["lists-list-33-watch2.json"] = json.dumps(
        [{**LISTED[0], "movie": film("Not Mine", 1999, imdb="tt0000009")}]
    )
    files["user-profile.json"] = json.dumps({"username": "me"})
    if unpacked:
        for name, text in files.items():
            write(tmp_path / "out", name, text)
        path = tmp_path / "out"
    else:
        path = tmp_path / "trakt.zip"
        path.write_bytes(exported.zipped(files))
    assert told(path) == {
        "Ran (1985)": "seen", "Alien (1979)": 4.5, "Brazil (1985)": "seen",
        "Fargo (1996)": "seen", "Heat": 0.5, "Stalker (1979)": "watchlist",
    }  # fmt: skip
    by_title = {entry.film.title: entry for entry in importing.read(path).entries}
    assert by_title["Heat"].film.tmdb == 949
    assert (by_title["Alien"].at, by_title["Alien"].watched) == (
        "2021-03-22 06:33:24.000",
        "2023-05-07",
    )


def test_one_file_of_trakts(tmp_path: Path) -> None:
    assert told(as_json(tmp_path, "ratings-movies.json", RATED)) == {
        "Alien (1979)": 4.5,
        "Heat": 0.5,
    }
    assert told(as_json(tmp_path, "lists-watchlist.json", LISTED)) == {
        "Stalker (1979)": "watchlist"
    }
    with pytest.raises(importing.Untold, match="watchlist"):
        told(as_json(tmp_path, "lists-list-3.json", LISTED))
    shows = [{"rated_at": "", "rating": 9, "type": "show", "show": film("Lost", 2004)}]
    with pytest.raises(NoRatings, match="1 title of television"):
        told(as_json(tmp_path, "ratings-shows.json", shows))


def test_trakts_mean_is_not_the_persons(tmp_path: Path) -> None:
    header = TRAKT.removesuffix(",rating")
    line = exported.trakt("movie", "Alien", 1979, "tt0078748", 348, "").removesuffix(",")
    path = write(tmp_path, "mine.csv", header, line)
    with pytest.raises(importing.Untold):
        told(path)
    assert told(path.rename(tmp_path / "watchlist.csv")) == {"Alien (1979)": "watchlist"}


SIMKL = (
    '"SIMKL_ID","Title","Type","Year","Watchlist","LastEpWatched","WatchedDate","Rating","Memo",'
    '"TVDB","TMDB","IMDB"'
)


def test_simkl(tmp_path: Path) -> None:
    path = write(
        tmp_path, "SimklBackup.csv", SIMKL,
        '"1","Alien","Movie","1979","completed","","2024-01-01","9","","","348","tt0078748"',
        '"2","Ran","movie","1985","plantowatch","","","","","","","tt0089881"',
        '"3","Brazil","movie","1985","dropped","","","","","","","tt0088846"',
        '"4","Heat","movie","1995","completed","","2023-01-01","","","","949","tt0113277"',
        '"5","Lost","tv","2004","completed","","","10","","","","tt0411008"',
        '"6","Akira","anime","1988","completed","","","10","","","","tt0094625"',
    )  # fmt: skip
    assert told(path) == {
        "Alien (1979)": 4.5, "Ran (1985)": "watchlist", "Brazil (1985)": "not interested",
        "Heat (1995)": "seen",
    }  # fmt: skip
    (alien, *_) = importing.read(path).entries
    assert (alien.film.imdb, alien.film.tmdb, alien.watched) == (78748, 348, "2024-01-01")


def test_simkl_json(tmp_path: Path) -> None:
    def movie(title: str, status: str, rating: int | None, **ids: object) -> dict[str, object]:
        return {"status": status, "user_rating": rating, "user_rated_at": "2024-02-03T10:00:00Z",
                "last_watched_at": None,
                "movie": {"title": title, "year": 1979, "ids": {"simkl": 1, **ids}}}  # fmt: skip

    show = {"status": "completed", "user_rating": 10,
            "show": {"title": "Lost", "year": 2004, "ids": {"simkl": 2}}}  # fmt: skip
    path = as_json(tmp_path, "SimklBackup.json", {
        "shows": [show], "anime": [show],
        "movies": [movie("Alien", "completed", 9, imdb="tt0078748", tmdb="348"),
                   movie("Stalker", "plantowatch", None, imdb="tt0079944")],
    })  # fmt: skip
    assert told(path) == {"Alien (1979)": 4.5, "Stalker (1979)": "watchlist"}
    export = importing.read(path)
    assert export.site == "Simkl"
    assert (export.entries[0].film.tmdb, export.entries[0].at) == (348, "2024-02-03 10:00:00")
    assert sum(notice.count for notice in export.notices) == 2


def criticker(name: str, rating: object, link: str = "film", imdb: str = "") -> str:
    return (
        f"<film><filmid>1</filmid><filmname>{name}</filmname><filmlink>https://x/{link}/A/"
        f"</filmlink><imdbid>{imdb}</imdbid><img>x</img><rating>{rating}</rating><quote/>"
        "<reviewdate>Apr 23 2017, 08:18</reviewdate><tier>7</tier></film>"
    )


def test_criticker(tmp_path: Path) -> None:
    films = (
        criticker("Fight Club (1999)", 87, imdb="tt0137523"),
        criticker("Tom &amp; Jerry (1992)", 0),
        criticker("Alien (1979)", 100), criticker("Lost (2004)", 80, "tv"),
    )  # fmt: skip
    path = write(
        tmp_path, "rankings.xml",
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<recentratings><pageno>1</pageno>{''.join(films)}</recentratings>",
    )  # fmt: skip
    assert told(path) == {"Fight Club (1999)": 4.5, "Tom & Jerry (1992)": 0.5, "Alien (1979)": 5}
    (first, *_) = importing.read(path).entries
    assert (first.film.imdb, first.at) == (137523, "2017-04-23 08:18:00")
    table = write(
        tmp_path, "criticker.csv", "Score, Film Name, Year, Mini Review, URL, IMDB ID",
        "60,Alien,1979,,https://www.criticker.com/film/Alien/,tt0078748",
        "60,Lost,2004,,https://www.criticker.com/tv/Lost/,tt0411008",
    )  # fmt: skip
    assert told(table) == {"Alien (1979)": 3}


MOVARY = "title,year,tmdbId,imdbId"


def test_movary(tmp_path: Path) -> None:
    rated = write(tmp_path, "history.csv", f"{MOVARY},userRating",
                  "Alien,1979,348,tt0078748,9", "Heat,1995,949,,2")  # fmt: skip
    assert told(rated) == {"Alien (1979)": 4.5, "Heat (1995)": 1}
    seen = write(
        tmp_path, "plays.csv", f"{MOVARY},watchedAt,comment,location",
        "Alien,1979,348,tt0078748,2021-01-02,,", "Alien,1979,348,tt0078748,2020-01-02,,",
        "Heat,1995,949,,,,",
    )  # fmt: skip
    assert told(seen) == {"Alien (1979)": "seen", "Heat (1995)": "seen"}
    assert importing.read(seen).entries[-1].watched == "2021-01-02"
    listed = write(tmp_path, "l.csv", f"{MOVARY},addedAt", "Ran,1985,1,,2021-01-02 10:00:00")
    assert told(listed) == {"Ran (1985)": "watchlist"}


def test_movarys_files_together(tmp_path: Path) -> None:
    files = {
        "x/ratings.csv": f"{MOVARY},userRating\nAlien,1979,348,tt0078748,9\n",
        "x/history.csv": f"{MOVARY},watchedAt,comment\nAlien,1979,348,tt0078748,2021-01-02,\n",
        "x/watchlist.csv": f"{MOVARY},addedAt\nRan,1985,1,,2021-01-02\n",
    }
    (tmp_path / "m.zip").write_bytes(exported.zipped(files))
    export = importing.read(tmp_path / "m.zip")
    assert export.site == "Movary"
    assert told(tmp_path / "m.zip") == {"Alien (1979)": 4.5, "Ran (1985)": "watchlist"}
    assert export.entries[0].watched == "2021-01-02"


@pytest.mark.parametrize(
    ("header", "line", "stars", "watched"),
    [
        ("Title,Year,Rating10,WatchedDate", "Alien,1979,9,2020-08-28", 4.5, "2020-08-28"),
        ("Title,Year,Rating10,WatchedDate", "Alien,1979,,2020-08-28", None, "2020-08-28"),
        ("Title,Year,Directors,Rating,WatchedDate", "Alien,1979,R,4.5,", 4.5, ""),
        ("Title,Year,Rating", "Alien,1979,9", 4.5, ""),
        ("imdbID,tmdbID,Title,Year,Rating", "tt0078748,348,Alien,1979,5", 5, ""),
        ("Title,Year,Ratings10", "Alien,1979,9", 4.5, ""),
        ("Title,Year,Rating10,user_comment", "Alien,1979,7.5,", 4, ""),
        ("Title,Year,WatchedDate", "Alien,1979,2020-08-28", None, "2020-08-28"),
        ("tmdbID,Title,Year,WatchedDate,Rewatch", "348,Alien,1979,28.08.2020,", None, "2020-08-28"),
    ],
)
def test_letterboxds_import_form(
    tmp_path: Path, header: str, line: str, stars: float | None, watched: str
) -> None:
    (entry,) = importing.read(write(tmp_path, "mine.csv", header, line)).entries
    assert (entry.film.label, entry.stars, entry.watched) == ("Alien (1979)", stars, watched)
    assert entry.mark == ("seen" if stars is None else None)


def test_a_rating_above_five_puts_the_whole_form_on_ten(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", "Title,Year,Rating", "Alien,1979,4", "Heat,1995,8")
    assert told(path) == {"Alien (1979)": 2, "Heat (1995)": 4}
    assert "all are taken as out of 10" in str(importing.read(path).notices[0])


def test_stars_in_a_column_that_is_not_known_are_never_dropped_in_silence(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", "Title,Year,WatchedDate,My Score", "Alien,1979,2020-01-01,9")
    with pytest.raises(UnknownFormat, match=r"“My Score”.*rename it to Rating"):
        told(path)


@pytest.mark.parametrize("name", ["4b1c-77.csv", "list.csv"])
def test_imdbs_watchlist_whatever_its_name(tmp_path: Path, name: str) -> None:
    line = "1,{},2025-07-09,2025-07-09,,{},https://x/,Movie,8.5,117,{},Horror,9,1979-05-25,R,,"
    path = write(
        tmp_path, name, IMDB_LIST, line.format("tt0078748", "Alien", 1979),
        line.format("tt0113277", "Heat", 1995),
    )  # fmt: skip
    with pytest.raises(importing.Untold, match=r"call it watchlist\.csv for films to watch"):
        told(path)
    wanted = importing.read(path, unrated="watchlist").entries
    assert [(entry.film.title, entry.mark) for entry in wanted] == [
        ("Alien", "watchlist"), ("Heat", "watchlist"),
    ]  # fmt: skip
    assert told(path.rename(tmp_path / "My Watchlist.csv")) == {
        "Alien (1979)": "watchlist", "Heat (1995)": "watchlist",
    }  # fmt: skip


def test_cells_that_are_missing_at_the_end_are_empty(tmp_path: Path) -> None:
    line = "{},{},2025-07-09,2025-07-09,,{},https://x/,Movie,8.5,117,{},Horror,9,1979-05-25,R"
    path = write(
        tmp_path, "list.csv", IMDB_LIST,
        line.format(1, "tt0078748", "Alien", 1979) + ",9,2025-07-09",
        line.format(2, "tt0113277", "Heat", 1995) + ",8",
        line.format(3, "tt0133093", "The Matrix", 1999), "4,tt0000004,2025-07-09",
    )  # fmt: skip
    export = importing.read(path)
    assert told(path) == {"Alien (1979)": 4.5, "Heat (1995)": 4}
    said = " ".join(map(str, export.notices))
    assert "1 line without stars" in said
    assert "Line 5" in said


def test_ryot(tmp_path: Path) -> None:
    def media(lot: str, title: str, identifier: str, *ratings: str | None,
              collections: tuple[str, ...] = (), seen: str = "") -> dict[str, object]:  # fmt: skip
        reviews = [{"rating": one, "review": {"date": "2024-01-01T00:00:00Z"}} for one in ratings]
        history = [{"ended_on": seen, "progress": "100"}] if seen else []
        return {"lot": lot, "source": "tmdb", "identifier": identifier, "source_id": title,
                "reviews": reviews, "seen_history": history,
                "collections": list(collections)}  # fmt: skip

    everything = [
        media("movie", "Alien", "348", "40", None, "90", seen="2023-03-04"),
        media("movie", "Heat", "949", None, seen="2022-01-01"),
        media("movie", "Ran", "11645", collections=("Watchlist",)),
        media("show", "Lost", "4607", "90"),
    ]
    for key in ("metadata", "media"):
        path = as_json(tmp_path, "ryot.json", {"exercises": [], key: everything, "people": []})
        assert told(path) == {"Alien": 4.5, "Heat": "seen", "Ran": "watchlist"}
        (alien, *_) = importing.read(path).entries
        assert (alien.film.tmdb, alien.watched) == (348, "2023-03-04")


def test_watcharr(tmp_path: Path) -> None:
    def watched(title: str, rating: float, status: str, kind: str = "movie") -> dict[str, object]:
        content = {"tmdbId": len(title), "title": title, "type": kind,
                   "release_date": "1979-05-25T00:00Z"}  # fmt: skip
        return {"rating": rating, "status": status, "thoughts": "", "createdAt": "2024-01-01",
                "content": content}  # fmt: skip

    path = as_json(
        tmp_path, "watcharr.json",
        [
            watched("Alien", 8.5, "FINISHED"), watched("Zero", 0, "FINISHED"),
            watched("Later", 0, "PLANNED"), watched("Enough", 0, "DROPPED"),
            watched("Lost", 9, "FINISHED", "tv"),
            {"rating": 9, "status": "FINISHED", "game": {"name": "Doom"}},
        ],
    )  # fmt: skip
    found = {entry.film.title: entry.stars or entry.mark for entry in importing.read(path).entries}
    assert found == {
        "Alien": 4.5, "Zero": "seen", "Later": "watchlist", "Enough": "not interested"
    }  # fmt: skip


YAMTRACK = (
    '"media_id","source","media_type","title","image","season_number","episode_number","score",'
    '"progress","status","start_date","end_date","notes"'
)


def test_yamtrack(tmp_path: Path) -> None:
    path = write(
        tmp_path, "yamtrack.csv", YAMTRACK,
        '"348","tmdb","movie","Alien","","","","9.3","1","Completed","","2024-02-09",""',
        '"949","tmdb","movie","Heat","","","","","1","Planning","","",""',
        '"1","tmdb","tv","Friends","","","","9.0","24","Completed","","",""',
        '"2","igdb","game","Doom","","","","9.0","24","Completed","","",""',
    )  # fmt: skip
    assert told(path) == {"Alien": 4.5, "Heat": "watchlist"}
    (alien, _) = importing.read(path).entries
    assert (alien.film.tmdb, alien.watched) == (348, "2024-02-09")


def test_tmdb(tmp_path: Path) -> None:
    """The community's mean stands under `Rating`; a title may be in its own script."""
    line = "{},{},{},{},2016-07-20T00:00:00Z,,,7.8,{},2022-09-20T00:00:00Z"
    path = write(tmp_path, "ratings.csv", TMDB,
                 line.format(396535, "tt5700672", "movie", "부산행", 9),
                 line.format(1396, "tt0903747", "tv", "Breaking Bad", 10))  # fmt: skip
    (entry,) = importing.read(path).entries
    assert (entry.film.imdb, entry.film.tmdb, entry.stars) == (5700672, 396535, 4.5)
    wanted = write(tmp_path, "watchlist.csv", TMDB, line.format(348, "", "movie", "Alien", ""))
    assert [entry.mark for entry in importing.read(wanted).entries] == ["watchlist"]


NETFLIX = (
    "Profile Name,Title Name,Rating Type,Star Value,Thumbs Value,Device Model,Event Utc Ts,"
    "Region View Date"
)


def test_netflix(tmp_path: Path) -> None:
    path = write(
        tmp_path, "CONTENT_INTERACTION/Ratings.csv", NETFLIX,
        "me,Alien,star,4,0,PC,2014-05-01 10:00:00,2014-05-01",
        "me,Heat,thumb,0,2,PC,2019-05-01 10:00:00,2019-05-01",
        "me,Ran,thumb,0,3,PC,2022-05-01 10:00:00,2022-05-01",
        "me,Cats,thumb,0,1,PC,2022-05-01 10:00:00,2022-05-01",
        "me,Nothing,thumb,0,0,PC,2022-05-01 10:00:00,2022-05-01",
    )  # fmt: skip
    assert told(path) == {"Alien": 4, "Heat": 3.5, "Ran": 5, "Cats": 1.5}
    history = write(
        tmp_path, "v.csv", "Profile Name,Start Time,Duration,Attributes,Title", "a,b,c,d,e"
    )
    with pytest.raises(UnknownFormat, match=r"choose Ratings\.csv"):
        told(history)


def test_douban(tmp_path: Path) -> None:
    header = "\ufeff标题,个人评分,打分日期,我的短评,上映日期,制片国家,条目链接"
    path = write(
        tmp_path, "db-movie.csv", header,
        "异形 / Alien / 异型,5,2021/03/04,好,1979-05-25(美国),美国,https://movie.douban.com/subject/1/",
        "盗火线 / Heat,,2021-03-05,,1995-12-15(美国),美国,https://movie.douban.com/subject/2/",
    )  # fmt: skip
    assert told(path) == {"异形 (1979)": 5, "盗火线 (1995)": "seen"}
    (alien, _) = importing.read(path).entries
    assert "alien" in alien.film.folded
    assert alien.at == "2021-03-04"
    states = write(tmp_path, "s.csv", f"{header},状态",
                   "乱 / Ran,,2021/03/04,,1985-06-01,日本,https://x/,想看")  # fmt: skip
    assert told(states) == {"乱 (1985)": "watchlist"}


@pytest.mark.parametrize(("encoding", "charset"), [("cp1251", "windows-1251"), ("utf-8", "utf8")])
def test_kinopoisk(tmp_path: Path, encoding: str, charset: str) -> None:
    names = ("русскоязычное название", "оригинальное название", "год", "моя оценка",
             "рейтинг КиноПоиска", "режисcёр")  # fmt: skip
    rows = (("Чужой", "Alien", 1979, 9, "8.1", "R &amp; S"),
            ("Ирония судьбы", "", 1975, 10, 8, ""),
            ("Пусто", "Empty", 1990, "zero", 7, ""),
            ("Никак", "None", 1991, "", 7, ""))  # fmt: skip
    text = "".join(
        f"<tr>{''.join(f'<td><b>{cell}</b></td>' for cell in row)}</tr>" for row in (names, *rows)
    )
    page = f'<html><head><meta content="text/html; charset={charset}"></head><table>{text}</table>'
    path = tmp_path / "kinopoisk.ru-votes.xls"
    path.write_bytes(page.encode(encoding))
    assert told(path) == {
        "Alien (1979)": 4.5, "Ирония судьбы (1975)": 5, "Empty (1990)": "seen",
        "None (1991)": "seen",
    }  # fmt: skip
    assert "чужои" in importing.read(path).entries[0].film.folded


def test_filmtipset(tmp_path: Path) -> None:
    path = write(tmp_path, "votes.csv", "VoteDate;MovieTitle;IMDB;Score",
                 '2004-01-16;"Tom &amp; Jerry";78748;3')  # fmt: skip
    (entry,) = importing.read(path).entries
    assert (entry.film.title, entry.film.imdb, entry.stars) == ("Tom & Jerry", 78748, 3)
    path = write(
        tmp_path, "votes.csv", "VoteDate;MovieTitle;IMDB;Score",
        "2004-01-16;Tom &amp; Jerry &amp; Co;78748;3", "2004-01-16;Heat;113277;5;",
    )  # fmt: skip
    assert told(path) == {"Tom & Jerry & Co": 3, "Heat": 5}


@pytest.mark.parametrize("packed", [False, True])
def test_myanimelists_films(tmp_path: Path, packed: bool) -> None:
    def anime(title: str, kind: str, score: int, status: str) -> str:
        return (
            f"<anime><series_animedb_id>1</series_animedb_id><series_title><![CDATA[{title}]]>"
            f"</series_title><series_type>{kind}</series_type><my_score>{score}</my_score>"
            f"<my_status>{status}</my_status><my_finish_date>0000-00-00</my_finish_date></anime>"
        )

    listed = (
        anime("Tonari no Totoro", "Movie", 9, "Completed"),
        anime("Akira", "Movie", 0, "Completed"),
        anime("Perfect Blue", "Movie", 0, "Plan to Watch"),
        anime("Mushishi", "TV", 10, "Completed"),
    )  # fmt: skip
    raw = f"<?xml version='1.0'?><myanimelist><myinfo/>{''.join(listed)}</myanimelist>".encode()
    path = tmp_path / ("animelist.xml.gz" if packed else "animelist.xml")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    assert told(path) == {"Tonari no Totoro": 4.5, "Akira": "seen", "Perfect Blue": "watchlist"}


NFO = """<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie><title>Alien</title><originaltitle>Alien</originaltitle><year>1979</year>
<ratings><rating name="imdb" max="10" default="true"><value>8.5</value><votes>9</votes></rating>
</ratings><userrating>{}</userrating><playcount>{}</playcount><lastplayed>{}</lastplayed>
<uniqueid type="tmdb" default="true">348</uniqueid><uniqueid type="imdb">tt0078748</uniqueid>
</movie>
"""


def test_kodi(tmp_path: Path) -> None:
    """The ratings of others are not the person's, and 0 is none."""
    path = write(tmp_path, "alien.nfo", NFO.format("9.0", 1, "2020-01-02 20:00:00"), "https://x/")
    (entry,) = importing.read(path).entries
    assert (entry.film.label, entry.film.imdb, entry.film.tmdb) == ("Alien (1979)", 78748, 348)
    assert (entry.stars, entry.watched) == (4.5, "2020-01-02")
    seen = write(tmp_path, "seen.nfo", NFO.format("0", 2, ""))
    assert told(seen) == {"Alien (1979)": "seen"}
    with pytest.raises(NoRatings, match="1 line without stars"):
        told(write(tmp_path, "never.nfo", NFO.format("0.0", 0, "")))
    library = "".join(NFO.format(stars, 0, "").split("?>", 1)[1] for stars in (8, 6))
    other = library.replace("Alien", "Heat").replace("348", "949").replace("tt0078748", "tt0113277")
    database = write(
        tmp_path, "videodb.xml",
        f"<videodb>{library[: len(library) // 2]}{other[len(other) // 2 :]}<tvshow>"
        "<title>Lost</title><userrating>9</userrating></tvshow></videodb>",
    )  # fmt: skip
    assert told(database) == {"Alien (1979)": 4, "Heat (1979)": 3}


def test_plex(tmp_path: Path) -> None:
    path = write(
        tmp_path, "plex.xml",
        '<MediaContainer size="3"><Video type="movie" ratingKey="1" title="Alien" year="1979" '
        'rating="8.9" userRating="9.0" lastViewedAt="1577995200" '
        'guid="com.plexapp.agents.imdb://tt0078748?lang=en"><Genre tag="Horror"/></Video>'
        '<Video type="movie" ratingKey="2" title="Heat" year="1995" rating="8.2" viewCount="1" '
        'guid="plex://movie/5d"><Guid id="imdb://tt0113277"/><Guid id="tmdb://949"/></Video>'
        '<Video type="episode" ratingKey="3" title="Pilot" year="2004" userRating="9.0"/>'
        "</MediaContainer>",
    )  # fmt: skip
    assert told(path) == {"Alien (1979)": 4.5, "Heat (1995)": "seen"}
    alien, heat = importing.read(path).entries
    assert (alien.film.imdb, alien.watched) == (78748, "2020-01-02")
    assert (heat.film.imdb, heat.film.tmdb) == (113277, 949)


def test_what_letterboxd_says_of_no_films_is_left_alone(tmp_path: Path) -> None:
    files = exported.whole() | {
        "likes/reviews.csv": "Date,Content\n2024-01-01,https://boxd.it/r\n",
        "likes/lists.csv": "Date,Content\n2024-01-01,https://boxd.it/l\n",
    }
    (tmp_path / "a.zip").write_bytes(exported.zipped(files))
    titles = {entry.film.title for entry in importing.read(tmp_path / "a.zip").entries}
    assert titles == {"Alien", "Heat", "Ran", "Brazil", "Stalker", "Fargo"}
    for name in ("likes/reviews.csv", "likes/lists.csv"):
        with pytest.raises(UnknownFormat, match="not of films"):
            told(write(tmp_path, name, "Date,Content", "2024-01-01,https://boxd.it/r"))


def test_of_a_diary_kept_in_one_day_the_last_viewing_counts(tmp_path: Path) -> None:
    path = write(
        tmp_path, "diary.csv", exported.DIARY, "2025-01-10,Alien,1979,u1,5,Yes,,2024-06-01",
        "2025-01-10,Alien,1979,u2,2,,,2009-03-01",
    )  # fmt: skip
    (entry,) = importing.read(path).entries
    assert (entry.stars, entry.watched) == (5, "2024-06-01")


def test_of_two_ratings_in_a_file_the_later_one_counts(tmp_path: Path) -> None:
    lines = (exported.imdb("tt0078748", stars, "Alien", 1979) for stars in (9, 4))
    path = write(tmp_path, "r.csv", exported.IMDB, *lines)
    assert told(path) == {"Alien (1979)": 2}
    newer, older = (
        exported.imdb("tt0078748", stars, "Alien", 1979).replace("2024-03-15", day)
        for stars, day in ((9, "2024-01-01"), (4, "2020-01-01"))
    )
    assert told(write(tmp_path, "r.csv", exported.IMDB, newer, older)) == {"Alien (1979)": 4.5}


def test_a_zip_made_on_windows(tmp_path: Path) -> None:
    files = {
        "letterboxd-me\\ratings.csv": f"{LETTERBOXD},Rating\n2024-01-01,Alien,1979,u,4.5\n",
        "letterboxd-me\\deleted\\ratings.csv": f"{LETTERBOXD},Rating\n2024-01-01,No,1979,v,1\n",
        "letterboxd-me\\likes\\films.csv": f"{LETTERBOXD}\n2024-01-01,Heat,1995,w\n",
    }
    (tmp_path / "w.zip").write_bytes(exported.zipped(files))
    assert told(tmp_path / "w.zip") == {"Heat (1995)": "seen", "Alien (1979)": 4.5}


def test_a_zip_in_a_zip(tmp_path: Path) -> None:
    text = f"{LETTERBOXD},Rating\n2024-01-01,Alien,1979,u,4.5\n"
    inner = exported.zipped({"ratings.csv": text})
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("letterboxd.zip", inner)
    (tmp_path / "z.zip").write_bytes(memory.getvalue())
    assert told(tmp_path / "z.zip") == {"Alien (1979)": 4.5}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.csv", "Movie;When;Thumb\nAlien;now;up\n", "its columns are “Movie”, “When”, “Thumb”"),
        ("x.json", '[{"naam": "Alien", "cijfer": {"mijn": 9}}]', "“naam”, “cijfer.mijn”"),
        ("x.xml", "<a><b><naam>Alien</naam></b></a>", "its columns are “naam”"),
        ("x.csv", ",".join(f"c{i}" for i in range(30)) + "\n1\n", "“c7” and 22 more"),
        ("x.html", "<html><table><tr><td>Naam<td>Cijfer</tr></table>", "“Naam”, “Cijfer”"),
    ],
)
def test_what_is_not_known_is_refused_in_one_sentence_that_names_what_was_seen(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    with pytest.raises(UnknownFormat, match=r"is no export that this program knows") as caught:
        told(write(tmp_path, name, text))
    assert says in str(caught.value)
    assert str(caught.value).count(". ") == 0


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">'
    + "".join(f'<!ENTITY x{i} "{f"&x{i - 1 if i else str()};" * 10}">' for i in range(1, 9))
    + "]><recentratings><film><filmid>1</filmid><filmname>&x8;</filmname><rating>5</rating></film>"
    "</recentratings>"
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><recentratings><film><filmid>1'
        "</filmid><filmname>&x;</filmname><rating>50</rating></film></recentratings>",
        "<a>" * 5000,
    ],
)
def test_xml_that_would_harm_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match=r"declares entities|deeper|no export"):
        told(write(tmp_path, "bad.xml", text))


def test_json_that_would_harm_is_refused(tmp_path: Path) -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000, "[" + "9" * 10_000 + "]", '[{"a": NaN}]'):
        with pytest.raises(DataError):
            told(write(tmp_path, "bad.json", text))


def test_a_new_format_is_one_file() -> None:
    """Each module declares one site, says where its format is known from, and is listed."""
    modules = [
        import_module(f"data.importing.sites.{found.name}")
        for found in iter_modules(sites.__path__)
    ]
    assert {module.SITE.name for module in modules} == {site.name for site in sites.every()}
    for module in modules:
        assert "Source: " in present(inspect.getdoc(module)) or module.SITE.name == "reelrank"
        assert module.SITE.formats
    names = importing.site_names()
    assert len(names) == len(set(names))
    assert {site.name for site in sites.every()} - {"reelrank"} <= set(names)
    readme = Path(__file__).parents[2] / "README.md"
    assert importing.listed_sites() in " ".join(readme.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("site", sites.every(), ids=lambda site: site.name)
def test_a_table_with_a_formats_columns_is_of_that_format(site: Site) -> None:
    """Whatever else is known: no other site's format takes such a table away."""
    for form in site.formats:
        columns = ",".join(f'"{need.split("|")[0]}"' for need in form.needs)
        if form.kind == "csv":
            (known,) = recognised(f"{columns}\n".encode(), "x")
            found = format_of(known.table)
            assert found is not None
            assert found[0].name == site.name
