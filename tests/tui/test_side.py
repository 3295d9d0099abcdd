"""Side information in the app: a field of the form, and genres and years that reach training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine import BayesianMF
from tests.support.narrowing import factorisation
from tests.support.training import last_model
from tests.support.tui_driver import choose_algorithm, driven, small_folder
from tui.screens.train.form_list import FormList


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_form_tells_what_is_known_besides_stars(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with driven(small_folder(tmp_path / "small"), size=size) as driver:
        await driver.until(lambda: driver.session.dataset is not None)
        await driver.press("t")
        await choose_algorithm(driver, "Bayesian", "2")
        form = driver.app.screen.query_one(FormList)
        form.cursor = [entry.name for entry in form.form_rows.form.entries].index("side")
        form.focus()
        await driver.calm()
        assert "also known     genres and years" in driver.text("FormList")
        help_text = " ".join(driver.text("#train-help").split())
        assert "besides stars. Who rated what helps only with people of the dataset." in help_text
        await driver.press("right")
        assert "who rated what" in driver.text("FormList")


async def test_genres_and_years_reach_a_training(tmp_path: Path) -> None:
    async with driven(small_folder(tmp_path / "small")) as driver:
        await driver.until_ready()
        await driver.press("t")
        await choose_algorithm(driver, "Bayesian", "3")
        await driver.press("enter")
        run = driver.session.runs[-1]
        await driver.until(lambda: run.state == "done")
        dataset = driver.session.dataset
        assert dataset is not None
        train, _ = dataset.described.split(run.setup.held_out / 100, run.setup.seed)
        reached = factorisation(run.model)
        informed = factorisation(last_model(BayesianMF(epochs=3), train))
        plain = factorisation(last_model(BayesianMF(epochs=3, side="none"), train))
        np.testing.assert_array_equal(reached.movie_factors, informed.movie_factors)
        assert not np.array_equal(informed.movie_factors, plain.movie_factors)
