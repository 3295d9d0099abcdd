"""How much is read of what claims to be one person's export."""

from __future__ import annotations

from data.errors import DataError

LARGEST = 32 << 20
"""Bytes of all files together; the reviews of ten thousand films have ten million."""
EXPANSION = 15
"""A zip whose files are so many times its own size was not packed from a person's ratings."""
SMALL = 1 << 20
"""Bytes that a zip may unpack to however small it is."""
MOST_FILES = 100
"""Files of a zip or a folder that are looked at."""
MOST_ROWS = 300_000
"""Rows or elements of one file; the largest exports known have some fifty thousand."""
DEPTH = 12
"""Levels of lists in lists that are looked into."""
LONGEST_CELL = 4000
"""Letters of a cell that are kept; longer ones are reviews, which nothing here reads."""
MOST_CELLS = 1_500_000
"""Cells of one file."""


class TooMuch(DataError):
    """A file holds more than an export of one person does, or what no export holds."""
