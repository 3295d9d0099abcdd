"""What each command does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

import data
from data import export, importing, paths, saved_models
from data.dataset import Dataset
from data.errors import DataError
from data.importing.plan import plan_import
from data.releases.movielens import RELEASES
from engine import ALGORITHMS, Algorithm, EngineError, Model, training
from engine.parameters import Parameter, parameters
from tui.commands.output import Row, progress
from tui.session import datasets, runs, sweep
from tui.session import saved_models as kept_runs
from tui.session.filters import Filter
from tui.session.jobs import Moment
from tui.session.person import WATCHLIST, Person, open_person
from tui.session.recommendations import Recommendations
from tui.session.runs import Run, Setup
from tui.session.settings import Settings

Result = TypeVar("Result")
MOST_FOLDS = 100
FORMS = {
    "reelrank": export.OWN,
    "letterboxd": export.LETTERBOXD,
    "watchlist": export.LETTERBOXD_WATCHLIST,
    "imdb": export.IMDB,
}


def rows_of(arguments: argparse.Namespace) -> list[Row]:
    """Do what a command says; return what it has to tell.

    Raises
    ------
    DataError, EngineError
        If it cannot be done; the text is one sentence.
    """
    return _WORK[arguments.command](arguments)


def _train(told: argparse.Namespace) -> list[Row]:
    algorithm, setup = _algorithm(told), Setup(held_out=told.held_out, seed=told.seed)
    if told.test:
        return [_published(algorithm, Path(told.data or told.dataset), paths.typed(told.test))]
    dataset = _dataset(told)
    if told.cv:
        if not 2 <= told.cv <= MOST_FOLDS:
            raise EngineError(f"Folds are 2 to {MOST_FOLDS}.")
        return _cross_validated(algorithm, dataset, told.cv, told.seed)
    run = Run(runs.name_of(algorithm), algorithm, setup, dataset.name, dataset.fingerprint)
    result = _done(runs.train(run, dataset.described), run.label)
    if result is None:
        return []
    kept = kept_runs.keep(run, result.model, result.scores, dataset, result.passes)
    return [_reached(run.label, result.scores) | {"model": kept}]


def _published(algorithm: Algorithm, train: Path, test: Path) -> Row:
    learned, held_out = data.read_split(train, test)
    last: training.Epoch | None = None
    for epoch in training.train(algorithm, learned.described, held_out.ratings):
        progress(f"pass {epoch.number}")
        last = epoch
    progress("")
    mse = last.test_mse if last is not None else float("nan")
    return _reached(runs.name_of(algorithm), {"mse": mse, "rmse": mse**0.5})


def _cross_validated(algorithm: Algorithm, dataset: Dataset, folds: int, seed: int) -> list[Row]:
    """Return what each fold reached: the error in stars, or for interest how good lists are."""
    found: list[dict[str, float]] = []
    for part in training.cross_validate(algorithm, dataset.described, folds, seed):
        progress(f"fold {part.index + 1} of {folds}")
        if part.finished and isinstance(part.moment, training.Epoch):
            found.append(_of_epoch(part.moment))
    progress("")
    rows: list[Row] = [{"fold": str(i + 1), **one} for i, one in enumerate(found)]
    for name, over in (("mean", np.mean), ("deviation", np.std)):
        figures = {key: float(over([one[key] for one in found])) for key in found[0]}
        rows.append({"fold": name, **figures})
    return rows


def _of_epoch(epoch: training.Epoch) -> dict[str, float]:
    if epoch.model.algorithm.feedback == "implicit":
        return {"ndcg20": epoch.ndcg, "recall20": epoch.recall, "seconds": epoch.seconds}
    return {"rmse": epoch.test_mse**0.5, "mse": epoch.test_mse, "seconds": epoch.seconds}


def _sweep(told: argparse.Namespace) -> list[Row]:
    dataset, algorithm = _dataset(told), _algorithm(told)
    if algorithm.factors is None:
        raise EngineError(f"{algorithm.title} has no rank, so there is none to sweep over.")
    setup, ranks = Setup(held_out=told.held_out, seed=told.seed), sweep.parse(told.ranks)
    swept = sweep.Sweep(algorithm, setup, ranks, dataset.name, dataset.fingerprint)
    _done(sweep.train(swept, dataset.described), swept.label, swept.runs.append)
    return [_reached(run.label, run.scores) for run in swept.runs]


def _recommend(told: argparse.Namespace) -> list[Row]:
    dataset, person = _opened(told)
    recommended = _recommendations(dataset, person)
    catalogue = dataset.catalogue
    known = {name.lower(): name for name in catalogue.genres}
    genre = known.get(told.genre.lower(), "")
    mask = Filter(genre, told.decade // 10 * 10).mask(catalogue, catalogue.counts)
    if told.balance is not None and not 0 <= told.balance <= 1:
        raise EngineError("The balance goes from 0, what is watched, to 1, what is loved.")
    if told.genre and not genre:
        raise EngineError(
            f"There is no genre {told.genre}; there are {', '.join(catalogue.genres)}."
        )
    if told.watchlist:
        listed = np.zeros(len(catalogue), bool)
        listed[person.marked(WATCHLIST)] = True
        mask &= listed
    balance = Settings(person.profile).balance if told.balance is None else told.balance
    hidden = np.flatnonzero(~mask).astype(np.int32)
    best = [int(movie) for movie in recommended.best(told.n, balance, hidden)]
    return [
        {
            "title": catalogue[movie].title,
            "year": catalogue[movie].year or None,
            "stars": round(float(recommended.believed[movie]), 2),
            "plus_minus": _rounded(recommended.sigma(movie, best)),
            "would_watch": _rounded(recommended.chance(movie)),
            "genres": "|".join(catalogue[movie].genres),
        }
        for movie in best
    ]


def _similar(told: argparse.Namespace) -> list[Row]:
    dataset = _dataset(told)
    movie = dataset.catalogue.find(told.film)
    near = _model(dataset, interest=False).similar(movie, told.n)
    films = [dataset.catalogue[int(one)] for one in near.movies]
    return [
        {"title": film.title, "year": film.year or None, "alike": round(float(alike), 3)}
        for film, alike in zip(films, near.similarity, strict=True)
    ]


def _rate(told: argparse.Namespace) -> list[Row]:
    if not (0.5 <= told.stars <= 5 and float(told.stars * 2).is_integer()):
        raise EngineError("Stars are 0.5 to 5, by halves.")
    dataset, person = _opened(told)
    movie = dataset.catalogue.find(told.film)
    person.rate(movie, told.stars)
    film = dataset.catalogue[movie]
    return [{"title": film.title, "year": film.year or None, "stars": told.stars}]


def _import(told: argparse.Namespace) -> list[Row]:
    dataset, person = _opened(told)
    found = importing.read(paths.typed(told.file))
    plan = plan_import(found, dataset.catalogue, person.profile)
    still = sum(item.is_open for item in plan.items)
    taken = len(plan.changes) if told.dry_run else person.profile.take_in(plan.changes)
    said = "would change" if told.dry_run else "taken in"
    return [{"site": found.site, "films": len(plan.items), said: taken, "still open": still}]


def _export(told: argparse.Namespace) -> list[Row]:
    form = FORMS.get(told.form.lower())
    if form is None:
        raise EngineError(f"There is no form {told.form}; there are {', '.join(FORMS)}.")
    dataset, person = _opened(told)
    path = paths.typed(told.file)
    n = export.write(form, person.profile.dated_opinions(), path, dataset.catalogue)
    return [{"file": str(path), "films": n}]


def _datasets(told: argparse.Namespace) -> list[Row]:
    here: list[Row] = [{"name": "demo", "ratings": None, "state": "built in, synthetic"}]
    return here + [
        {
            "name": one.name,
            "ratings": one.n_ratings,
            "state": "here" if one.is_here else "not downloaded",
        }
        for one in RELEASES
    ]


def _models(told: argparse.Namespace) -> list[Row]:
    dataset = _dataset(told)
    found = [one for one in saved_models.saved() if one.fingerprint == dataset.fingerprint]
    return [
        {
            "model": one.name,
            "algorithm": one.algorithm,
            "rmse": one.metrics.get("rmse"),
            "ndcg20": one.metrics.get("ndcg20"),
            "at": f"{one.at:%Y-%m-%d %H:%M}",
            "file": one.file.name,
        }
        for one in found
    ]


# What commands share


def _dataset(told: argparse.Namespace) -> Dataset:
    target = datasets.target(getattr(told, "data", "") or told.dataset)
    found = _done(datasets.load(target), f"opening {target.name}")
    if isinstance(found, datasets.Unclear):
        raise found.problem
    return found


def _opened(told: argparse.Namespace) -> tuple[Dataset, Person]:
    person, trouble = open_person(told.profile or "you")
    if trouble:
        raise DataError(trouble)
    if not told.dataset:
        told.dataset = Settings(person.profile).get("dataset")
    dataset = _dataset(told)
    person.enter(dataset.catalogue)
    return dataset, person


def _recommendations(dataset: Dataset, person: Person) -> Recommendations:
    stars = _model(dataset, interest=False)
    return Recommendations(stars, _model(dataset, interest=True), person)


def _model(dataset: Dataset, *, interest: bool) -> Model:
    """Return the newest model that is kept, or train a first one and keep it."""
    known, _ = kept_runs.runs_of(dataset)
    for run in sorted(known, key=lambda one: one.at, reverse=True):
        if run.is_of_interest is interest:
            try:
                return kept_runs.load(run, dataset)
            except DataError as error:  # the next newest, or a first training, serves as well
                print(error, file=sys.stderr)
    name = "Implicit ALS" if interest else "ALS"
    run = Run(name, ALGORITHMS[name], Setup(), dataset.name, dataset.fingerprint)
    result = _done(runs.train(run, dataset.described), f"training {run.label}")
    if result is None:
        raise EngineError(f"{run.label} learned nothing.")
    kept_runs.keep(run, result.model, result.scores, dataset, result.passes)
    return result.model


def _algorithm(told: argparse.Namespace) -> Algorithm:
    names = {name.lower(): name for name in ALGORITHMS}
    name = names.get(told.algorithm.lower())
    if name is None:
        raise EngineError(
            f"There is no algorithm {told.algorithm}; there are {', '.join(ALGORITHMS)}."
        )
    algorithm = ALGORITHMS[name]
    known = {one.name: one for one in parameters(type(algorithm))}
    return replace(algorithm, **dict(_setting(text, known, name) for text in told.set))


def _setting(text: str, known: dict[str, Parameter], name: str) -> tuple[str, Any]:
    key, _, value = text.partition("=")
    if key not in known:
        raise EngineError(f"{name} has no {key}; it has {', '.join(known)}.")
    return key, known[key].parse(value)


def _done(
    steps: Generator[Moment[Any], None, Result],
    title: str,
    heard: Callable[[Any], object] = lambda news: None,
) -> Result:
    """Do all of a job at once; tell how far it is where somebody looks."""
    while True:
        try:
            moment = next(steps)
        except StopIteration as end:
            progress("")
            result: Result = end.value
            return result
        if moment.news is not None:
            heard(moment.news)
        if moment.progress is not None:
            progress(f"{title} {100 * moment.progress:.0f} %")


def _reached(label: str, scores: dict[str, float]) -> Row:
    names = ("rmse", "mse", "mae", "ndcg", "ndcg20", "recall20", "seconds")
    return {"run": label} | {name: _rounded(scores.get(name), 4) for name in names}


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(float(value), digits)


_WORK: dict[str, Callable[[argparse.Namespace], list[Row]]] = {
    "train": _train,
    "sweep": _sweep,
    "recommend": _recommend,
    "similar": _similar,
    "rate": _rate,
    "import": _import,
    "export": _export,
    "datasets": _datasets,
    "models": _models,
}


def names() -> Sequence[str]:
    """Return the commands that can be done."""
    return tuple(_WORK)
