"""Exports of every site, made from their declarations, and ways to damage them."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import escape

from data.importing import sites
from data.importing.format import Format, Site

CELLS = (
    *("", "0", "4.5", "9", "10", "87", "-1", "nan", "★★★½", "1979", "1979-05-25", "tt0078748"),
    *("348", "movie", "tv", "Movie", "completed", "plantowatch", "Alien", "Matrix, The (1999)"),
    *('"', "'", ",", "\n", "&amp;", "<b>", "]]>", "\x00", "\ud800", "é", "千と千尋", "9" * 40),
    *("2024-01-01T10:00:00Z", "0000-00-00", "Apr 23 2017, 08:18", "x" * 300, "=cmd|'/C x'!A0"),
)


def names_of(form: Format) -> list[str]:
    """Return the columns of a format, in one spelling each."""
    fields = (form.title, form.year, form.stars, form.imdb, form.tmdb, form.original, form.uri,
              form.rated, form.watched, form.type, form.state)  # fmt: skip
    names = [
        *(need.split("|")[0] for need in form.needs),
        *(field.split("|")[0] for field in fields),
    ]
    return list(dict.fromkeys(filter(None, names)))


def rows_of(form: Format, rng: random.Random, most: int = 12) -> list[dict[str, str]]:
    """Draw rows of a format."""
    names = names_of(form)
    return [
        {name: rng.choice(CELLS) for name in names if rng.random() > 0.1 or name in form.needs}
        for _ in range(rng.randint(0, most))
    ]


def as_csv(form: Format, rng: random.Random) -> bytes:
    """Draw a CSV file."""
    names, rows, mark = names_of(form), rows_of(form, rng), rng.choice(",;\t")
    lines = [mark.join(names), *(mark.join(row.get(name, "") for name in names) for row in rows)]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def as_json(form: Format, rng: random.Random) -> bytes:
    """Draw a JSON file, keys within keys as the format has them."""
    listed = []
    for row in rows_of(form, rng):
        thing: dict[str, object] = {}
        for name, cell in row.items():
            value = rng.choice([cell, cell, None, 7, 7.5, True, [cell], {"a": cell}])
            _put(thing, name.split("."), value)
        listed.append(thing)
    document: object = {form.at: listed} if form.at else listed
    return json.dumps(document).encode()


def _put(thing: dict[str, object], path: list[str], value: object) -> None:
    """Put a value under keys within keys, unless something else is in the way."""
    for key in path[:-1]:
        inner = thing.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        thing = inner
    thing[path[-1]] = value


def as_xml(form: Format, rng: random.Random) -> bytes:
    """Draw an XML file."""

    def fit(text: str) -> str:
        return escape(text.encode("utf-8", "replace").decode().replace("\x00", ""))

    items = []
    for row in rows_of(form, rng):
        attributes = " ".join(
            f'{name[1:]}="{fit(cell).replace(chr(34), "")}"'
            for name, cell in row.items() if name.startswith("@")
        )  # fmt: skip
        inside = "".join(
            f"<{name}>{fit(cell)}</{name}>" for name, cell in row.items() if name[0] != "@"
        )
        items.append(f"<{form.at} {attributes}>{inside}</{form.at}>")
    return f"<?xml version='1.0'?><all>{''.join(items)}</all>".encode()


def as_html(form: Format, rng: random.Random) -> bytes:
    """Draw a table in HTML."""
    names, rows = names_of(form), rows_of(form, rng)
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    table = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in line)}</tr>" for line in lines)
    return f"<html><table>{table}</table></html>".encode("utf-8", "surrogatepass")


MADE: dict[str, Callable[[Format, random.Random], bytes]] = {
    "csv": as_csv, "json": as_json, "xml": as_xml, "html": as_html,
}  # fmt: skip


def damaged(raw: bytes, rng: random.Random) -> bytes:
    """Return bytes flipped, cut, doubled or filled in."""
    changed = bytearray(raw or b"x")
    for _ in range(rng.choice([0, 0, 1, 3, 20])):
        at = rng.randrange(len(changed))
        way = rng.randrange(5)
        if way == 0:
            changed[at] ^= 1 << rng.randrange(8)
        elif way == 1:
            del changed[at : at + rng.randint(1, 40)]
        elif way == 2:
            changed[at:at] = changed[max(0, at - 50) : at]
        elif way == 3:
            changed[at:at] = rng.choice(
                [b'"', b"<", b"{", b"[", b",", b"\n", b"&#", b"\xff", b"\\u"]
            )
        else:
            changed[at:at] = bytes([rng.randrange(256)]) * rng.choice([1, 10, 1000])
        changed = changed or bytearray(b"x")
    return bytes(changed)


def a_file(rng: random.Random) -> tuple[str, bytes]:
    """Draw an export of any site, perhaps packed, perhaps damaged; its name and its bytes."""
    site: Site = rng.choice(sites.every())
    form = rng.choice(site.formats)
    raw = damaged(MADE[form.kind](form, rng), rng)
    name = rng.choice(["ratings", "watchlist", "watched", "diary", "x"]) + f".{form.kind}"
    way = rng.random()
    if way < 0.1:
        return f"{name}.gz", damaged(gzip.compress(raw), rng) if rng.random() < 0.5 else (
            gzip.compress(raw)
        )
    if way < 0.3:
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", rng.choice([0, 8, 12, 14])) as archive:
            for inside in (name, "a/" + name, "deleted/" + name)[: rng.randint(1, 3)]:
                archive.writestr(inside, raw)
        packed = memory.getvalue()
        return "export.zip", damaged(packed, rng) if rng.random() < 0.7 else packed
    return name, raw
