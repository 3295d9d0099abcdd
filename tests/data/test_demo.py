"""The demo: a catalogue without mistakes, and ratings that lead to films a film lover nods at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

import data
from data.demo import ATTRIBUTES, CINEMAS, GENRES, N_RATINGS, N_USERS, drawn, films, traits
from data.titles import fold
from engine import ALS, BayesianMF, Model, ranking, training

KINDS = {
    "science fiction that frightens": ("Sci-Fi", "scary"),
    "romantic comedies": ("Romance", "funny"),
    "films for children": ("Children", "family"),
    "crime without light": ("Crime", "gritty"),
    "epics": ("Adventure", "epic"),
}
NODS = {
    "Alien": "Aliens|The Thing|The Shining|The Exorcist|Halloween|Videodrome|Jaws|The Birds|"
    "A Nightmare on Elm Street|Predator|Psycho|Carrie|Rosemary's Baby|Poltergeist|Event Horizon",
    "Amélie": "Groundhog Day|Lost in Translation|(500) Days of Summer|Stardust|Moonrise Kingdom|"
    "Midnight in Paris|Punch-Drunk Love|High Fidelity|Chungking Express|When Harry Met Sally...|"
    "The Fisher King|Much Ado About Nothing|Pride & Prejudice|Life Is Beautiful|About Time",
    "The Godfather": "The Godfather Part II|Once Upon a Time in America|Taxi Driver|Scarface|"
    "Chinatown|12 Angry Men|Goodfellas|Raging Bull|Apocalypse Now|Casino|The French Connection",
    "Toy Story": "Toy Story 2|Monsters, Inc.|Babe|Chicken Run|Aladdin|Mrs. Doubtfire|Home Alone|"
    "Ratatouille|Finding Nemo|A Bug's Life|The Incredibles|Up|A Goofy Movie|The Lion King",
    "Spirited Away": "My Neighbor Totoro|Kiki's Delivery Service|Howl's Moving Castle|Ponyo|"
    "Castle in the Sky|The Boy and the Heron|The Secret World of Arrietty|Princess Mononoke",
    "Princess Mononoke": "Nausicaä of the Valley of the Wind|Castle in the Sky|Akira|Spirited Away|"
    "The Lord of the Rings: The Fellowship of the Ring|Ran|Hero|Howl's Moving Castle|"
    "The Lord of the Rings: The Two Towers|The Lord of the Rings: The Return of the King",
    "The Matrix": "Inception|Total Recall|Source Code|Edge of Tomorrow|Tenet|Minority Report|"
    "Terminator 2: Judgment Day|Dark City|The Matrix Reloaded|V for Vendetta|Sunshine|The Abyss",
    "Pulp Fiction": "Fargo|Snatch|Trainspotting|Lock, Stock and Two Smoking Barrels|Goodfellas|"
    "Reservoir Dogs|Jackie Brown|Scarface|Casino|The Big Lebowski|True Romance",
    "Psycho": "Rosemary's Baby|Halloween|The Shining|Night of the Living Dead|The Birds|Vertigo|"
    "The Thing|Alien|Peeping Tom|Strangers on a Train|Deliverance|Rear Window|The Exorcist",
    "Some Like It Hot": "The Apartment|Singin' in the Rain|Annie Hall|The Graduate|Tootsie|"
    "Breakfast at Tiffany's|Modern Times|City Lights|Bringing Up Baby|It's a Wonderful Life",
    "Mary Poppins": "The Jungle Book|Lady and the Tramp|Sleeping Beauty|Cinderella|The Aristocats|"
    "One Hundred and One Dalmatians|Willy Wonka & the Chocolate Factory|Aladdin|Peter Pan|Dumbo",
    "Die Hard": "The Terminator|First Blood|The Fugitive|Die Hard with a Vengeance|Lethal Weapon|"
    "Terminator 2: Judgment Day|Face/Off|The Rock|The Hunt for Red October|Speed|Predator",
    "Titanic": "Romeo + Juliet|Moulin Rouge!|The English Patient|Ghost|Les Misérables|"
    "The Notebook|Gone with the Wind|Crouching Tiger, Hidden Dragon|Atonement|Pearl Harbor",
    "Airplane!": "The Naked Gun: From the Files of Police Squad!|A Fish Called Wanda|Wayne's World|"
    "This Is Spinal Tap|Trading Places|Caddyshack|Hot Shots!|9 to 5|Blazing Saddles",
    "Schindler's List": "Grave of the Fireflies|Come and See|The Pianist|Saving Private Ryan|Ran|"
    "Downfall|Life Is Beautiful|Das Boot|The Last Emperor|One Flew Over the Cuckoo's Nest",
    "Before Sunrise": "Before Sunset|In the Mood for Love|Lost in Translation|Past Lives|The Piano|"
    "Cinema Paradiso|Once|Brokeback Mountain|Good Will Hunting|The Bridges of Madison County|"
    "The Age of Innocence|Happy Together|Sense and Sensibility|A Beautiful Mind|Atonement",
    "Bambi": "Pinocchio|Dumbo|Snow White and the Seven Dwarfs|The Fox and the Hound|Cinderella|"
    "Sleeping Beauty|One Hundred and One Dalmatians|Peter Pan|Lady and the Tramp|The Lion King",
}
"""Films, and those that one would expect on the same shelf, whatever the catalogue says of them."""
LOVED = (
    *("Blade Runner", "Casablanca", "The Shining", "Annie Hall", "Seven Samurai", "Stalker"),
    *("2001: A Space Odyssey", "The Lord of the Rings: The Fellowship of the Ring"),
    *("Monsters, Inc.", "Singin' in the Rain", "The Silence of the Lambs", *NODS),
)


@cache
def _model() -> Model:
    """What the app trains at its first start."""
    (*_, last) = training.train(ALS(), data.demo().ratings)
    return last.model


@cache
def _posterior() -> Model:
    (*_, last) = training.train(BayesianMF(epochs=120), data.demo().ratings)
    return last.model


@cache
def _alike() -> np.ndarray:
    """(n_movies, n_movies) how alike films are by what the catalogue says of them."""
    space = traits(films())
    space = space / np.linalg.norm(space, axis=1, keepdims=True)
    return space @ space.T


def _movie(title: str) -> int:
    found = [i for i, one in enumerate(films()) if one.film.title == title]
    assert found, f"{title} is not in the catalogue"
    return max(found, key=lambda i: films()[i].known)


def test_no_film_stands_twice() -> None:
    labels = Counter((fold(one.film.title), one.film.year) for one in films())
    assert [label for label, count in labels.items() if count > 1] == []
    originals = Counter((fold(one.film.original), one.film.year) for one in films())
    assert [o for o, count in originals.items() if count > 1 and o[0]] == []


def test_every_word_is_of_the_vocabulary() -> None:
    for one in films():
        assert set(one.film.genres) <= set(GENRES), one
        assert set(one.attributes) <= set(ATTRIBUTES), one
        assert len(set(one.attributes)) == len(one.attributes) >= 2, one
        assert len(set(one.film.genres)) == len(one.film.genres) >= 1, one
        assert one.cinema in ("", *CINEMAS), one


def test_every_figure_is_sane() -> None:
    for one in films():
        assert 1920 <= one.film.year <= 2025, one
        assert 1 <= one.known <= 100, one
        assert 1 <= one.esteem <= 4.7, one
        assert one.film.title == one.film.title.strip(), one
        assert one.film.original != one.film.title, one


def test_films_are_spread_over_decades_genres_and_moods() -> None:
    assert len(films()) >= 1000
    decades = Counter(one.film.year // 10 * 10 for one in films())
    assert all(decades[decade] >= 25 for decade in range(1920, 2030, 10))
    genres = Counter(genre for one in films() for genre in one.film.genres)
    assert all(genres[genre] >= 30 for genre in GENRES)
    moods = Counter(mood for one in films() for mood in one.attributes)
    assert all(moods[mood] >= 50 for mood in ATTRIBUTES)
    cinemas = Counter(one.cinema for one in films())
    assert all(cinemas[cinema] >= 25 for cinema in CINEMAS)


def test_the_same_seed_draws_the_same_ratings_and_another_does_not() -> None:
    assert drawn().fingerprint == drawn().fingerprint
    assert drawn(seed=1).fingerprint != drawn().fingerprint


def test_a_kept_demo_is_the_drawn_one() -> None:
    first, kept = data.demo(), data.demo()
    assert first.fingerprint == kept.fingerprint == drawn().fingerprint
    assert list(first.catalogue) == list(kept.catalogue)
    assert first.source == kept.source
    assert kept.source.synthetic


def test_it_says_that_it_is_synthetic() -> None:
    source = data.demo().source
    assert source.synthetic
    assert "synthetic" in source.label


def test_counts_are_those_of_the_plan() -> None:
    ratings = data.demo().ratings
    assert len(ratings) == N_RATINGS == 150_000
    assert ratings.n_users == N_USERS == 2_000
    pairs = ratings.users.astype(np.int64) * ratings.n_movies + ratings.movies
    assert len(np.unique(pairs)) == len(pairs)
    assert set(np.unique(ratings.values * 2)) == set(range(1, 11))
    assert ratings.by_user.counts.min() >= 20


def test_stars_are_given_as_in_movielens() -> None:
    """Against ml-latest-small, whose figures are written out so that the test needs no files."""
    summary = data.demo().summary
    real = np.array([1370, 2811, 1791, 7551, 5550, 20047, 13136, 26818, 8551, 13211]) / 100_836
    share = summary.histogram / summary.n_ratings
    assert np.abs(share - real).sum() / 2 < 0.06
    assert summary.mean == pytest.approx(3.50, abs=0.06)
    assert data.demo().ratings.values.std() == pytest.approx(1.04, abs=0.06)


def test_what_many_saw_is_what_many_like_as_in_movielens() -> None:
    """In ml-latest-small, 0.30 over films of 20 ratings or more; their means spread by 0.44."""
    ratings, counts = data.demo().ratings, data.demo().catalogue.counts
    means = np.bincount(ratings.movies, ratings.values, len(counts)) / np.maximum(counts, 1)
    known = counts >= 20
    assert np.corrcoef(np.log(counts[known]), means[known])[0, 1] == pytest.approx(0.30, abs=0.1)
    assert means[known].std() == pytest.approx(0.44, abs=0.1)


def test_tails_are_long() -> None:
    summary = data.demo().summary
    tenth = summary.n_movies // 10
    assert summary.tail[:tenth].sum() / summary.n_ratings > 0.35
    assert np.median(summary.tail) < summary.tail.mean() * 0.6
    assert np.median(summary.per_user) < summary.per_user.mean() * 0.75


@pytest.mark.parametrize("title", NODS)
@pytest.mark.parametrize(("model", "nods"), [(_model, 4), (_posterior, 2)])
def test_a_film_lover_nods_at_the_nearest_films(
    title: str, model: Callable[[], Model], nods: int
) -> None:
    near = [films()[i].film.title for i in model().similar(_movie(title), 8).movies]
    assert len(set(near) & set(NODS[title].split("|"))) >= nods, near


def test_the_shelves_name_films_of_the_catalogue() -> None:
    titles = {one.film.title for one in films()}
    assert [one for shelf in NODS.values() for one in shelf.split("|") if one not in titles] == []


@pytest.mark.parametrize("title", LOVED)
def test_the_nearest_films_are_of_a_kind(title: str) -> None:
    movie = _movie(title)
    near = _model().similar(movie, 8).movies
    alike = _alike()[movie]
    chance = np.delete(alike, movie)
    better_than = (chance[:, None] < alike[near]).mean(axis=0)
    assert np.median(better_than) > 0.9, [films()[i].film.label for i in near]


def test_the_nearest_films_share_genres_and_moods_far_beyond_chance() -> None:
    catalogue = data.demo().catalogue
    words = [{*one.film.genres, *one.attributes} for one in films()]
    known = np.argsort(-catalogue.counts)[:300]
    rng = np.random.default_rng(0)
    near = np.mean(
        [len(words[i] & words[j]) for i in known for j in _model().similar(int(i), 10).movies]
    )
    chance = np.mean([len(words[i] & words[j]) for i in known for j in rng.choice(known, 10)])
    assert near > 2 * chance


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", [_model, _posterior])
def test_five_of_a_kind_bring_more_of_the_kind(kind: str, model: Callable[[], Model]) -> None:
    genre, mood = KINDS[kind]
    counts = data.demo().catalogue.counts
    of_kind = np.array([genre in f.film.genres and mood in f.attributes for f in films()])
    loved = np.flatnonzero(of_kind)[np.argsort(-counts[of_kind])[:5]]
    others = np.flatnonzero(~of_kind)[np.argsort(-counts[~of_kind])[:5]]
    movies = np.concatenate([loved, others]).astype(np.int32)
    stars = np.array([5, 5, 5, 5, 5, 2, 2, 2, 2, 2], np.float32)
    wanted = _share(model(), movies, stars, of_kind)
    before = _share(model(), movies, stars[::-1].copy(), of_kind)
    assert wanted > 2 * of_kind.mean()
    assert wanted > before


def _share(model: Model, movies: np.ndarray, stars: np.ndarray, of_kind: np.ndarray) -> float:
    """The share of the kind among the first twenty, as the app ranks by stars alone."""
    viewer = model.fold_in(movies, stars)
    scores = ranking.cautious(viewer.predict(clip=False), model.movie_counts)
    scores[movies] = -np.inf
    return float(of_kind[np.argsort(-scores)[:20]].mean())


def test_few_of_the_films_recommended_to_different_people_are_the_same() -> None:
    """A demo whose obscure masterpieces are everybody's fate would not show what taste does."""
    catalogue, lists = data.demo().catalogue, []
    for title in NODS:
        liked = [_movie(title), *_model().similar(_movie(title), 4).movies]
        scores = _model().fold_in(np.array(liked), np.full(5, 5.0)).predict(clip=False)
        ranks = ranking.adventurous(scores, _model().movie_counts, 0.5)
        ranks[liked] = -np.inf
        lists.append(np.argsort(-ranks)[:10])
    everywhere = Counter(np.concatenate(lists).tolist())
    assert len(everywhere) > 4 * 10
    assert np.mean(catalogue.counts[np.concatenate(lists)] < 20) < 0.1


def test_titles_are_written_as_people_say_them() -> None:
    moved = [one.film.title for one in films() if one.film.title.endswith((", The", ", A", ", Le"))]
    assert moved == []
    assert any("é" in one.film.title for one in films())
