r"""Bayesian matrix factorisation by Gibbs sampling, with side information in the prior.

$$r_{ui} \sim N(\mu + b_u + b_i + U_u^\top V_i, \; 1/\alpha_u)$$

with Gaussian rows $(U_u, b_u)$ and $(V_i, b_i)$, whose means and precisions have Normal-Wishart
hyperpriors, after Salakhutdinov & Mnih 2008, "Bayesian probabilistic matrix factorization using
Markov chain Monte Carlo" (doi:10.1145/1390156.1390267), with biases and with noise that differs
from user to user. A sweep draws, each given all else: the movies' Gaussian, the movies, the
users' Gaussian, the users, the noise. After a burn-in the draws are samples of the posterior, and
their predictions are averaged.

Where it is known when ratings were given, they have a further part for a person's day and a film's
age (`engine.moments`), which a rating whose time is not known is predicted without.

The Gaussians' means may depend on what is known of a row (`engine.side`): genres and years of a
movie, which movies a user rated, and by which users a movie was. Genres and years help with every
film and everybody. Who rated what helps most with the users learned from, whose choice of films is
all there; a person who is folded in with a few ratings is better off without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeAlias

from engine.algorithm import Algorithm, Step, stepping
from engine.draws import Record
from engine.features import Features, standardised, who_rated_what
from engine.gibbs import Noise, NormalWishart
from engine.memory import Need
from engine.moments import Moments
from engine.parameters import Range
from engine.posterior import PosteriorModel
from engine.ratings import Ratings
from engine.sampler import Sampler, Setting
from engine.stepwise import Work, scaled

Side: TypeAlias = Literal["none", "genres and years", "who rated what", "both"]
"""What a model is told of besides stars."""
KEPT = 50
"""At most so many draws are kept: neighbouring ones say nearly the same."""
MEMORY = 256 << 20
"""Bytes that the kept draws may take, if they are two or more."""
TIMED = 96
"""Bytes that a rating takes besides where times are looked at, with the bins that it is in."""
ALIKE = 10.0
r"""$\nu$: a user counts as having shown so many ratings with the common noise."""


@dataclass(frozen=True)
class BayesianMF(Algorithm):
    """Bayesian matrix factorisation: an average over many plausible factorisations."""

    can_diverge: ClassVar[bool] = False
    title: ClassVar[str] = "Bayesian"
    summary: ClassVar[str] = (
        "Draws many factorisations that fit the ratings about as well, and averages what they "
        "predict; where they disagree, it is not sure."
    )

    factors: Annotated[
        int, Range(1, 500), "Rank: how many hidden traits describe a film and a viewer."
    ] = 10
    epochs: Annotated[int, Range(1, 10000), "Sweeps: passes that draw everything once."] = 220
    burn_in: Annotated[
        int, Range(0, 10000), "Sweeps to forget the start; at most half of them."
    ] = 20
    noise: Annotated[
        Literal["per user", "shared"], "Whether some viewers' stars may scatter more than others'."
    ] = "per user"
    width: Annotated[
        float, Range(0.001, 10), "Variance that factors and biases are thought to have."
    ] = 0.15
    side: Annotated[
        Side,
        "What tastes are guessed from besides stars. Who rated what helps only with people of the "
        "dataset.",
    ] = "genres and years"
    timing: Annotated[
        bool, "Whether to look at when ratings were given: a person's day, a film's age."
    ] = True

    def need(self, train: Ratings) -> Need:
        """Return how much memory a run on `train` takes, with the draws that are kept."""
        need = super().need(train)
        timed = TIMED * len(train) if self.timing and train.times is not None else 0
        return need._replace(model=need.model + MEMORY, views=need.views + timed)

    def learn(self, train: Ratings, seed: int) -> Iterator[Step]:
        """Learn from `train`; see `Algorithm.learn`.

        During the burn-in a sweep's model is its one draw; after it, all draws kept so far.
        """
        noise = Noise(ALIKE if self.noise == "per user" else None)
        whole = self.epochs + 1  # getting ready counts as a pass
        sampler = yield from stepping(self._sampler(train, noise, seed), 0, 1 / whole)
        burn_in = min(self.burn_in, self.epochs // 2)
        kept = _kept(self.epochs, burn_in, sampler.draw().nbytes)
        record = Record(len(kept), noise)
        timing = sampler.timing
        for sweep in range(self.epochs):
            keep = sweep < burn_in or sweep in kept
            here, there = (sweep + 1) / whole, (sweep + 2) / whole
            if timing is not None and sweep <= burn_in:
                timing.reset()
            yield from stepping(sampler.sweep(keep), here, there)
            if keep:
                into = record if sweep in kept else Record(1, noise)
                into.append(sampler.draw())
                model = self._model(train, into, timing.moments() if timing else None)
            yield Step(there, model)

    def _sampler(self, train: Ratings, noise: Noise, seed: int) -> Work[Sampler]:
        """Return a sampler that looks at what `side` says.

        Who rated what is read from `train` alone, so held-out ratings are not hinted at.
        """
        of_movies: list[Features] = []
        of_users: list[Features] = []
        if self.side in ("who rated what", "both"):
            incidence = who_rated_what(train.by_movie, train.by_user)
            raters, rated = yield from scaled(incidence, 0, 0.5)
            of_movies.append(raters)
            of_users.append(rated)
        known = train.movie_features
        if self.side in ("genres and years", "both") and known is not None and known.size:
            of_movies.append(standardised(known))
        prior = NormalWishart(self.width)
        setting = Setting(self.factors, prior, noise, of_movies, of_users, self.timing)
        sampler = Sampler(train, setting, seed)
        yield from scaled(sampler.prepare(), 0.5, 1)
        return sampler

    def _model(self, train: Ratings, record: Record, moments: Moments | None) -> PosteriorModel:
        draws = record.draws()
        movies, users = draws.movies[-1], draws.users[-1]
        return PosteriorModel(
            algorithm=self,
            fold=draws,
            scale=train.scale,
            mean=train.mean,
            movie_bias=movies[:, -1],
            user_bias=users[:, -1],
            movie_factors=movies[:, :-1],
            user_factors=users[:, :-1],
            movie_counts=train.by_movie.counts,
            moments=moments,
        )


def _kept(epochs: int, burn_in: int, nbytes: int) -> range:
    """Return which sweeps are kept: evenly spread, the first after the burn-in among them."""
    most = min(KEPT, max(MEMORY // nbytes, 2))
    stride = -(-(epochs - burn_in) // most)
    return range(burn_in, epochs, stride)
