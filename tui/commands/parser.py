"""What the command line takes. It imports nothing heavy, so that `--version` answers at once."""

from __future__ import annotations

import argparse

COMMANDS = {
    "train": "train an algorithm on a dataset, measure it, and keep its model",
    "sweep": "train an algorithm at several ranks",
    "recommend": "list what to watch",
    "similar": "list the films most like one",
    "rate": "give a film its stars",
    "import": "take in ratings that another site exported",
    "export": "write your ratings to a file",
    "datasets": "list the datasets that can be opened",
    "models": "list the models that are kept for a dataset",
}
"""What can be done without a screen, and what for."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add every command to `parser`; without one the app starts."""
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, says in COMMANDS.items():
        one = commands.add_parser(name, help=says, description=f"{says[:1].upper()}{says[1:]}.")
        _add_common(one)
        _ADD[name](one)


def _add_common(parser: argparse.ArgumentParser) -> None:
    # Suppressed, so that what stands before the command is not forgotten.
    none = argparse.SUPPRESS
    parser.add_argument("--profile", metavar="NAME", default=none, help="whose ratings to use")
    parser.add_argument("--dataset", metavar="NAME|PATH", default=none, help="demo unless told")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print JSON")
    shape.add_argument("--csv", action="store_true", help="print CSV")


def _add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", nargs="?", metavar="DATASET", default="", help="as --dataset")
    parser.add_argument("--algorithm", default="ALS", help="ALS unless told; any case will do")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a hyper-parameter"
    )
    parser.add_argument(
        "--held-out", type=int, default=10, metavar="PERCENT", help="10 unless told"
    )
    parser.add_argument("--seed", type=int, default=0, help="0 unless told")


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_training(parser)
    parser.add_argument("--cv", type=int, default=0, metavar="FOLDS", help="cross-validate")
    parser.add_argument("--test", metavar="FILE", default="", help="a test file as published")


def _add_sweep(parser: argparse.ArgumentParser) -> None:
    _add_training(parser)
    parser.add_argument("--ranks", default="2 4 8 16 32", help="'2 4 8 16 32' unless told")


def _add_recommend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", type=int, default=10, help="how many; 10 unless told")
    parser.add_argument("--genre", default="", help="only films of a genre")
    parser.add_argument("--decade", type=int, default=0, metavar="YEAR", help="only of a decade")
    parser.add_argument("--watchlist", action="store_true", help="only films on your watchlist")
    parser.add_argument(
        "--balance", type=float, default=None, metavar="0..1", help="from watched (0) to loved (1)"
    )


def _add_similar(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("film", metavar="FILM", help="a title, with its year if several have it")
    parser.add_argument("-n", type=int, default=10, help="how many; 10 unless told")


def _add_rate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("film", metavar="FILM", help="a title, with its year if several have it")
    parser.add_argument("stars", metavar="STARS", type=float, help="0.5 to 5, by halves")


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a file, a zip or a folder")
    parser.add_argument("--dry-run", action="store_true", help="only tell what would change")


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to write")
    parser.add_argument(
        "--form", default="reelrank", help="reelrank, letterboxd, watchlist or imdb"
    )


def _add_nothing(parser: argparse.ArgumentParser) -> None:
    """Take nothing besides what every command takes."""


_ADD = {
    "train": _add_train,
    "sweep": _add_sweep,
    "recommend": _add_recommend,
    "similar": _add_similar,
    "rate": _add_rate,
    "import": _add_import,
    "export": _add_export,
    "datasets": _add_nothing,
    "models": _add_nothing,
}
