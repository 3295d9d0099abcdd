"""What screens are computed from: lines, words, forms, filters, charts, the map. No widget runs."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.message import Message

from data.errors import DataError
from engine import ALGORITHMS
from tui.screens.for_you.panes import Wish, top_line
from tui.screens.train.form import Form
from tui.session import sweep
from tui.session.filters import Filter
from tui.session.jobs import (
    Failed,
    Finished,
    Job,
    JobMessage,
    Jobs,
    Moment,
    Progressed,
    Stopped,
)
from tui.terminal import abilities
from tui.text import figures, glyphs, lines
from tui.text.lines import Span, line, plain
from tui.widgets import map_text, path_completion
from tui.widgets.chart import Picture, Series, draw, thinned, ticks, y_limits
from tui.widgets.topbar import Status, bar


@pytest.fixture(autouse=True, scope="module")
def fine() -> None:
    """Draw with the finest characters, whatever a test in this process drew with before."""
    glyphs.use("braille")


@given(st.text(max_size=60), st.integers(0, 40))
def test_fitted_text_takes_exactly_the_cells_it_is_given(text: str, cells: int) -> None:
    assert lines.width(lines.fit(text, cells)) == cells
    assert lines.width(lines.crop([Span(lines.printable(text))], cells)) == cells


@given(st.text(max_size=60))
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    shown = lines.fit(f"\x1b[2J{text}\r\n\x9b31m\u202e", 80)
    assert shown.isprintable()


@given(st.lists(st.text("ab七 ", max_size=9), max_size=12), st.integers(4, 30))
def test_wrapped_lines_fit_and_lose_no_word(parts: list[str], cells: int) -> None:
    text = " ".join(parts)
    rows = lines.wrap(text, cells)
    assert all(lines.width(row) <= cells for row in rows)
    assert "".join(plain(row) for row in rows).replace(" ", "") == text.replace(" ", "")
    if all(lines.width(word) <= cells for word in text.split()):
        assert " ".join(plain(row) for row in rows).split() == text.split()


def test_stars_bars_and_figures_read_well() -> None:
    assert [figures.stars(v) for v in (0, 0.5, 4.5, 5)] == ["·····", "½    ", "★★★★½", "★★★★★"]
    assert figures.bar(0.5, 10) == "━" * 5
    assert figures.bar(1e-9, 10) == "╸"
    assert figures.bar(math.nan, 10) == ""
    assert figures.gauge(0.4, 5) == "━━───"
    assert figures.size(261_978_986) == "262 MB"
    assert figures.size(978_202) == "978 kB"
    assert figures.size(1_500_000_000) == "1.5 GB"
    assert figures.plus_minus(0.31) == "±.3"
    assert figures.plus_minus(None) == ""
    assert figures.signed(-0.06, 2) == "−0.06"
    assert [figures.seconds(s) for s in (0.014, 2.94, 42, 185)] == [
        "14 ms",
        "2.9 s",
        "42 s",
        "3 min",
    ]
    assert figures.counted(1, "film") == "1 film"
    assert figures.counted(1204, "film") == "1,204 films"


def test_a_terminal_without_utf8_gets_plain_ascii() -> None:
    glyphs.use("ascii")
    try:
        shown = (
            figures.stars(4.5) + figures.bar(0.55, 9) + figures.gauge(0.3, 9) + figures.signed(-1)
        )
        shown += lines.fit("far too long for this", 8) + plain(lines.rule(4))
        shown += plain(bar("rate", Status("demo, synthetic"), 80))
        shown = glyphs.shown(shown + "Amélie 七人の侍 “x” — ─┤│")
        assert lines.width(shown[-25:]) == 25
    finally:
        glyphs.use("braille")
    assert shown.isascii()
    assert "Amelie ???????? " in shown


@pytest.mark.parametrize(
    ("environment", "markers"),
    [
        ({"LANG": "en_US.UTF-8"}, "braille"),
        ({}, "braille"),
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "ascii"),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, "braille"),
        ({"LANG": "de_DE.ISO-8859-1"}, "ascii"),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, "blocks"),
        ({"LANG": "C", "REELRANK_MARKERS": "blocks"}, "blocks"),
    ],
)
def test_markers_follow_the_locale(environment: dict[str, str], markers: str) -> None:
    assert abilities.detect(environment).markers == markers


def test_a_slow_link_is_spared_unless_the_person_says_otherwise() -> None:
    environment = {"SSH_TTY": "/dev/pts/1", "TEXTUAL_FPS": "50"}
    abilities.set_defaults(environment)
    assert environment["TEXTUAL_FPS"] == "50"
    assert environment["TEXTUAL_SMOOTH_SCROLL"] == "0"
    assert abilities.detect(environment).chart_interval == 0.5
    assert abilities.detect({}).chart_interval == 0.25


@pytest.mark.parametrize(
    ("environment", "few"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm"}, True),
        ({"TERM": "linux"}, True),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, True),
    ],
)
def test_few_colours_are_noticed(environment: dict[str, str], few: bool) -> None:
    assert abilities.detect(environment).few_colours is few


def test_the_header_keeps_tabs_and_work_when_it_is_narrow() -> None:
    status = Status("ml-latest-small", "NNLS-ALS 16", "you", "training 43 %")
    for cells in (200, 80, 60, 40):
        text = plain(bar("train", status, cells))
        assert lines.width(text) == cells
        assert "training" in text
        assert "[T" in text
    assert "ml-latest-small · NNLS-ALS 16 · you" in plain(bar("train", status, 120))


# The form


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_every_algorithm_has_a_form_that_builds_it_again(name: str) -> None:
    form = Form(name)
    assert form.first_wrong is None
    assert form.algorithm() == ALGORITHMS[name]
    assert all(entry.parameter.help for entry in form.entries)


@given(
    st.sampled_from(list(ALGORITHMS)),
    st.lists(st.tuples(st.integers(0, 13), st.sampled_from([-1, 1])), max_size=40),
)
def test_stepping_never_leaves_what_a_field_takes(name: str, steps: list[tuple[int, int]]) -> None:
    form = Form(name)
    for field, by in steps:
        form.step(field % len(form.entries), by)
    assert form.first_wrong is None
    form.algorithm()


@pytest.mark.parametrize("text", ["abc", "", "1e999", "nan", "-1", "0", "501", "3.5", "1_0_x"])
def test_a_wrong_rank_says_what_it_takes(text: str) -> None:
    form = Form("ALS")
    place = [entry.name for entry in form.entries].index("factors")
    assert not form.put(place, text)
    assert form.first_wrong == place
    assert form.entries[place].wrong.startswith("Rank is ")
    assert "whole number from 1 to 500" in form.entries[place].wrong
    assert form.put(place, " 12 ")
    assert form.algorithm().factors == 12


def test_what_was_entered_for_an_algorithm_is_kept_while_another_is_looked_at() -> None:
    form = Form("ALS")
    form.put(1, "7")
    form.choose("SGD")
    form.choose("ALS")
    assert form.entries[1].text == "7"


@pytest.mark.parametrize("text", ["", "0 4", "501", "four", "4;5", "²"])
def test_wrong_ranks_of_a_sweep_say_so(text: str) -> None:
    assert "whole numbers from 1 to 500" in sweep.wrong(text)


def test_ranks_of_a_sweep_are_sorted_and_none_is_twice() -> None:
    assert sweep.parse("8, 2 4 2") == (2, 4, 8)


# Charts


def test_points_that_are_not_finite_are_dropped_and_many_are_thinned() -> None:
    ys = tuple(
        math.inf if i % 7 == 0 else math.nan if i % 5 == 0 else 1 / (i + 1) for i in range(20_000)
    )
    few = thinned(Series("loss", tuple(map(float, range(20_000))), ys), 100)
    assert 50 <= len(few.xs) <= 100
    assert all(map(math.isfinite, few.ys))


@pytest.mark.parametrize("markers", ["braille", "blocks", "ascii"])
def test_a_chart_fits_its_box(markers: abilities.Markers) -> None:
    curve = Series("train", tuple(map(float, range(1, 31))), tuple(1 / i for i in range(1, 31)))
    test = Series("test", curve.xs, tuple(1.2 / i for i in range(1, 31)), "own", dotted=True)
    for cells, rows in ((80, 24), (50, 14), (20, 6), (16, 5), (10, 3), (1, 1)):
        drawn = draw(Picture((curve, test), "MSE", "pass", (0, 30)), cells, rows, markers)
        assert len(drawn) <= rows
        assert all(lines.width(row) <= cells for row in drawn)
    picture = draw(Picture((curve, test), "MSE", "pass", (0, 30)), 50, 14, markers)
    assert {span.ink for row in picture for span in row} >= {"accent", "own", "dim"}


def test_what_the_axis_measures_is_told_even_where_its_figures_fill_the_row() -> None:
    curve = Series("train", (1.0, 15.0), (1.0, 0.5))
    full = draw(Picture((curve,), "MSE", "pass", (0, 15)), 49, 14, "braille")
    roomy = draw(Picture((curve,), "MSE", "pass", (0, 18)), 49, 14, "braille")
    assert plain(full[0]).startswith("MSE by pass")
    assert plain(roomy[0]).startswith("MSE  ")
    assert plain(roomy[-1]).endswith("pass")


def test_a_chart_of_nothing_says_what_would_fill_it() -> None:
    nan = Series("train", (1.0, 2.0), (math.nan, math.inf))
    drawn = draw(Picture((nan,), "MSE", empty="nothing yet"), 50, 14, "braille")
    assert drawn == [line(" ", ("nothing yet", "dim"))]


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30), st.booleans())
def test_limits_are_round_and_hold_the_better_points(ys: list[float], from_zero: bool) -> None:
    low, high = y_limits(ys, from_zero)
    assert low < high
    assert low <= min(ys) * (1 + 1e-9)
    assert not from_zero or low == 0
    assert 1 <= len(ticks(low, high, 4)) <= 12


# For you


@pytest.mark.parametrize("cells", [20, 40, 60, 80, 120])
def test_what_is_set_is_told_before_what_is_as_always(cells: int) -> None:
    wish = Wish(Filter(genre="Horror", known="well known"))
    told = plain(top_line(wish, 1204, cells))
    assert lines.width(told) == cells
    assert "1,204 films" in told
    assert cells < 60 or ("Horror" in told and "well known" in told)
    assert "any year" not in told or "well known" in told


# The map


def test_an_arrow_goes_to_the_nearest_film_in_its_direction() -> None:
    places = np.array([[0, 0], [1, 0], [5, 0.2], [-3, 0], [0, 4], [0, -4]], np.float32)
    window = map_text.whole(places, 41, 21)
    cells = map_text.grid(places, window, 41, 21)
    assert map_text.step(cells, 0, 1, 0) == 1
    assert map_text.step(cells, 1, 1, 0) == 2
    assert map_text.step(cells, 0, -1, 0) == 3
    assert map_text.step(cells, 0, 0, -1) == 4
    assert map_text.step(cells, 0, 0, 1) == 5
    assert map_text.step(cells, 2, 1, 0) is None


def test_films_of_one_s_own_are_stars_also_under_better_known_ones() -> None:
    places = np.array([[0, 0], [0, 0], [3, 0], [-3, 0]], np.float32)
    look = map_text.Look(None, False, "braille", str, frozenset({1}), labels=-1)
    cells = map_text.grid(places, map_text.whole(places, 20, 5), 20, 5)
    drawn = map_text.draw(cells, look, None)
    stars = [span for row in drawn for span in row if "★" in span.text]
    assert stars == [Span("★", "own")]


@given(st.integers(1, 60), st.integers(1, 30), st.integers(1, 80), st.booleans(), st.integers(0, 9))
def test_the_map_fills_its_box_whatever_the_titles(
    columns: int, rows: int, n: int, shapes: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(n, 2)).astype(np.float32)
    window = map_text.whole(places, columns, rows).zoomed(1.7, 0.1, 0.2)
    groups = rng.integers(-1, 11, n).astype(np.int32)
    names = ["七人の侍 and more", "[REC]", "Amélie"]
    look = map_text.Look(groups, shapes, "braille", lambda i: names[i % 3], frozenset({0}))
    drawn = map_text.draw(map_text.grid(places, window, columns, rows), look, n - 1)
    assert len(drawn) == rows
    assert {lines.width(row) for row in drawn} == {columns}


# Paths


def test_a_path_is_completed_as_far_as_there_is_one_way(tmp_path: Path) -> None:
    for name in ("movies-a", "movies-b", "other", ".hidden"):
        (tmp_path / name).mkdir()
    assert path_completion.complete(f"{tmp_path}/m") == (
        f"{tmp_path}/movies-",
        ["movies-a/", "movies-b/"],
    )
    assert path_completion.complete(f"{tmp_path}/o") == (f"{tmp_path}/other/", [])
    assert path_completion.complete(f"{tmp_path}/zz") == (f"{tmp_path}/zz", [])
    assert ".hidden/" not in path_completion.complete(f"{tmp_path}/")[1]
    assert path_completion.complete(f"{tmp_path}/.h")[0].endswith("/.hidden/")
    assert path_completion.complete("/nowhere/at/all") == ("/nowhere/at/all", [])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("~/data", "~/data"),
        ("~//data/ml", "/data/ml"),
        ("~/~/data", "~/data"),
        ("/a//b/~/c", "~/c"),
        ("/a/~/c//b", "/b"),
        ("", ""),
    ],
)
def test_a_whole_path_behind_another_takes_its_place(typed: str, meant: str) -> None:
    assert path_completion.begun_anew(typed) == meant


def test_the_home_folder_is_written_as_people_write_it(home: Path) -> None:
    said = f"Could not write {home}/a/b.csv: it is full."
    assert figures.homely(said) == "Could not write ~/a/b.csv: it is full."
    assert figures.homely("/elsewhere/b.csv") == "/elsewhere/b.csv"


# Jobs


class Post:
    """Takes messages as the app does."""

    def __init__(self) -> None:
        self.messages: list[JobMessage] = []
        self.jobs = Jobs(self)

    def __call__(self, message: Message) -> None:
        assert isinstance(message, JobMessage)
        self.messages.append(message)

    def wait(self, n: int) -> None:
        """Wait for so many last words, and take note of them as the app does."""
        noted = 0
        end = time.monotonic() + 20
        while noted < n:
            assert time.monotonic() < end
            last = [m for m in self.messages if not isinstance(m, Progressed)]
            if len(last) > noted:
                self.jobs.ended(last[noted].job)
                noted += 1
            time.sleep(0.005)

    def kinds(self) -> list[type]:
        return [type(m) for m in self.messages if not isinstance(m, Progressed)]


def counting(
    n: int, seen: list[int], started: threading.Event | None = None
) -> Generator[Moment[int], None, str]:
    for i in range(n):
        seen.append(i)
        if started is not None:
            started.set()
        yield Moment(i / n, i)
    return "done"


def test_a_job_tells_its_news_in_few_messages_and_its_result() -> None:
    post = Post()
    post.jobs.start(Job("train", "count", lambda: counting(200, [])))
    post.wait(1)
    progress = [m for m in post.messages if isinstance(m, Progressed)]
    assert [item for m in progress for item in m.news] == list(range(200))
    assert len(progress) < 20
    last = post.messages[-1]
    assert isinstance(last, Finished)
    assert last.result == "done"
    assert not post.jobs.running


def test_the_next_job_starts_only_when_the_thread_of_the_last_has_ended() -> None:
    post, begun, hold, order = Post(), threading.Event(), threading.Event(), list[str]()

    def stubborn() -> Generator[Moment[None], None, None]:
        order.append("first begins")
        begun.set()
        hold.wait(10)
        order.append("first ends")
        yield Moment(0.5)

    def second() -> Generator[Moment[None], None, None]:
        order.append("second begins")
        yield Moment(1.0)

    post.jobs.start(Job("train", "first", stubborn))
    assert begun.wait(10)
    post.jobs.start(Job("train", "second", second))
    current = post.jobs.of("train")
    assert current is not None
    assert current.title == "second"
    time.sleep(0.05)
    hold.set()
    post.wait(2)
    assert order == ["first begins", "first ends", "second begins"]
    assert post.kinds() == [Stopped, Finished]


def test_a_paused_job_stands_still_and_a_cancel_reaches_it() -> None:
    post, seen, started = Post(), list[int](), threading.Event()
    job = Job("train", "count", lambda: counting(100_000, seen, started))
    post.jobs.start(job)
    assert started.wait(10)
    job.pause()
    time.sleep(0.05)
    at = len(seen)
    time.sleep(0.05)
    assert len(seen) == at
    assert job.paused
    assert post.jobs.cancel("train")
    post.wait(1)
    assert post.kinds() == [Stopped]
    assert not post.jobs.cancel("train")


@pytest.mark.parametrize(
    ("error", "words_"),
    [
        (
            DataError("There is nothing at /x; check the path."),
            "There is nothing at /x; check the path.",
        ),
        (MemoryError(), "more memory than there is"),
        (ZeroDivisionError("by zero"), "faults.log"),
    ],
)
def test_whatever_goes_wrong_in_a_job_becomes_a_sentence(error: Exception, words_: str) -> None:
    def failing() -> Generator[Moment[None], None, None]:
        yield Moment(0.1)
        raise error

    post = Post()
    post.jobs.start(Job("load", "opening x", failing))
    post.wait(1)
    last = post.messages[-1]
    assert isinstance(last, Failed)
    assert words_ in last.sentence
    assert not post.jobs.running
