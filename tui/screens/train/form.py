"""The form of a training, made from what the algorithm declares; no widget in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import ALGORITHMS, Algorithm, InvalidParameter
from engine.parameters import Parameter, Value, parameters
from tui.session.runs import Setup

LABELS = {
    "factors": "rank",
    "epochs": "passes",
    "nonnegative": "non-negative",
    "weighting": "by count",
    "side": "also known",
}
"""Names for people, where they differ from the parameter's."""
CHOOSER = "algorithm"
_NICE = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 50, 64, 80, 100, 128, 160, 200, 256)
_PER_CENT = 5


@dataclass
class Entry:
    """A field: what may stand in it, what stands there, and why that will not do."""

    parameter: Parameter
    text: str
    wrong: str = ""
    """A sentence; empty while all is well."""

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.parameter.name

    @property
    def label(self) -> str:
        """Its name for people."""
        return LABELS.get(self.name, self.name.replace("_", " "))

    def put(self, text: str) -> bool:
        """Write `text`; return whether it will do."""
        self.text = text
        try:
            self.text = spelled(self.parameter.parse(text))
        except InvalidParameter as error:
            self.wrong = sentence(error, self.label)
            return False
        self.wrong = ""
        return True

    @property
    def value(self) -> Value:
        """What the text means; raises InvalidParameter where it means nothing."""
        return self.parameter.parse(self.text)


class Form:
    """Algorithm, its hyper-parameters, and how much is held out, field by field."""

    def __init__(self, name: str = "ALS") -> None:
        self._kept: dict[str, list[Entry]] = {}
        self.algorithm_name = name
        self.entries: list[Entry] = []
        self.setup = [Entry(p, spelled(p.default)) for p in parameters(Setup)]
        self.choose(name)

    def choose(self, name: str) -> None:
        """Show the fields of another algorithm; what was entered for it before is still there."""
        self.algorithm_name = name
        if name not in self._kept:
            preset = ALGORITHMS[name]
            self._kept[name] = [
                Entry(p, spelled(getattr(preset, p.name))) for p in parameters(type(preset))
            ]
        chooser = Parameter(
            CHOOSER, "choice", name, ALGORITHMS[name].summary, choices=tuple(ALGORITHMS)
        )
        self.entries = [Entry(chooser, name), *self._kept[name], *self.setup]

    def put(self, index: int, text: str) -> bool:
        """Write into a field; return whether that will do."""
        entry = self.entries[index]
        done = entry.put(text)
        if entry.name == CHOOSER:
            if done:
                self.choose(entry.text)
            else:
                entry.put(self.algorithm_name)
        return done

    def step(self, index: int, by: int) -> None:
        """Go to the next or previous sensible value of a field."""
        entry = self.entries[index]
        try:
            value = entry.value
        except InvalidParameter:
            value = entry.parameter.default
        self.put(index, spelled(stepped(entry.parameter, value, by)))

    @property
    def first_wrong(self) -> int | None:
        """Place of the first field that will not do."""
        wrong = [i for i, entry in enumerate(self.entries) if not entry.put(entry.text)]
        return wrong[0] if wrong else None

    def algorithm(self, **other: Value) -> Algorithm:
        """Return the algorithm with these hyper-parameters, `other` ones instead where told.

        Raises
        ------
        InvalidParameter
            If a field will not do.
        """
        values: dict[str, Any] = {e.name: e.value for e in self._kept[self.algorithm_name]}
        return type(ALGORITHMS[self.algorithm_name])(**(values | other))

    def training_setup(self) -> Setup:
        """Return how much is held out, and the seed."""
        values: Mapping[str, Any] = {entry.name: entry.value for entry in self.setup}
        return Setup(**values)


def spelled(value: Value) -> str:
    """Return a value as it stands in its field."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def sentence(error: InvalidParameter, label: str) -> str:
    """Return what is wrong with a field, by the name that people see."""
    text = str(error).removeprefix(error.name)
    return f"{label[:1].upper()}{label[1:]}{text}"


def stepped(parameter: Parameter, value: Value, by: int) -> Value:
    """Return the next sensible value in a direction, kept to what the parameter takes."""
    if parameter.kind == "bool":
        return not value
    if parameter.kind == "choice":
        choices = parameter.choices
        return choices[(choices.index(str(value)) + by) % len(choices)]
    assert isinstance(value, int | float)
    number = _next(parameter, float(value), by)
    number = min(max(number, parameter.low), parameter.high)
    return round(number) if parameter.kind == "int" else float(f"{number:.6g}")


def _next(parameter: Parameter, value: float, by: int) -> float:
    if parameter.name == "seed":
        return value + by
    if parameter.name == "held_out":
        return _grid(value, _PER_CENT, by)
    if parameter.kind == "int":
        return _listed(value, by)
    if parameter.high <= 1 and parameter.low == 0:
        return _grid(value, 0.05, by)
    return _one_two_five(value, by)


def _grid(value: float, step: float, by: int) -> float:
    places = value / step
    return step * (math.floor(places + 1e-9) + 1 if by > 0 else math.ceil(places - 1e-9) - 1)


def _listed(value: float, by: int) -> float:
    if by > 0:
        return next((n for n in _NICE if n > value), value * 1.25)
    return (
        next((n for n in reversed(_NICE) if n < value), value - 1)
        if value <= _NICE[-1]
        else value / 1.25
    )


def _one_two_five(value: float, by: int) -> float:
    """Return the next of …, 0.05, 0.1, 0.2, 0.5, 1, …; below the least of them comes 0."""
    if value <= 0:
        return 0.001 if by > 0 else 0.0
    exponent = math.floor(math.log10(value))
    ladder = [m * 10.0**e for e in range(exponent - 1, exponent + 2) for m in (1, 2, 5)]
    if by > 0:
        return next(rung for rung in ladder if rung > value * 1.001)
    below = next(rung for rung in reversed(ladder) if rung < value * 0.999)
    return below if below >= 0.00099 else 0.0
