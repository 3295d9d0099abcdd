"""Tables in JSON: each list of objects, their keys within keys joined by points."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from data import decoding
from data.importing.limits import DEPTH, LONGEST_CELL, MOST_CELLS, MOST_ROWS, TooMuch

Pairs = Iterator[tuple[str, str]]


def tables(raw: bytes) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Yield the lists of objects at the top or one key below it, and that key.

    Numbers stay as they are written. What is no JSON has no tables.
    """
    try:
        document = json.loads(decoding.text(raw), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return
    lists = document.items() if isinstance(document, dict) else [("", document)]
    budget = [MOST_CELLS]
    for key, found in lists:
        if isinstance(found, list) and any(isinstance(one, dict) for one in found):
            if len(found) > MOST_ROWS:
                raise TooMuch(f"it lists {len(found):,} things, more than one person's export does")
            yield str(key), [_flat(one, budget) for one in found if isinstance(one, dict)]


def _flat(thing: Mapping[str, object], budget: list[int]) -> dict[str, str]:
    """Return an object's texts by their keys, as in `movie.ids.imdb` and `reviews.0.rating`."""
    flat = {}
    for key, text in _pairs(thing, "", 0):
        flat[key] = text
        budget[0] -= 1
        if budget[0] < 0:
            raise TooMuch("it holds more than one person's export does")
    return flat


def _pairs(thing: object, before: str, depth: int) -> Pairs:
    if isinstance(thing, dict) and depth < DEPTH:
        for key, value in thing.items():
            yield from _pairs(value, f"{before}.{key[:80]}" if before else key[:80], depth + 1)
    elif isinstance(thing, list) and depth < DEPTH:
        for place, value in enumerate(thing):
            yield from _pairs(value, f"{before}.{place}", depth + 1)
    elif isinstance(thing, bool):
        yield before, "true" if thing else "false"
    elif thing is None:
        yield before, ""
    elif isinstance(thing, str):
        yield before, thing[:LONGEST_CELL]
