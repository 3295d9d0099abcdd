"""Hyper-parameters declared once: validation, forms, help and saved headers read the same line.

An algorithm is a frozen dataclass whose fields are annotated, for instance

    reg: Annotated[float, Range(0, 10), "L2 penalty on both factor matrices."] = 0.05
    kind: Annotated[Literal["movie", "user"], "Mean that stands for the unknown."] = "movie"

and `parameters` turns those annotations into `Parameter` records.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any, ClassVar, Literal, TypeAlias, get_args, get_origin, get_type_hints

import numpy as np

from engine.errors import InvalidParameter
from engine.stored import stored

Value: TypeAlias = int | float | bool | str
Kind: TypeAlias = Literal["int", "float", "bool", "choice"]
Feedback: TypeAlias = Literal["explicit", "implicit"]
"""What is learned from: the stars, or who rated what."""


@dataclass(frozen=True)
class Range:
    """Inclusive bounds of a number."""

    low: float
    high: float


@dataclass(frozen=True)
class Parameter:
    """One hyper-parameter, as declared by its field."""

    name: str
    kind: Kind
    default: Value
    help: str
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()

    def parse(self, text: str) -> Value:
        """Return the value that `text` spells.

        Raises
        ------
        InvalidParameter
            If the text is not of this parameter's kind, or the value out of its range.
        """
        try:
            value = _PARSERS[self.kind](text.strip())
        except (KeyError, ValueError):
            raise InvalidParameter(self.name, f"is {text!r}; it takes {self.takes}.") from None
        self.check(value)
        return value

    def check(self, value: object) -> None:
        """Raise InvalidParameter unless `value` is one that this parameter takes."""
        if not self._accepts(value):
            raise InvalidParameter(self.name, f"is {value!r}; it takes {self.takes}.")

    @property
    def takes(self) -> str:
        """What may be entered, in words."""
        if self.kind == "bool":
            return "yes or no"
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        what = "a whole number" if self.kind == "int" else "a number"
        return f"{what} from {self.low:g} to {self.high:g}"

    def _accepts(self, value: object) -> bool:
        if self.kind == "bool":
            return isinstance(value, bool)
        if self.kind == "choice":
            return value in self.choices
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        whole = isinstance(value, int)
        return (whole or self.kind == "float") and self.low <= value <= self.high


_WORDS = {"yes": True, "true": True, "on": True, "1": True}
_WORDS |= {"no": False, "false": False, "off": False, "0": False}
_PARSERS: Mapping[Kind, Any] = {
    "int": int,
    "float": float,
    "bool": lambda text: _WORDS[text.lower()],
    "choice": str,
}


@cache
def parameters(algorithm: Any) -> tuple[Parameter, ...]:
    """Return the hyper-parameters that the dataclass `algorithm` declares, in their order."""
    hints = get_type_hints(algorithm, include_extras=True)
    return tuple(_parameter(f.name, hints[f.name], f.default) for f in fields(algorithm))


def documented(algorithm: type) -> None:
    """Add the hyper-parameters of `algorithm` to its docstring, for `help`."""
    lines = [
        f"{one.name} : {one.takes}, {one.default!r} unless told\n    {one.help}"
        for one in parameters(algorithm)
    ]
    about = inspect.cleandoc(algorithm.__doc__ or "")
    algorithm.__doc__ = "\n".join([about, "", "Parameters", "----------", *lines])


def check(algorithm: object) -> None:
    """Raise InvalidParameter for the first hyper-parameter of `algorithm` that is out of range."""
    kind: Any = type(algorithm)
    for parameter in parameters(kind):
        parameter.check(getattr(algorithm, parameter.name))


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    if default is MISSING:
        raise TypeError(f"hyper-parameter {name} needs a default")
    annotated, *extras = get_args(hint)
    text = next((extra for extra in extras if isinstance(extra, str)), "")
    if get_origin(annotated) is Literal:
        return Parameter(name, "choice", default, text, choices=get_args(annotated))
    kind: Kind = annotated.__name__
    bounds = next((extra for extra in extras if isinstance(extra, Range)), None)
    if bounds is None:
        return Parameter(name, kind, default, text)
    return Parameter(name, kind, default, text, bounds.low, bounds.high)


@dataclass(frozen=True)
class HyperParameters:
    """Base of what an algorithm is told: its fields are the hyper-parameters.

    Raises
    ------
    InvalidParameter
        If a hyper-parameter is of the wrong kind or out of its range.
    """

    title: ClassVar[str]
    """Name for a person, as in a list to choose from."""
    summary: ClassVar[str]
    """One sentence on how it works, for somebody who has never met it."""
    can_diverge: ClassVar[bool] = True
    """Whether wild predictions mean that steps grow without end; a sample may be wild by chance."""
    feedback: ClassVar[Feedback] = "explicit"
    """Explicit: its models predict stars. Implicit: they predict interest, which has no unit."""

    def __init_subclass__(cls) -> None:
        stored(cls)

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.generic):
                object.__setattr__(self, name, value.item())
        check(self)

    @property
    def epochs(self) -> int:
        """Passes that it makes; a hyper-parameter of those that make several."""
        return 1

    @property
    def factors(self) -> int | None:
        """The rank; a hyper-parameter of those that have one, and else None."""
        return None
