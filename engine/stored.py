"""What a saved file may hold: each class says so itself where it is defined.

Algorithms and models are registered by being defined; the parts that models are made of carry the
decorator `stored`. A file names classes, and nothing but these is ever built from one.
"""

from __future__ import annotations

from typing import Any, TypeVar

Class = TypeVar("Class", bound=type)

_CLASSES: dict[str, type] = {}


def stored(kind: Class) -> Class:
    """Let files hold instances of the class `kind`, under its name; return it.

    Its instances are dataclasses or named tuples, made again from their fields.

    Raises
    ------
    TypeError
        If another class is stored under that name.
    """
    known = _CLASSES.get(kind.__name__)
    if known is not None and _place(known) != _place(kind):
        raise TypeError(
            f"Files already hold a {kind.__name__} of {known.__module__}; give the one of "
            f"{kind.__module__} another name."
        )
    _CLASSES[kind.__name__] = kind
    return kind


def class_named(name: str) -> Any:
    """Return the class that files hold under `name`, None if there is none."""
    return _CLASSES.get(name)


def _place(kind: type) -> tuple[str, str]:
    return kind.__module__, kind.__qualname__
