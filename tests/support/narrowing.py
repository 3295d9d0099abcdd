"""Things told to be of the kind that a test knows them to be; it fails if they are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from engine import Algorithm, Factorisation

Kind = TypeVar("Kind")
SomeAlgorithm = TypeVar("SomeAlgorithm", bound=Algorithm)


def of_kind(kind: type[Kind], thing: object) -> Kind:
    """Return `thing`, which is a `kind`."""
    assert isinstance(thing, kind), f"{thing!r} is no {kind.__name__}"
    return thing


def present(thing: Kind | None) -> Kind:
    """Return `thing`, which is there."""
    assert thing is not None
    return thing


def factorisation(model: object) -> Factorisation:
    """Return `model`, which has factors."""
    return of_kind(Factorisation, model)


def changed(algorithm: SomeAlgorithm, **changes: Any) -> SomeAlgorithm:
    """Return `algorithm` with other values of hyper-parameters, whichever it has."""
    return replace(algorithm, **changes)


def made(kind: type[SomeAlgorithm], **parameters: Any) -> SomeAlgorithm:
    """Return an algorithm with hyper-parameters that a test has by name."""
    return kind(**parameters)
