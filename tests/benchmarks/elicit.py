"""How many questions it takes to know a person: the next-best question beside simpler orders.

    python tests/benchmarks/elicit.py FOLDER_WITH_MOVIELENS [--algorithm ALS] [--people 200]

Protocol: people with 40 ratings or more are drawn at random and kept out of training, all their
ratings with them. Of each person's films that the training part knows, three tenths are set aside
to be predicted; nobody asks about those. Each strategy then asks about one film after another; a
person answers if they rated it, and has not seen it otherwise. After so many questions the model
folds the person in with the answers so far and predicts what was set aside. RMSE is the root of
the mean over all people of their mean squared errors.

Orders: the most popular films; random; films by the entropy of their ratings; and
`engine.elicit`, with and without knowing who rated what. About a minute with ALS.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

# The products are small and many: threads would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import data
from engine import ALGORITHMS, Model, Ratings
from engine.arrays import Doubles, Floats, Ids, Offsets
from engine.elicit import Questions

ASKED = (0, 5, 10, 15, 20, 30, 40, 60, 80)


class Person(NamedTuple):
    """Who is asked: what they would answer, and what is to be predicted."""

    answers: dict[int, float]
    movies: Ids
    values: Floats


Ask = Callable[[list[int], list[int]], int]
"""From the films seen and not seen so far to the next to ask about."""
Strategy = Callable[[Person], Ask]


def held_out(ratings: Ratings, n: int, seed: int) -> tuple[Ratings, list[Person]]:
    """Return the training ratings, and `n` people who take no part in them."""
    rng = np.random.default_rng(seed)
    active = np.flatnonzero(ratings.by_user.counts >= 40)
    chosen = rng.choice(active, min(n, len(active) // 2), replace=False)
    train = ratings.take(~np.isin(ratings.users, chosen))
    rated = train.by_movie.counts > 0
    people = []
    for user in chosen:
        movies, values = ratings.by_user.row(int(user))
        movies, values = movies[rated[movies]], values[rated[movies]]
        order = rng.permutation(len(movies))
        aside, asked = np.split(order, [round(0.3 * len(order))])
        answers = dict(zip(movies[asked].tolist(), values[asked].tolist(), strict=True))
        people.append(Person(answers, movies[aside], values[aside]))
    return train, people


def in_order(order: Offsets) -> Strategy:
    """Ask everybody the same, but for what is set aside."""

    def start(person: Person) -> Ask:
        aside = set(person.movies.tolist())
        left = (movie for movie in order.tolist() if movie not in aside)
        return lambda seen, unseen: next(left)

    return start


def by_information(questions: Questions) -> Strategy:
    """Ask what `engine.elicit` thinks best."""

    def start(person: Person) -> Ask:
        def ask(seen: list[int], unseen: list[int]) -> int:
            known, unknown = np.array(seen, np.int32), np.array(unseen, np.int32)
            return int(questions.next(known, unknown, 1, person.movies)[0])

        return ask

    return start


def entropy(train: Ratings) -> Doubles:
    """Return (n_movies,) the entropy of each film's ratings, in nats."""
    stars, column = np.unique(train.values, return_inverse=True)
    counts = np.zeros((train.n_movies, len(stars)))
    np.add.at(counts, (train.movies, column), 1)
    p = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=1)


def strategies(train: Ratings, model: Model, seed: int) -> dict[str, Strategy]:
    """Return all orders by name."""
    counts = train.by_movie.counts
    rated = np.flatnonzero(counts)
    return {
        "most popular": in_order(np.argsort(-counts, kind="stable")),
        "random": in_order(np.random.default_rng(seed).permutation(rated)),
        "highest entropy": in_order(np.argsort(-entropy(train), kind="stable")),
        "elicit, popularity only": by_information(Questions.of(model)),
        "elicit": by_information(Questions.of(model, train)),
    }


def interviewed(model: Model, person: Person, ask: Ask) -> Iterator[tuple[int, float]]:
    """Yield how many were answered and the mean squared error, after each number of `ASKED`."""
    seen: list[int] = []
    unseen: list[int] = []
    for asked in ASKED:
        while len(seen) + len(unseen) < asked:
            movie = ask(seen, unseen)
            (seen if movie in person.answers else unseen).append(movie)
        stars = np.array([person.answers[movie] for movie in seen], np.float32)
        predicted = model.fold_in(np.array(seen, np.int32), stars).predict()[person.movies]
        yield len(seen), float(np.mean((predicted - person.values) ** 2))


def table(model: Model, people: list[Person], orders: dict[str, Strategy]) -> dict[str, Doubles]:
    """Print a row for every order, and return its RMSE after each number of questions."""
    print(f"\n{'asked':>26}", *(f"{asked:>11}" for asked in ASKED))
    curves = {}
    for name, start in orders.items():
        runs = [list(interviewed(model, person, start(person))) for person in people]
        answered, squared = np.array(runs).mean(axis=0).T
        curves[name] = np.sqrt(squared)
        cells = (f"{r:.3f} ({a:3.0f})" for r, a in zip(curves[name], answered, strict=True))
        print(f"{name:>26}", *(f"{cell:>11}" for cell in cells), flush=True)
    return curves


def needed(curve: Doubles, goal: float) -> str:
    """Return how many questions it takes to reach an RMSE of `goal` and stay there."""
    above = np.flatnonzero(curve > goal)
    if not len(above):
        return "0"
    last = int(above[-1])
    if last + 1 == len(curve):
        return f"> {ASKED[-1]}"
    share = (curve[last] - goal) / (curve[last] - curve[last + 1])
    return f"{ASKED[last] + share * (ASKED[last + 1] - ASKED[last]):.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("movielens", type=Path, help="holds ml-latest-small and ml-100k")
    parser.add_argument("--algorithm", default="ALS", choices=list(ALGORITHMS))
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name in ("ml-latest-small", "ml-100k"):
        started = time.perf_counter()
        ratings = data.read(options.movielens / name).ratings
        train, people = held_out(ratings, options.people, options.seed)
        run = ALGORITHMS[options.algorithm].run(train, options.seed)
        model = [step.model for step in run if step.model][-1]
        print(f"\n{name}, {options.algorithm}, {len(people)} people: RMSE (answered)", end="")
        curves = table(model, people, strategies(train, model, options.seed))
        print("\nquestions to reach the RMSE of the most popular after 20, 40 and 80:")
        for order, curve in curves.items():
            goals = (curves["most popular"][ASKED.index(asked)] for asked in (20, 40, 80))
            print(f"{order:>26}", *(f"{needed(curve, goal):>6}" for goal in goals))
        print(f"({time.perf_counter() - started:.0f} s)")


if __name__ == "__main__":
    main()
