"""Titles as people write them: years, moved articles and aliases taken apart, spelling folded."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

ARTICLES = (
    *("the", "a", "an"),
    *("le", "la", "les", "l'", "un", "une"),
    *("il", "lo", "i", "gli", "uno", "una"),
    *("el", "los", "las"),
    *("o", "os", "as", "um", "uma"),
    *("der", "die", "das", "den", "ein", "eine"),
    *("de", "het", "een"),
    *("det", "en", "et", "ett"),
)
"""Articles that catalogues move behind a title, in the languages MovieLens has them in."""

LONGEST = 1000
"""Characters of a title or a name that are kept; the longest known has some two hundred."""
_SPACES = re.compile("  +")
_YEAR = re.compile(r"\s*\((\d{4})(?:\s*[-–—]\s*(?:\d{4})?)?\s*\)\s*$")
_FORM = re.compile(r"\s*\((?:V|TV|VG)\)\s*$")
_GROUP = re.compile(r"\s+\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$")
_AKA = re.compile(r"^a\.?\s?k\.?\s?a\.?\s+", re.IGNORECASE)
_MOVED = re.compile(rf"^(.+), ({'|'.join(ARTICLES)})( \".+\")?$", re.IGNORECASE)
_MARKS = re.compile("[\u0300-\u036f]+")
_QUOTES = re.compile("['’‘ʼ`´]+")
_OTHER = re.compile(r"(?:[^\w\n\t]|_)+")
_EDGES = re.compile(r" ?([\n\t]) ?")
_BREAKS = re.compile(r"[\n\t]")
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "¢": "c",
        "&": " and ",
    }
)
_RARE = re.compile("[øłđðþæœı¢&]")
_FRACTION = re.compile("[¼-¾⅐-⅞]")


class Title(NamedTuple):
    """A catalogue's title taken apart."""

    name: str
    """The title with its article in front."""
    year: int
    """0 where none is given."""
    aliases: tuple[str, ...]
    """Other titles, articles in front, in the order given."""


def visible(text: str) -> str:
    """Return `text` on one line, its spaces single, without what cannot be seen or controls."""
    if not text.isprintable():  # of all white characters only the plain space is printable
        text = "".join(one if one.isprintable() else " " for one in text)
    return _SPACES.sub(" ", text).strip(" ")


def clean(text: str) -> str:
    """Return a title or a name as it may be shown, and not longer than one can be."""
    return visible(text[:LONGEST])


def parse(text: str) -> Title:
    """Take apart `Matrix, The (1999)`, `Seven (a.k.a. Se7en) (1995)` and their like.

    A parenthesis inside a title (`(500) Days of Summer`) belongs to it; those at its end are
    aliases, unless the title would be left hanging (`Birdman: Or (…)`).
    """
    text = clean(text)
    if not text.endswith(")"):
        return Title(article_in_front(text), 0, ())
    text = _FORM.sub("", text)
    year = 0
    if found := _YEAR.search(text):
        year, text = int(found[1]), text[: found.start()]
    aliases: list[str] = []
    while text.endswith(")") and (group := _GROUP.search(text)) and _stands(text[: group.start()]):
        aliases.insert(0, article_in_front(_AKA.sub("", group[1]).strip()))
        text = text[: group.start()]
    return Title(article_in_front(text.strip()), year, tuple(alias for alias in aliases if alias))


def _stands(rest: str) -> bool:
    return bool(rest.strip()) and not rest.rstrip().lower().endswith((":", "-", " or", ","))


def article_in_front(name: str) -> str:
    """Return `The Matrix` for `Matrix, The`, and `L'Avventura` for `Avventura, L'`.

    What stands in quotation marks behind the article belongs to the title.
    """
    if ", " not in name or not (moved := _MOVED.match(name)):
        return name
    rest, article, quoted = moved.groups(default="")
    space = "" if article.endswith("'") else " "
    return f"{article}{space}{rest}{quoted}"


def fold(text: str) -> str:
    """Return `text` without case, accents and punctuation, for comparing and searching."""
    return fold_lines(_BREAKS.sub(" ", text))


def fold_lines(text: str) -> str:
    """Fold many titles in one go: line breaks and tabs between them are kept."""
    if _FRACTION.search(text):
        text = _FRACTION.sub(r" \g<0> ", text)
    text = unicodedata.normalize("NFKD", text)
    text = _MARKS.sub("", text).casefold()
    if _RARE.search(text):
        text = text.translate(_LETTERS)
    text = _OTHER.sub(" ", _QUOTES.sub("", text))
    return _EDGES.sub(r"\1", text).strip(" ")
