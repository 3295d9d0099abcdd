"""Tables in XML: the elements of one name, with their attributes and the elements within.

Read by expat as it comes with Python. A file that declares entities is refused: no export needs
any, and they can make a small file grow without end or name others of the disk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from xml.parsers import expat

from data import decoding
from data.importing.limits import DEPTH, LONGEST_CELL, MOST_CELLS, TooMuch


def tables(raw: bytes) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Yield the elements of each name, with that name; the texts within by their names.

    `title` is a child's text, `uniqueid.type` a child's attribute, `uniqueid.1` the second child
    of that name, `@year` an attribute of the element itself. A file that is no XML has no tables;
    what stands behind a whole document (Kodi's files may end in an address) is passed over.

    Raises
    ------
    TooMuch
        If it declares entities, or holds more than an export does.
    """
    reader = _Reader()
    try:
        reader.parse(decoding.marked_up(raw))
    except expat.ExpatError:
        if not reader.whole:
            return
    except ValueError:  # a surrogate, which no file may hold
        return
    yield from reader.tables.items()


_PIECES = 64
"""Pieces of an element's text that are kept; expat hands a long one over in many."""


class _Reader:
    """Collects the elements and what they hold."""

    def __init__(self) -> None:
        self.tables: dict[str, list[dict[str, str]]] = defaultdict(list)
        self._open: list[tuple[str, dict[str, str], dict[str, int]]] = []
        """Each open element: its name, what is said of it so far, and how often of each child."""
        self._texts: list[list[str]] = []
        self._budget = MOST_CELLS
        self.whole = False
        """Whether the outermost element has ended."""

    def parse(self, text: str) -> None:
        """Read a whole document."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.EntityDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        parser.Parse(text, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEPTH:
            raise TooMuch("its elements lie deeper in each other than those of any export")
        own = {f"@{key}": value[:LONGEST_CELL] for key, value in attributes.items()}
        self._spend(1 + len(own))
        self._open.append((name, own, defaultdict(int)))
        self._texts.append([])

    def _said(self, text: str) -> None:
        if self._texts and len(self._texts[-1]) < _PIECES:
            self._texts[-1].append(text[:LONGEST_CELL])

    def _end(self, name: str) -> None:
        _, own, _ = self._open.pop()
        text = "".join(self._texts.pop()).strip()[:LONGEST_CELL]
        if own:
            self.tables[name].append(own)
        if not self._open:
            self.whole = True
            return
        _, parent, seen = self._open[-1]
        place = seen[name]
        seen[name] += 1
        label = f"{name}.{place}" if place else name
        self._spend(1 + len(own))
        parent[label] = text
        for key, value in own.items():
            parent[f"{label}.{key.removeprefix('@')}"] = value

    def _spend(self, cells: int) -> None:
        self._budget -= cells
        if self._budget < 0:
            raise TooMuch("it holds more than one person's export does")


def _refuse(*declared: object) -> None:
    raise TooMuch("it declares entities, which no export does and which can do harm")
