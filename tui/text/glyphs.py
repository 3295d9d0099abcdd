"""The characters that the app draws with: the finest set that the terminal can show."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len

from tui.terminal.abilities import Markers


@dataclass(frozen=True)
class Glyphs:
    """One set of drawing characters."""

    star: str = "★"
    half: str = "½"
    unrated: str = "·"
    cursor: str = "▸"
    rise: str = "▲"
    fall: str = "▼"
    used: str = "●"
    rule: str = "─"
    wall: str = "│"
    tee: str = "┬"
    foot: str = "┴"
    bar: str = "━"
    half_bar: str = "╸"
    """A bar's last cell where it is half full; empty where there is no such character."""
    track: str = "─"
    ellipsis: str = "…"
    cut: str = "…"
    """Stands for the beginning of a long path."""
    plus_minus: str = "±"
    minus: str = "−"
    times: str = "×"
    dot: str = "·"
    ok: str = "✓"
    bad: str = "✗"
    knob: str = "●"
    left_right: str = "←→"
    up_down: str = "↑↓"
    enter: str = "⏎"
    marks: str = "•▲■◆▼○△□◇▽"
    """Shapes that stand for groups on the map and in its legend."""
    here: str = "◉"


FINE = Glyphs()
BLOCKS = Glyphs(
    star="*",
    half="½",
    cursor=">",
    rise="^",
    fall="v",
    used="*",
    bar="█",
    half_bar="▌",
    track="░",
    ellipsis=".",
    cut="..",
    minus="-",
    times="x",
    ok="+",
    bad="x",
    knob="█",
    left_right="<>",
    up_down="up/down",
    enter="enter",
    marks="o^#+v%x=&$",
    here="@",
)
ASCII = Glyphs(
    star="*",
    half="+",
    unrated=".",
    cursor=">",
    rise="^",
    fall="v",
    used="*",
    rule="-",
    wall="|",
    tee="-",
    foot="-",
    bar="#",
    half_bar="",
    track=".",
    ellipsis="~",
    cut="..",
    plus_minus="+-",
    minus="-",
    times="x",
    dot="-",
    ok="+",
    bad="x",
    knob="O",
    left_right="<>",
    up_down="up/down",
    enter="enter",
    marks="o^#+v%x=&$",
    here="@",
)

_SETS: dict[Markers, Glyphs] = {"braille": FINE, "blocks": BLOCKS, "ascii": ASCII}
_current = [FINE]


def use(markers: Markers) -> Glyphs:
    """Draw with this set from now on: there is one terminal, so there is one set."""
    _current[0] = _SETS[markers]
    return _current[0]


def now() -> Glyphs:
    """Return the set in use."""
    return _current[0]


_PLAIN = {
    "─": "-", "━": "=", "│": "|", "┤": "|", "├": "|",
    "└": "+", "┬": "+", "┴": "+", "┼": "+", "┌": "+",
    "·": "-", "…": "~", "–": "-", "−": "-", "×": "x", "←": "<", "→": ">", "↑": "^", "↓": "v",
    "“": '"', "”": '"', "‘": "'", "’": "'",
}  # fmt: skip


def shown(text: str) -> str:
    """Return `text` as this terminal can show it: as it is, or in plain ASCII of the same width.

    Accents are dropped; what has no plain letter becomes a question mark.
    """
    if _current[0] is not ASCII or text.isascii():
        return text
    return "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if character.isascii():
        return character
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return _PLAIN.get(character, letters[:1] or "?").ljust(cell_len(character), "?")
