"""Saved models on disk: a folder of `.npz` files, each with what one wants to know of it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from data import titles
from data.dataset import Dataset
from data.errors import DataError, cannot_write
from data.paths import data_folder, make_private, sweep
from engine import Model, archive
from engine.errors import EngineError


class LibraryError(DataError):
    """A saved model is missing, damaged, newer than this program, or of another dataset."""


@dataclass(frozen=True)
class Saved:
    """What one wants to know of a saved model without loading it."""

    file: Path
    name: str
    algorithm: str
    """Its name, as in `NNLS-ALS`."""
    parameters: dict[str, Any]
    metrics: dict[str, float]
    dataset: str
    fingerprint: str
    at: datetime
    problem: str = ""
    """Why it cannot be loaded; empty where it can."""
    passes: tuple[Pass, ...] = ()
    """What each pass of the training reached."""
    size: int = 0
    """Bytes on disk."""
    setup: dict[str, Any] = field(default_factory=dict)
    """How it was trained besides the algorithm: what was held out, by which seed."""


Pass: TypeAlias = tuple[float, ...]
"""Train MSE, test MSE, seconds since the start, NDCG and recall; NaN for what was not measured."""


def folder() -> Path:
    """Return the folder of saved models."""
    return data_folder() / "models"


def save(
    model: Model,
    dataset: Dataset,
    name: str,
    metrics: dict[str, float],
    passes: Iterable[Pass] = (),
    setup: dict[str, Any] | None = None,
) -> Saved:
    """Keep `model`, trained on `dataset`, under `name`, a name that need not be its only one.

    Parameters
    ----------
    model, dataset, name : what to keep, what it learned from, and what to call it
    metrics : what it reached
    passes : what it reached pass by pass, for its curve to be drawn again
    setup : how it was trained besides the algorithm, in plain values

    Raises
    ------
    CannotWrite
        If the file cannot be written.
    """
    extra = {
        "name": name,
        "algorithm": model.algorithm.title,
        "parameters": asdict(model.algorithm),
        "metrics": metrics,
        "dataset": dataset.source.label,
        "fingerprint": dataset.fingerprint,
        "at": datetime.now(UTC).isoformat(),
        "setup": setup or {},
        "passes": [[figure if math.isfinite(figure) else None for figure in one] for one in passes],
    }
    file = folder() / f"{time.time_ns():x}.npz"
    sweep(file.parent, ".*.npz.*.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        make_private(file.parent)
        archive.save(model, file, extra)
        make_private(file)
    except OSError as error:
        raise cannot_write(file, error) from None
    return _saved(file, extra)


def saved() -> list[Saved]:
    """Return all saved models, newest first; those that cannot be loaded say why."""
    make_private(folder())
    files = list(folder().glob("*.npz"))
    for file in files:
        make_private(file)
    found = [one for file in files if (one := _listed(file))]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _listed(file: Path) -> Saved | None:
    """Return what is to be known of a file; None if another program has just deleted it."""
    try:
        return _saved(file, archive.read_header(file))
    except FileNotFoundError:
        return None
    except EngineError as error:
        problem = str(error)
    except (OSError, LookupError, ValueError, TypeError):
        problem = f"{file} cannot be read as a saved model; train it anew."
    try:
        about = file.stat()
    except OSError:
        return None
    at = datetime.fromtimestamp(about.st_mtime, UTC)
    return Saved(file, file.stem, "", {}, {}, "", "", at, problem, size=about.st_size)


def load(entry: Saved | Path, dataset: Dataset | None = None) -> Model:
    """Return a saved model; if a dataset is given, it must be the one it was trained on.

    Raises
    ------
    LibraryError
        If it is missing, damaged, newer than this program, or of another dataset.
    """
    file = entry if isinstance(entry, Path) else entry.file
    try:
        model, extra = archive.read(file)
    except OSError:
        raise LibraryError(f"The saved model {file} cannot be read; train it anew.") from None
    except EngineError as error:
        raise LibraryError(str(error)) from None
    if dataset is not None and extra.get("fingerprint") != dataset.fingerprint:
        raise LibraryError(
            f"“{extra.get('name')}” was trained on {extra.get('dataset')}, and what is open is "
            f"{dataset.name}, or has changed since; open that dataset or train anew."
        )
    return model


def rename(entry: Saved, name: str) -> Saved:
    """Give a saved model another name.

    Raises
    ------
    LibraryError, CannotWrite
        If it cannot be read or written.
    """
    try:
        model, extra = archive.read(entry.file)
        archive.save(model, entry.file, extra | {"name": name})
        make_private(entry.file)
    except EngineError as error:
        raise LibraryError(str(error)) from None
    except OSError as error:
        raise cannot_write(entry.file, error) from None
    return _saved(entry.file, extra | {"name": name})


def delete(entry: Saved) -> None:
    """Remove a saved model; it is no error if it is gone already.

    Raises
    ------
    CannotWrite
        If it cannot be removed.
    """
    try:
        entry.file.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(entry.file, error) from None


def _saved(file: Path, extra: dict[str, Any]) -> Saved:
    return Saved(
        file=file,
        name=titles.clean(str(extra["name"])),
        algorithm=titles.clean(str(extra["algorithm"])),
        parameters=dict(extra["parameters"]),
        metrics=dict(extra["metrics"]),
        dataset=titles.clean(str(extra["dataset"])),
        fingerprint=str(extra["fingerprint"]),
        at=datetime.fromisoformat(extra["at"]).astimezone(UTC),
        passes=tuple(_pass(*one) for one in extra.get("passes", ())),
        size=file.stat().st_size,
        setup=dict(extra.get("setup", {})),
    )


def _pass(*figures: float | None) -> Pass:
    """Return a pass as it was before it was written; JSON knows no NaN."""
    return tuple(math.nan if one is None else float(one) for one in figures)
