"""What can go wrong in the engine: each error's text is one sentence for a person."""

from __future__ import annotations


class EngineError(ValueError):
    """Base class of everything the engine raises on purpose."""


class InvalidRatings(EngineError):
    """The ratings cannot be learned from: empty, not finite, ids out of range, shapes apart."""


class InvalidParameter(EngineError):
    """A hyper-parameter is of the wrong kind or out of its range."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name


class Diverged(EngineError):
    """The training error stopped being a number; the text says what to change."""


class NotEnoughMemory(EngineError):
    """A run would need more memory than there is; the text says how much, and what for."""
