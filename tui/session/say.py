"""Telling the person something; whoever shows it decides how."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

Severity: TypeAlias = Literal["information", "warning", "error"]


class Say(Protocol):
    """Tells the person a sentence."""

    def __call__(self, sentence: str, severity: Severity = "information") -> None:
        """Show it for a while."""
