"""Files, titles, datasets and the person's own things: everything that is kept on disk."""

from data.catalogue import Catalogue, Film, Match
from data.dataset import Dataset, Notice, Source, Summary
from data.demo import demo
from data.errors import DataError
from data.loading.reader import Reading, read, read_split, reading

__all__ = [
    "Catalogue",
    "DataError",
    "Dataset",
    "Film",
    "Match",
    "Notice",
    "Reading",
    "Source",
    "Summary",
    "demo",
    "read",
    "read_split",
    "reading",
]
