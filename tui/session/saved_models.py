"""The library of saved models as runs: those of earlier visits stand beside today's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from data import saved_models
from data.dataset import Dataset
from data.saved_models import Saved
from engine import ALGORITHMS, Algorithm, EngineError, Model
from tui.session.runs import Pass, Run, Setup, name_of


def runs_of(dataset: Dataset) -> tuple[list[Run], list[Saved]]:
    """Return the saved runs on `dataset`, and the files that cannot be loaded."""
    entries = saved_models.saved()
    runs = [_run(entry) for entry in entries if entry.fingerprint == dataset.fingerprint]
    return [run for run in runs if run is not None], [e for e in entries if e.problem]


def keep(
    run: Run, model: Model, scores: dict[str, float], dataset: Dataset, passes: Iterable[Pass]
) -> str:
    """Save the model of a run with its curve and setup; return the name of its file.

    Raises
    ------
    CannotWrite
        If it cannot be written.
    """
    curve = [(p.train_mse, p.test_mse, p.seconds, p.ndcg, p.recall) for p in passes]
    setup = asdict(run.setup)
    return saved_models.save(model, dataset, run.label, scores, curve, setup).file.name


def load(run: Run, dataset: Dataset) -> Model:
    """Return the model of a saved run.

    Raises
    ------
    LibraryError
        If it is missing, damaged, newer than this program, or of another dataset.
    """
    return saved_models.load(saved_models.folder() / run.kept, dataset)


def rename(run: Run, title: str) -> None:
    """Give a run and its saved model another name; an empty one is its plain one.

    Raises
    ------
    LibraryError, CannotWrite
        If the saved model cannot be read or written.
    """
    for entry in saved_models.saved():
        if run.kept and entry.file.name == run.kept:
            saved_models.rename(entry, title or run.plain)
    run.title = title if title != run.plain else ""


def size(run: Run) -> int:
    """Return the bytes that the saved model of a run takes; 0 where there is none."""
    return next((e.size for e in saved_models.saved() if e.file.name == run.kept), 0)


def forget(runs: Iterable[Run]) -> None:
    """Delete the saved models of these runs."""
    names = {run.kept for run in runs}
    for entry in saved_models.saved():
        if entry.file.name in names:
            saved_models.delete(entry)


def _run(entry: Saved) -> Run | None:
    algorithm = _algorithm(entry)
    if entry.problem or algorithm is None:
        return None
    run = Run(
        name=name_of(algorithm),
        algorithm=algorithm,
        setup=_setup(entry),
        dataset=entry.dataset,
        fingerprint=entry.fingerprint,
        state="done",
        passes=[Pass(number, *one[:5]) for number, one in enumerate(entry.passes, 1)],
        scores=dict(entry.metrics),
        at=entry.at,
        kept=entry.file.name,
    )
    run.title = entry.name if entry.name != run.plain else ""
    return run


def _algorithm(entry: Saved) -> Algorithm | None:
    kinds = {type(one).title: type(one) for one in ALGORITHMS.values()}
    kind = kinds.get(entry.algorithm)
    if kind is None:
        return None
    try:
        return kind(**entry.parameters)
    except (TypeError, EngineError):
        return None


def _setup(entry: Saved) -> Setup:
    try:
        return Setup(**entry.setup)
    except TypeError:
        return Setup()
