"""Faults of the program itself: written to a file, told in a sentence."""

from __future__ import annotations

import datetime as dt
import traceback

from data import paths


def record(error: BaseException, doing: str) -> str:
    """Write the traceback to the fault file; return a sentence for the person."""
    what = f"{doing} stopped at a fault of the program ({type(error).__name__}: {error})"
    file = paths.data_folder() / "faults.log"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as log:
            log.write(f"\n{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC, {doing}\n")
            log.writelines(traceback.format_exception(error))
    except OSError:
        return f"{what}; please report it."
    return f"{what}; please report it with the end of {file}."
