"""Files, titles, datasets and the person's own things: everything that is kept on disk."""

from data.catalogue import Catalogue, Film, Match
from data.dataset import Dataset, Notice, Source, Summary
from data.demo import demo
from data.errors import DataError
from data.loading import (
    ColumnChoice,
    ColumnsUnclear,
    Reading,
    Unrated,
    UnratedUnclear,
    read,
    read_split,
    reading,
)

__all__ = [
    "Catalogue",
    "ColumnChoice",
    "ColumnsUnclear",
    "DataError",
    "Dataset",
    "Film",
    "Match",
    "Notice",
    "Reading",
    "Source",
    "Summary",
    "Unrated",
    "UnratedUnclear",
    "demo",
    "read",
    "read_split",
    "reading",
]
