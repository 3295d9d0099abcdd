"""What this terminal can do, read from the environment before Textual is imported."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args

Markers: TypeAlias = Literal["braille", "blocks", "ascii"]

DEFAULTS = {
    "TEXTUAL_ANIMATIONS": "none",
    # The engine has threads of its own. Those of BLAS wait for each other at every step of a QR,
    # on a busy machine for half a second, and the app with them.
    "OPENBLAS_NUM_THREADS": "1",
}
"""What Textual and NumPy read when they are imported."""
LINK_DEFAULTS = {
    "TEXTUAL_FPS": "20",
    "TEXTUAL_SMOOTH_SCROLL": "0",
}
"""What spares a slow link; Textual reads these when it is imported."""


@dataclass(frozen=True)
class Terminal:
    """The abilities that the app adapts to."""

    remote: bool = False
    """Whether the app runs over SSH."""
    markers: Markers = "braille"
    """The finest characters that can be drawn."""
    few_colours: bool = False
    """Whether the terminal has 16 colours or none, so that its own palette should be used."""

    no_colour: bool = False
    """Whether the person wants no colour at all."""

    @property
    def chart_interval(self) -> float:
        """Seconds between two paints of a live chart."""
        return 0.5 if self.remote else 0.25


def detect(environment: Mapping[str, str] = os.environ) -> Terminal:
    """Return what the environment says about the terminal."""
    return Terminal(
        remote=_remote(environment),
        markers=_markers(environment),
        few_colours="NO_COLOR" in environment or _few_colours(environment),
        no_colour="NO_COLOR" in environment,
    )


def set_defaults(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what libraries read at import, where the person has not: no animation, calm over SSH."""
    defaults = DEFAULTS | LINK_DEFAULTS if _remote(environment) else DEFAULTS
    for name, value in defaults.items():
        environment.setdefault(name, value)


def _remote(environment: Mapping[str, str]) -> bool:
    return "SSH_CONNECTION" in environment or "SSH_TTY" in environment


def _markers(environment: Mapping[str, str]) -> Markers:
    told = environment.get("REELRANK_MARKERS", "")
    for markers in get_args(Markers):
        if told == markers:
            return cast(Markers, markers)
    if not _speaks_utf8(environment):
        return "ascii"
    return "blocks" if environment.get("TERM") == "linux" else "braille"


def _speaks_utf8(environment: Mapping[str, str]) -> bool:
    """Follow the locale; one that nobody set says nothing, and terminals speak UTF-8 today.

    Python itself sets LC_CTYPE to C.UTF-8 when it finds the C locale, which says nothing either.
    """
    coerced = environment.get("LC_CTYPE") in ("C.UTF-8", "C.utf8", "UTF-8")
    names = ["LC_ALL", "LANG"] if coerced else ["LC_ALL", "LC_CTYPE", "LANG"]
    locale = next((environment[name] for name in names if environment.get(name)), "")
    return not locale or "utf" in locale.lower()


def _few_colours(environment: Mapping[str, str]) -> bool:
    term = environment.get("TERM", "")
    deep = environment.get("COLORTERM") in ("truecolor", "24bit") or "256" in term
    return not deep and term in ("linux", "xterm", "screen", "vt100", "vt220", "ansi", "dumb")
