"""The whole loop through the app: load, train, rate, be recommended, leave, and come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from driver import app, press, ready, text, until, write

from engine import ALGORITHMS
from tui.app import Reelrank


async def test_first_minute_on_the_demo_and_coming_back() -> None:
    first = app()
    async with first.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        shown = text(first)
        assert "demo, synthetic" in shown
        assert "made up" in shown
        assert "[Rate]" in shown
        house = first.house
        before = house.taste.predicted if hasattr(house.taste, "predicted") else None
        assert before is None or len(before)
        for stars in "5415243154":
            await press(pilot, stars, "j")
        assert len(house.person.profile.opinions()) == 10
        assert "★★★★★" in text(first)
        top_after_ten = text(first)
        await press(pilot, "k", "1")
        await press(pilot, "u")
        assert len(house.person.profile.opinions()) == 10
        await press(pilot, "f")
        shown = text(first)
        assert "[For you]" in shown
        assert "you gave" in shown
        assert top_after_ten
    again = app()
    async with again.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        assert "[For you]" in text(again)
        assert len(again.house.person.profile.opinions()) == 10
        assert again.house.used.kept
        assert "in use" not in text(again)
        await press(pilot, "t")
        await until(pilot, lambda: "in use" in text(again))


async def test_recommendations_move_with_a_rating() -> None:
    running = app()
    async with running.run_test(size=(100, 30)) as pilot:
        await ready(pilot)

        def beside() -> str:
            return "\n".join(row.split("│")[-1] for row in text(running).split("\n"))

        seen = set()
        for stars in ("5", "1", "5", "1"):
            await press(pilot, stars, "j")
            seen.add(beside())
        assert len(seen) > 1


async def test_every_algorithm_trains_from_its_form_on_movielens(movielens: Path) -> None:
    running = app(dataset=str(movielens / "ml-latest-small"))
    async with running.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        house = running.house
        await press(pilot, "t")
        await until(pilot, lambda: "[Train]" in text(running))
        form = running.screen._form
        for name in ALGORITHMS:
            form.choose(name)
            for field, value in (("factors", "4"), ("epochs", "2")):
                entry = next(e for e in form.entries if e.name == field)
                assert entry.put(value)
            runs = len(house.runs)
            await press(pilot, "enter")
            await until(pilot, lambda n=runs: len(house.runs) > n and house.training is None)
            run = house.runs[-1]
            assert run.state == "done", run.state
            assert run.model.factors == 4
            assert run.name in text(running)
        house.use(house.runs[-1])
        await ready(pilot)
        await press(pilot, "r", "5", "j", "4")
        await press(pilot, "f")
        await until(pilot, lambda: "you gave" in text(running))


async def test_a_training_is_cancelled_within_a_second() -> None:
    running = app()
    async with running.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await press(pilot, "t")
        entry = next(e for e in running.screen._form.entries if e.name == "epochs")
        assert entry.put("900")
        await press(pilot, "enter")
        await until(pilot, lambda: running.house.training is not None)
        await until(pilot, lambda: running.house.training.passes, 30)
        for key in "frt":
            await press(pilot, key)
        await press(pilot, "c")
        await until(pilot, lambda: running.house.training is None, 5)
        assert running.house.runs[-1].model is not None


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40), (200, 60)])
async def test_every_room_at_every_size(size: tuple[int, int]) -> None:
    running = app()
    async with running.run_test(size=size) as pilot:
        await ready(pilot)
        for room in "dtrfx":
            await press(pilot, room)
            assert text(running).strip()
            await press(pilot, "question_mark")
            await press(pilot, "escape")


def listed(running: Reelrank) -> str:
    """Return what stands left of the wall."""
    return "\n".join(row.split("│")[0] for row in text(running).split("\n"))


async def test_a_search_finds_and_a_title_is_only_text(tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    titles = ["[REC] (2007)", "[/foo] (1999)", "Amélie (2001)", "\x1b[31mRed (1994)"]
    rows = "".join(f"{i},{title},Drama\n" for i, title in enumerate(titles, 1))
    (folder / "movies.csv").write_text(f"movieId,title,genres\n{rows}", encoding="utf-8")
    ratings = "".join(f"{u},{m},{(u + m) % 5 + 1},1\n" for u in range(1, 9) for m in range(1, 5))
    (folder / "ratings.csv").write_text(f"userId,movieId,rating,timestamp\n{ratings}")
    running = app(dataset=str(folder))
    async with running.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        shown = text(running)
        assert "[REC]" in shown
        assert "[/foo]" in shown
        assert "\x1b" not in shown
        await press(pilot, "slash")
        await write(pilot, "amelie")
        await until(pilot, lambda: "Amélie" in listed(running) and "[REC]" not in listed(running))
