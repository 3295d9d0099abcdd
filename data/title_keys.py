"""Titles beneath their spelling: keys that are the same for one title written in two ways.

`II`, `2` and `two` are one, as are Volume and Vol, Doctor and Dr, colour and color; articles,
"and", "Part" and other small words are left out, and so are spaces. On the 9,742 films of
ml-latest-small no two of one year have the same key unless they have the same title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from data import titles

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty"
)
_ROMAN = "ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_PAIRS = (
    "volume vol, volumes vol, vols vol, doctor dr, mister mr, missus mrs, saint st, versus vs,"
    " until till, til till, okay ok, mum mom, grey gray, pyjamas pajamas, theatre theater,"
    " centre center, defence defense, offence offense, programme program, colour color,"
    " colours colors, honour honor, favour favor, favourite favorite, neighbour neighbor,"
    " neighbours neighbors, neighbourhood neighborhood, harbour harbor, labour labor, humour humor,"
    " armour armor, rumour rumor, valour valor, glamour glamor, behaviour behavior, savage savage,"
    " thirty 30, forty 40, fifty 50, sixty 60, seventy 70, eighty 80, ninety 90, eleventh 11th,"
    " twelfth 12th, thirteenth 13th, twentieth 20th,"
    " traveller traveler, travellers travelers, jeweller jeweler, cheque check, tyre tire,"
    " realise realize, organise organize, catalogue catalog, dialogue dialog, aluminium aluminum"
)
_SAME = {
    **{word: str(number) for number, word in enumerate(_NUMBERS.split())},
    **{word: str(number) for number, word in enumerate(_ROMAN.split(), start=2)},
    **{word: f"{n}{end}" for n, (word, end) in enumerate(
        zip(_ORDINALS.split(), ("st", "nd", "rd", *["th"] * 7), strict=True), start=1)},
    **dict(pair.split() for pair in _PAIRS.split(",")),
}  # fmt: skip
_ARTICLES = ("the", "a", "an", "and", "part", "pt", "n")
_SMALL = frozenset((*_ARTICLES, "of", "in", "to", "for", "on", "at", "with", "from", "by"))
_COUNTED = frozenset(("vol", "chapter", "episode", "number", "no"))
_INITIALS = re.compile(r"\b[a-z](?: [a-z]\b)+")
"""Letters that stand alone, one after the other: `s w a t`."""
_BREAK = re.compile(r"[:\-–—/(]|\bor\b|\bpresents\b", re.IGNORECASE)
_MOST_PARTS = 8
_PARTS = re.compile(
    r"\s*:\s+|\s+[-–—/]+\s+|\s*[,;:]?\s+or:?,?\s+(?=[\"'(A-Z])|\s+\(|\)\s*$|\s+presents:?\s+",
    re.IGNORECASE,
)
"""Where a title falls into parts: `Star Wars: Episode IV - A New Hope`."""
_POSSESSIVE = re.compile(r"(?:[A-Z][\w.]*\s+){0,2}\w+(?:['’]s|s['’])\s+(?=\w)")
"""Whose film it is, as some sites put it before the title: `Bram Stoker's Dracula`."""
_MAKERS = re.compile(
    r"(?:monty pythons?['’]?s?|national lampoon['’]?s?|bram stoker['’]s|mary shelley['’]s|"
    r"william shakespeare['’]s|(?:walt )?disney['’]?s?|marvel['’]?s?(?: one-shot:)?|dc['’]s|"
    r"jackass presents:|dreamworks['’]?|tyler perry['’]s|jet li['’]s|lee daniels['’]|"
    r"fellini['’]?s|wes craven['’]s(?: new)?|john carpenter['’]s|stephen king['’]s|"
    r"clive barker['’]s|roald dahl['’]s|tim burton['’]s|dr\.? seuss['’]?s?|andy warhol['’]s|"
    r"guillermo del toro['’]s|zack snyder['’]s|george a\.? romero['’]s|lars von trier['’]s|"
    r"j\.?r\.?r\.? tolkien['’]s|peter pan['’]s|jim henson['’]s|rudyard kipling['’]s|"
    r"tom clancy['’]s|michael moore['’]s|quentin tarantino['’]s|stanley kubrick['’]s|"
    r"alfred hitchcock['’]s|jane austen['’]s|charles dickens['’]|agatha christie['’]s|"
    r"h\.?g\.? wells['’]|jules verne['’]s|edgar allan poe['’]s|the muppets?['’]?s?)\s+(?=\w)",
    re.IGNORECASE,
)
"""Makers whose names come and go before a title; a single word may stand behind these."""
_SERIES = re.compile(
    r"(?:(?P<gromit>wallace (?:&|and) gromit(?:[:']| in\b)?)"
    r"|(?P<dragons>dragon ?ball z(?: \d\d)?:?))[\s'‘“\"]+(?=\w)",
    re.IGNORECASE,
)
"""Series whose name is joined to the title in several ways."""


class Forms(NamedTuple):
    """What a title comes down to, from the surest to the loosest."""

    key: str
    words: tuple[str, ...]
    """The words that the key is made of."""
    bare: str
    """Without the numbers in its middle, `3D`, and a year at its end."""
    numbers: tuple[str, ...]
    """The numbers that were left out of `bare`."""
    unmade: str
    """Without the name of its maker or series in front; empty where it has none."""
    series: str
    """Which series that was, of those whose names are joined to titles in several ways."""
    in_order: str
    """Its parts in the order of the alphabet; empty where it has one."""
    heads: frozenset[str]
    """The keys of its first part, its first two, and so on, but not of all."""
    tails: frozenset[str]
    """The keys of its last part, its last two, and so on, but not of all."""
    long_tails: frozenset[str]
    """Those of two words and more: `Blue` is more than the end of `Three Colors: Blue`."""


@lru_cache(maxsize=1 << 16)
def forms(title: str) -> Forms:
    """Return what a title comes down to."""
    title = title[: titles.LONGEST]
    listed = _PARTS.split(title) if _BREAK.search(title) else [title]
    parts = [found for part in listed if part and (found := words(part))][:_MOST_PARTS]
    keys = ["".join(part) for part in parts]
    every = tuple(word for part in parts for word in part)
    bare, numbers = _bare(every)
    return Forms(
        "".join(every) or titles.fold(title).replace(" ", ""),
        every,
        bare,
        numbers,
        _unmade(title),
        _series(title),
        " ".join(sorted(keys)) if len(keys) > 1 else "",
        frozenset("".join(keys[:n]) for n in range(1, len(keys))),
        frozenset("".join(keys[n:]) for n in range(1, len(keys))),
        frozenset("".join(keys[n:]) for n in range(1, len(keys)) if sum(map(len, parts[n:])) > 1),
    )


def words(title: str) -> list[str]:
    """Return the words that tell a title, each in one of its spellings, without small words."""
    text = titles.fold(title)
    if _INITIALS.search(text):
        text = _INITIALS.sub(lambda run: run[0].replace(" ", ""), text)
    found = text.replace(" 3 d", " 3d").split()
    return [
        word if place == 0 and len(word) == 1 else _SAME.get(word, word)
        for place, word in enumerate(found)
        if word not in _SMALL
    ]


def key(title: str) -> str:
    """Return a title's words without spaces, numbers and spellings made one."""
    return forms(title).key


def _bare(found: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    kept: list[str] = []
    numbers = []
    for place, word in enumerate(found):
        last = place == len(found) - 1
        if word == "3d" or (last and place and re.fullmatch(r"(?:19|20)\d\d", word)):
            continue
        if word.isdecimal() and len(word) <= 2 and place and not last:
            if kept[-1:] and kept[-1] in _COUNTED:
                kept.pop()
            numbers.append(word.lstrip("0"))
        else:
            kept.append(word)
    return "".join(kept), tuple(numbers)


def _series(title: str) -> str:
    found = _SERIES.match(title)
    return (found.lastgroup or "") if found else ""


def _unmade(title: str) -> str:
    """Return the key of a title without its maker's name or its series's in front."""
    known = _SERIES.match(title) or _MAKERS.match(title)
    if known:
        return key(title[known.end() :])
    maker = _POSSESSIVE.match(title)
    rest = title[maker.end() :] if maker else ""
    return key(rest) if len(words(rest)) > 1 else ""
