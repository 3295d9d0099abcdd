"""The characters that the app draws with: the finest set that the terminal can show."""

from __future__ import annotations

from dataclasses import dataclass

from tui.terminal import Markers


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
    eighths: str = "▏▎▍▌▋▊▉"
    """Parts of a bar's last cell, from one eighth to seven."""
    bar: str = "▇"
    track: str = "░"
    ellipsis: str = "…"
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
    eighths="▌▌▌▌",
    ellipsis=".",
    minus="-",
    times="x",
    ok="+",
    bad="x",
    knob="█",
    left_right="<>",
    up_down="up/down",
    enter="enter",
    marks="o^#+v*x=%@",
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
    eighths="",
    bar="#",
    track=".",
    ellipsis="~",
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
    marks="o^#+v*x=%@",
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


_TO_ASCII = str.maketrans(
    {"─": "-", "│": "|", "┤": "|", "└": "+", "┬": "+", "┼": "+", "┴": "+", "├": "|", "┌": "+"}
)


def to_ascii(text: str) -> str:
    """Return `text` with box-drawing characters replaced by plain ones."""
    return text.translate(_TO_ASCII)
