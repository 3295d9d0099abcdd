"""How good the list is: people held out whole, their first ratings folded in, the rest to be found.

    python tests/benchmarks/recommend.py FOLDER_WITH_MOVIELENS [--order time] [--fifths 5]

Protocol. A fifth of the people is held out whole (seed 0; with --fifths, each fifth in turn, and
means over them). Each tells of their first 3, 5, 10 or 25 ratings, or 80 % of them; then all other
films that anybody in training rated are ranked, and the first 20 are shown. A hit is a film among
the rest that they gave 4 stars or more; people with no such film are left out. "First" is in random
order (seed 1), or with --order time by when they rated. On both datasets many ratings were given
within minutes from lists that the site showed, so by time the first films are neighbours on those
lists, and even the best models of interest find less than the most popular films do.

NDCG@20 and recall@20 are of hits; "stars" is what people gave the listed films that they had rated;
"films" counts different films in all lists; "bits" is how surprising it is that a training user
rated a listed film. Films nobody rated are never ranked.

Ours are the defaults, for all numbers of ratings alike. Each peer is tuned for each number of
ratings by itself: of the training people a quarter is held out likewise, and the setting with the
best NDCG@20 there is trained anew on all of them. Peers that are not installed are left out, and
said so: `tests/benchmarks/run` makes an environment with them; LensKit needs Python 3.12.5 and
torch.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import data
from engine import ALGORITHMS, Model, Ratings, ranking
from tests.benchmarks.people import (
    Floats,
    Ids,
    Measured,
    Person,
    Scorer,
    held_out,
    measured,
    people,
)
from tests.benchmarks.recommend_peers import PEERS, Peer

TOLD = (3, 5, 10, 25, 0.8)
Row: TypeAlias = dict[float, Measured]


def trained(name: str, train: Ratings) -> Model:
    """Return the model of the default `name` after its last pass."""
    return [step.model for step in ALGORITHMS[name].run(train, 0) if step.model][-1]


def ours(train: Ratings) -> Iterator[tuple[str, Scorer]]:
    """Yield what we would list by, by name."""
    counts = train.by_movie.counts
    als, bayes = trained("ALS", train), trained("Bayesian", train)
    ease, implicit = trained("EASE", train), trained("Implicit ALS", train)

    def stars_alone(own: Ids, values: Floats) -> Floats:
        scores = als.fold_in(own, values).predict(clip=False)
        return ranking.adventurous(scores, counts, 0.5)

    def plain(model: Model) -> Scorer:
        return lambda own, values: model.fold_in(own, values).predict(clip=False)

    def joined(stars: Model, interest: Model, balance: float = ranking.BALANCE) -> Scorer:
        return lambda own, values: ranking.picks(
            stars.fold_in(own, values), interest.fold_in(own, values), balance
        )

    yield "most popular", lambda own, values: counts.astype(np.float32)
    yield "ALS stars", plain(als)
    yield "ALS stars, damped (the list until now)", stars_alone
    yield "Bayesian stars", plain(bayes)
    yield "our EASE", plain(ease)
    yield "our Implicit ALS", plain(implicit)
    yield "picks: ALS and Implicit ALS", joined(als, implicit)
    yield "picks: Bayesian and EASE", joined(bayes, ease)
    yield "**picks: Bayesian and Implicit ALS**", joined(bayes, implicit)
    yield "the same, balance .25", joined(bayes, implicit, 0.25)
    yield "the same, balance .75", joined(bayes, implicit, 0.75)


def tuned(peer: Peer, train: Ratings, by_time: bool) -> dict[float, int]:
    """Return which of the peer's settings is best for each number of ratings, inside `train`."""
    inner, out = held_out(train, 0, parts=4)
    group = people(train, out, by_time and train.times is not None)
    best = dict.fromkeys(TOLD, (-1.0, 0))
    for setting in range(len(peer.settings)):
        score = peer.fit(inner, setting, group, TOLD)
        for n in TOLD:
            reached = measured(score(n), group, n, inner).ndcg
            best[n] = max(best[n], (reached, setting), key=lambda pair: pair[0])
    return {n: setting for n, (_, setting) in best.items()}


