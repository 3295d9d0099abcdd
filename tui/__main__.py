"""The command line."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import textwrap
from collections.abc import Sequence
from importlib import metadata

from tui.commands.parser import add_commands
from tui.terminal import abilities

EPILOG = """\
Inside, ? shows the keys that work on each screen, ctrl+p finds every command, q leaves.
REELRANK_MARKERS=braille, blocks or ascii says what to draw with; NO_COLOR is respected.
REELRANK_IMPROVE=no trains no better models in the background.
"""

TURN = 0.001
"""Seconds that a thread at work keeps the interpreter while the screen waits for it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the app; return the exit code."""
    options = _parser().parse_args(arguments)
    if not options.profile.isprintable():
        print("A profile's name is text in UTF-8, without control characters.", file=sys.stderr)
        return 2
    if options.paths:
        return _print_paths()
    if options.command:
        return _do(options)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("reelrank draws in a terminal; start it in one, without a pipe.", file=sys.stderr)
        return 2
    abilities.set_defaults()
    return _run(options.dataset, options.profile, options.bring)


class _Parser(argparse.ArgumentParser):
    """A parser whose help names the sites that can be imported from."""

    def format_help(self) -> str:
        from data import importing  # noqa: PLC0415 - `--version` needs none of it

        self.epilog = f"{textwrap.fill(f'--import reads {importing.listed_sites()}.')}\n\n{EPILOG}"
        return super().format_help()


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="reelrank",
        description="Learns your taste in movies and tells you what to watch next.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--dataset",
        metavar="NAME|PATH",
        default="",
        help="what to open: demo, a MovieLens release, or a folder, zip or CSV of ratings",
    )
    parser.add_argument("--profile", metavar="NAME", default="", help="whose ratings to use")
    parser.add_argument(
        "--import",
        dest="bring",
        metavar="FILE",
        default="",
        help="your ratings as another site exports them; shown before they are taken",
    )
    parser.add_argument("--paths", action="store_true", help="print where things are kept")
    parser.add_argument("--version", action="version", version=f"reelrank {_version()}")
    add_commands(parser)
    return parser


def _do(options: argparse.Namespace) -> int:
    """Do a command without a screen; return 0, or 1 with a sentence if it cannot be done."""
    abilities.set_defaults()
    from data.errors import DataError  # noqa: PLC0415 - after the environment is set
    from engine import EngineError  # noqa: PLC0415
    from tui.commands import output, work  # noqa: PLC0415

    try:
        rows = work.rows_of(options)
        output.show(rows, as_json=options.json, as_csv=options.csv)
        sys.stdout.flush()
    except (DataError, EngineError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read has read enough; nothing more can be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"Nothing more can be written: {error.strerror}.", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _version() -> str:
    try:
        return metadata.version("reelrank")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _print_paths() -> int:
    from data import paths  # noqa: PLC0415 - `--version` needs none of it

    print(f"ratings, models, downloads  {paths.data_folder()}")
    most = f"at most {paths.CACHE_LIMIT >> 30} GiB, what is longest unused goes first"
    print(f"what can be made again      {paths.cache_folder()} ({most})")
    print(f"settings                    {paths.config_folder()}")
    return 0


def _run(dataset: str, profile: str, bring: str) -> int:
    able = abilities.detect()
    sys.setswitchinterval(TURN)
    gc.disable()
    from tui.app import Reelrank  # noqa: PLC0415 - after the environment is set
    from tui.session.session import Options  # noqa: PLC0415

    # What was imported stays: nobody need look through it for garbage, now or later.
    gc.freeze()
    gc.enable()
    app = Reelrank(able, Options(dataset, profile, bring))
    app.run()
    # Threads still inside a long step are daemons, but interpreter shutdown would wait for pools.
    sys.stdout.flush()
    os._exit(app.return_code or 0)


if __name__ == "__main__":
    sys.exit(main())
