"""The app's own themes; a person's choice sticks."""

from __future__ import annotations

from textual.theme import Theme

from tui.terminal.abilities import Terminal

DARK = Theme(
    name="reelrank-dark",
    dark=True,
    primary="#7aa2c8",
    secondary="#8fb8a8",
    accent="#7cb7ff",
    success="#8fc98f",
    warning="#e6b450",
    error="#f07878",
    foreground="#d8dbe0",
    background="#14171c",
    surface="#1b1f26",
    panel="#242a33",
    variables={"own": "#f2c14e", "rule": "#3a424e", "muted": "#8b95a3", "here": "#2a3442"},
)
LIGHT = Theme(
    name="reelrank-light",
    dark=False,
    primary="#2f6690",
    secondary="#3b7a66",
    accent="#0b63b8",
    success="#2c7a2c",
    warning="#8a5a00",
    error="#b3261e",
    foreground="#23272e",
    background="#fbfaf7",
    surface="#f1efe9",
    panel="#e6e3db",
    variables={"own": "#9a6400", "rule": "#c3c0b8", "muted": "#646b75", "here": "#dfe7f0"},
)
THEMES = (DARK, LIGHT)
ANSI = ("ansi-dark", "ansi-light")
CHOICES = ((DARK.name, "dark"), (LIGHT.name, "light"), *((name, name) for name in ANSI))
"""Themes with what a person knows them as."""


def first(terminal: Terminal, kept: str) -> str:
    """Return the theme to begin with: the one that was kept, else what suits the terminal."""
    if kept and kept in (theme for theme, _ in CHOICES):
        return kept
    return ANSI[0] if terminal.few_colours else DARK.name