def peers(train: Ratings, group: list[Person], by_time: bool) -> Iterator[tuple[str, Row, str]]:
    """Yield the name, the measures and the settings of each peer that is installed."""
    for make in PEERS:
        peer = make()
        if peer is None:
            continue
        chosen = tuned(peer, train, by_time)
        fitted = {s: peer.fit(train, s, group, TOLD) for s in sorted(set(chosen.values()))}
        row = {n: measured(fitted[chosen[n]](n), group, n, train) for n in TOLD}
        said = "; ".join(f"{shown(n)}: {peer.settings[chosen[n]]}" for n in TOLD)
        yield peer.name, row, said


def shown(n: float) -> str:
    return f"{n:g}" if n >= 1 else f"{n:.0%}"


def mean(rows: list[Row]) -> Row:
    """Return the means over the fifths."""
    return {n: Measured(*np.mean([row[n] for row in rows], axis=0).tolist()) for n in TOLD}


CELLS: dict[str, Callable[[Measured], str]] = {
    "NDCG@20": lambda m: f"{m.ndcg:.3f}",
    "recall@20": lambda m: f"{m.recall:.3f}",
    "stars": lambda m: f"{m.stars:.2f}",
    "films": lambda m: f"{m.covered:.0f}",
    "bits": lambda m: f"{m.novelty:.1f}",
}


def table(rows: dict[str, Row]) -> str:
    """Return a table of every row, each cell with all measures."""
    lines = [
        f"| {', '.join(CELLS)} after | {' | '.join(map(shown, TOLD))} |",
        "|---" * (len(TOLD) + 1) + "|",
    ]
    for name, row in rows.items():
        cells = ("; ".join(cell(row[n]) for cell in CELLS.values()) for n in TOLD)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def marks(rows: dict[str, Row], peer_names: set[str]) -> str:
    """Return the default list beside the best peer, the most popular and the list until now."""
    default = next(row for name, row in rows.items() if name.startswith("**"))
    lines = []
    for n in TOLD:
        own = default[n].ndcg
        best = max(((rows[p][n].ndcg, p) for p in peer_names), default=(float("nan"), "no peer"))
        popular, before = (
            rows["most popular"][n].ndcg,
            rows["ALS stars"][n].ndcg,
        )
        lines.append(
            f"{shown(n):>4}: {own:.3f} is {own / best[0]:.2f} x the best peer ({best[1]}), "
            f"{own / popular:.2f} x most popular, {own / before:.1f} x ALS stars; "
            f"hits {default[n].stars - rows['our EASE'][n].stars:+.2f} stars beside EASE's"
        )
    return "\n".join(lines)


def run(ratings: Ratings, fifths: int, by_time: bool) -> tuple[dict[str, Row], set[str]]:
    """Return the measures of every row, as means over so many fifths, and which are peers."""
    collected: dict[str, list[Row]] = {}
    names = set()
    for fifth in range(fifths):
        train, out = held_out(ratings, fifth)
        group = people(ratings, out, by_time)
        for name, scorer in ours(train):
            row = {n: measured(scorer, group, n, train) for n in TOLD}
            collected.setdefault(name, []).append(row)
        for name, row, said in peers(train, group, by_time):
            collected.setdefault(name, []).append(row)
            names.add(name)
            print(f"fifth {fifth}, {name}: {said}", flush=True)
    return {name: mean(rows) for name, rows in collected.items()}, names


def main() -> None:
    """Print the protocol and the tables, and write them to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--datasets", nargs="+", default=["ml-100k", "ml-latest-small"])
    parser.add_argument("--order", choices=["random", "time"], default="random")
    parser.add_argument("--fifths", type=int, default=1)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    parts = [__doc__]
    print(__doc__)
    for name in options.datasets:
        started = time.perf_counter()
        ratings = data.read(options.folder / name).ratings
        rows, peer_names = run(ratings, options.fifths, options.order == "time")
        people_counted = next(iter(rows.values()))
        said = ", ".join(f"{shown(n)}: {people_counted[n].people:.0f}" for n in TOLD)
        head = f"{name}, first in {options.order} order; people after {said}"
        parts.append("\n\n".join((head, table(rows), marks(rows, peer_names))))
        print(parts[-1], f"\n({time.perf_counter() - started:.0f} s)\n", flush=True)
    if options.output:
        options.output.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
