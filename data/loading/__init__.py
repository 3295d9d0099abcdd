"""Reading datasets of ratings: any known format, from a folder, a zip or a single file."""

from data.loading.questions import ColumnChoice, ColumnsUnclear, Unrated, UnratedUnclear
from data.loading.reader import Reading, read, read_split, reading

__all__ = [
    "ColumnChoice",
    "ColumnsUnclear",
    "Reading",
    "Unrated",
    "UnratedUnclear",
    "read",
    "read_split",
    "reading",
]
