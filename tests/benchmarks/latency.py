"""The app as a person feels it, measured through a pseudo-terminal.

    python tests/benchmarks/latency.py [ROW ...] [--output latency.md]

Rows: version, paint, first-run, keys, many, bytes, idle, leave, slow; all of them unless told.

Protocol: the app runs as its own process on a pseudo-terminal, with an empty HOME and none of the
person's environment; this program writes keys, reads bytes, and keeps a grid of what stands on the
screen. Times run from the write of a key, or the start of the process, to the read of the bytes
that show the answer. Nothing is left out as an outlier. A loaded machine makes every time longer:
its load is printed with the table, the processor time with the time of a start, and beside the keys
how long a program took that does nothing but echo, measured in turn with them.

version    `reelrank --version`, start to end of the process, 15 times.
paint      Start to the first frame that shows the tabs, on a home that was used before, 9 times.
first-run  An empty home: start to the first frame, and to the first model in use, 5 times.
keys       On Rate, idle and while each algorithm trains on ratings of the shape of ML-1M: 60 of
           j and k, until the cursor stands on another row, and 60 of the digits, until the row
           shows the stars, 20 to 60 ms apart at random (seed 0).
many       87,000 titles, ALS or 40 sweeps of the Bayesian model in use, nothing running: a digit
           on Rate, and each letter of a search or of its taking back, until the last change of
           what stands on the screen before the app falls silent for 0.15 s.
bytes      The Train screen for the first 10 s of a training, at 80x24 and, over SSH, at 120x40;
           a frame is what lies between two marks of synchronised output, a rate what comes within
           a second. Both on 1M ratings and on the demo, whose passes are many a second. Colours
           take 24 bits.
idle       Bytes in 10 s on Rate, and in 3 s in each other room, once nothing runs.
leave      SIGTERM, SIGHUP and a closed terminal, on Train while ALS trains on 1M, until the process
           is gone; the terminal must be restored and the last rating kept.
slow       A link of 20,000 bytes a second, over SSH, 120x40, on Train while ALS trains on 1M: from
           `q` to the question whether to lose the training, and from `y` to the terminal back.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from data.profile import Profile
from engine import ALGORITHMS
from tests.benchmarks import folders
from tests.support.pseudoterminal import (
    APP,
    ECHO,
    NARROW,
    RESTORED,
    ROOT,
    WIDE,
    App,
    Arrival,
    environment,
    frames,
)

OVER_SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
SLOW = 20_000
"""Bytes a second."""
ROOMS = {"d": "dataset", "t": "passes", "f": "safe", "x": "map", "r": "Ask me next"}
"""A key, and a word that stands in the room it goes to."""
_SEARCHES = ("the bel", "cordra", "of an", "marfen kel", "a")


class Row(NamedTuple):
    """A line of the table."""

    what: str
    values: Sequence[float]
    """In the unit of `limit`; the table shows their middle, 95th percentile and highest."""
    limit: float
    unit: str
    at: float = 0.95
    """The share of the values that has to keep to the limit."""
    said: str = ""

    @property
    def held(self) -> bool:
        """Whether the limit is kept."""
        return share(self.values, self.at) <= self.limit

    def __str__(self) -> str:
        digits = 2 if self.unit == "s" else 0
        figures = " | ".join(f"{share(self.values, at):.{digits}f}" for at in (0.5, 0.95, 1))
        reach = f"≤ {self.limit:g} {self.unit}" + (" (95 %)" if self.at == 0.95 else "")
        held = "yes" if self.held else "**no**"
        return f"| {self.what} | {len(self.values)} | {figures} | {reach} | {held} | {self.said} |"


def share(values: Sequence[float], at: float) -> float:
    """Return the lowest value that the share `at` of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(at * len(ordered)), len(ordered) - 1)]


class Place(NamedTuple):
    """Where folders and homes are made."""

    folder: Path

    def home(self) -> Path:
        """Return a new, empty home."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def million(self) -> Path:
        """Return a folder of ratings of the shape of ML-1M."""
        return self._made("one-million", folders.million)

    def many(self) -> Path:
        """Return a folder of 87,000 titles."""
        return self._made("many-titles", folders.many_titles)

    def _made(self, name: str, make: Callable[[Path], Path]) -> Path:
        folder = self.folder / name
        return folder if folder.exists() else make(folder)


# Starting


def version(place: Place) -> Iterator[Row]:
    """Measure `--version`."""
    home, times = place.home(), []
    for _ in range(15):
        started = time.perf_counter()
        command = [*APP, "--version"]
        subprocess.run(command, cwd=ROOT, env=environment(home), capture_output=True, check=True)
        times.append(time.perf_counter() - started)
    yield Row("`--version`", times, 0.3, "s", 0.5)


def paint(place: Place) -> Iterator[Row]:
    """Measure from the start to the first paint."""
    home = place.home()
    paints, _, cpus = zip(*[_start(home) for _ in range(10)][1:], strict=True)
    yield Row("launch to first paint", paints, 0.6, "s", 0.5, _computed(cpus))


def first_run(place: Place) -> Iterator[Row]:
    """Measure the first start of all."""
    paints, models, cpus = zip(*(_start(place.home()) for _ in range(5)), strict=True)
    yield Row("first run: launch to first paint", paints, 0.6, "s", 0.5, _computed(cpus))
    yield Row("first run: launch to a trained model", models, 3, "s", 0.5)


def _start(home: Path) -> tuple[float, float, float]:
    """Start and leave; return the seconds to the first paint, to a model, and computed to paint."""
    with App(home) as app:
        painted = app.until_shown("Rate") - app.started
        computed = app.cpu()
        modelled = app.until_shown("ALS 32") - app.started
        app.until_idle()
        app.press("q")
        app.ended()
    return painted, modelled, computed


def _computed(seconds: Sequence[float]) -> str:
    """Say how long the processor worked, which a loaded machine changes less than the time."""
    return f"{share(seconds, 0.5):.2f} s of processor time"


# Keys


def keys(place: Place) -> Iterator[Row]:
    """Measure keys on Rate, idle and while each algorithm trains."""
    with (
        App(place.home(), command=ECHO) as echo,
        _opened(place.home(), place.million()) as app,
    ):
        yield _pressed(app, echo, "idle")
        for name in ALGORITHMS:
            _train(app, name)
            _go(app, "r")
            app.watch(1)
            yield _pressed(app, echo, f"training {name} on 1M")
            _go(app, "t")
            app.press("c")
            app.until(lambda: "training" not in app.grid.rows[0])


def _pressed(app: App, echo: App, when: str) -> Row:
    """Walk down and up the list and rate each film on the way."""
    rng = random.Random(0)
    moves, stars, echoes = [], [], []
    for turn in range(60):
        key = "j" if turn % 30 < 15 else "k"
        moves.append(_answered(app, key, lambda: _cursor_row(app)[:40]))
        app.watch(rng.uniform(0.02, 0.06))
        stars.append(_answered(app, _other_digit(app), lambda: _cursor_row(app)))
        app.watch(rng.uniform(0.02, 0.06))
        echoes.append(_echoed(echo))
    parts = {"moves": moves, "stars": stars, "echo": echoes}
    said = ", ".join(f"{name} {share(part, 0.95):.0f}" for name, part in parts.items())
    return Row(f"key to paint, {when}", [*moves, *stars], 50, "ms", said=f"95 %: {said}")


def _echoed(echo: App) -> float:
    """Return the milliseconds that a program takes which does nothing else."""
    key = "b" if echo.grid.rows[0].startswith("a") else "a"
    return _answered(echo, key, lambda: echo.grid.rows[0][0])


def _answered(app: App, key: str, look: Callable[[], str]) -> float:
    """Press a key; return the milliseconds until what is looked at is there and another."""
    before = look()
    pressed = app.press(key)
    return 1000 * (app.until(lambda: look() not in ("", before)) - pressed)


def _cursor_row(app: App) -> str:
    """Return the row of the list left of the wall that the cursor is on."""
    rows = (row for row in app.grid.rows if row.startswith("▸") and "│" in row)
    return next(rows, "").partition("│")[0]


def _other_digit(app: App) -> str:
    """Return a digit that gives the film under the cursor other stars than it has."""
    return str(_cursor_row(app).count("★") % 5 + 1)


def many(place: Place) -> Iterator[Row]:
    """Measure a rating and a search among 87,000 titles."""
    with App(place.home(), command=ECHO) as echo, _opened(place.home(), place.many()) as app:
        yield _rated(app, echo, "ALS")
        app.press("/")
        app.until_silent(0.3)
        letters, echoes = [], []
        for text in _SEARCHES:
            for typed in range(1, len(text) + 1):
                letters.append(_settled(app, text[typed - 1]))
                _check_found(app, text[:typed])
                echoes.append(_echoed(echo))
            letters += [_settled(app, "\x7f") for _ in text]
        said = f"95 %: echo {share(echoes, 0.95):.0f}"
        yield Row("key in the search, 87,000 titles", letters, 50, "ms", said=said)
        app.press("\x1b")
        app.until_shown("Ask me next")
        _train(app, "Bayesian", "40")
        app.until(lambda: "training" not in app.grid.rows[0], 120)
        app.press("\t")
        app.until_silent(0.3)
        app.press(" ")
        app.until(lambda: "Bayesian" in app.grid.rows[0])
        app.until_idle(120)
        _go(app, "r")
        app.until_idle()
        yield _rated(app, echo, "Bayesian")


def _rated(app: App, echo: App, model: str) -> Row:
    """Rate the films of the list, one after the other."""
    ratings, echoes = [], []
    for turn in range(36):
        ratings.append(_settled(app, _other_digit(app)))
        assert any("You gave" in row for row in app.grid.rows)
        _settled(app, "j" if turn % 36 < 18 else "k")
        echoes.append(_echoed(echo))
    said = f"95 %: echo {share(echoes, 0.95):.0f}"
    what = f"rating to new recommendations, 87,000 films, {model}"
    return Row(what, ratings, 50, "ms", said=said)


def _settled(app: App, key: str, quiet: float = 0.15) -> float:
    """Press a key; return the milliseconds to the last change on the screen before silence."""
    shown, at = app.grid.rows, 0.0
    pressed = app.press(key)
    while app.pump(quiet):
        if app.grid.rows != shown:
            shown, at = app.grid.rows, app.arrivals[-1].at - pressed
    return 1000 * at


def _check_found(app: App, text: str) -> None:
    """Fail unless the list shows what was searched for."""
    titles = [row.partition("│")[0].lower() for row in app.grid.rows[4:-3] if "·····" in row]
    fit = (word in title or "…" in title for title in titles for word in text.split())
    assert all(fit) if titles else False, "\n".join([f"after {text!r}:", *app.grid.rows])


# Bytes


def sent(place: Place) -> Iterator[Row]:
    """Count what a live chart sends."""
    for where, target in (("1M", str(place.million())), ("the demo", "demo")):
        for size, over_ssh in ((NARROW, False), (WIDE, True)):
            with _opened(place.home(), target, size, over_ssh=over_ssh) as app:
                _train(app, "ALS")
                app.until_shown("of 1000")
                before = len(app.arrivals)
                app.watch(10)
                arrivals = app.arrivals[before:]
            label = f"training on {where}, {size[0]}x{size[1]}" + (", SSH" if over_ssh else "")
            painted = [len(frame) for frame in frames(arrivals)]
            yield Row(f"bytes a frame, {label}", painted, 1500, "B", 1)
            rates = [_within(arrivals, a.at) for a in arrivals if a.at < arrivals[-1].at - 1]
            yield Row(f"bytes a second, {label}", rates, 5000, "B", 1)


def _within(arrivals: Sequence[Arrival], start: float) -> int:
    """Return how many bytes came in the second from `start`."""
    return sum(len(data) for at, data in arrivals if start <= at < start + 1)


def idle(place: Place) -> Iterator[Row]:
    """Count what an idle app sends."""
    with _opened(place.home(), place.million()) as app:
        for key, seconds in zip("rdtfx", (10, 3, 3, 3, 3), strict=True):
            _go(app, key)
            app.until_idle()
            before = app.n_bytes
            app.watch(seconds)
            what = f"bytes in {seconds} s, idle on {ROOMS[key]!r}"
            yield Row(what, [app.n_bytes - before], 0, "B", 1)


# Leaving


def leave(place: Place) -> Iterator[Row]:
    """Measure signals and a closed terminal while training."""
    ways: dict[str, Callable[[App], float]] = {
        "SIGTERM": lambda app: _signal(app, signal.SIGTERM),
        "SIGHUP": lambda app: _signal(app, signal.SIGHUP),
        "closed terminal": App.hang_up,
    }
    for name, way in ways.items():
        home, times, said = place.home(), list[float](), list[str]()
        for _ in range(3):
            with _opened(home, place.million()) as app:
                _go(app, "r")
                app.press(_other_digit(app))
                app.until_shown("You gave")
                given = _cursor_row(app).count("★")
                _train(app, "ALS")
                app.watch(2)
                began = way(app)
                gone = app.ended()
                times.append(gone - began if gone else float("inf"))
                said += _left_behind(app, home, given, restores=name != "closed terminal")
        yield Row(f"{name} while training 1M", times, 1, "s", 1, "; ".join(sorted(set(said))))


def _signal(app: App, name: signal.Signals) -> float:
    os.kill(app.pid, name)
    return time.perf_counter()


def _left_behind(app: App, home: Path, given: int, *, restores: bool) -> Iterator[str]:
    """Say what is as it should be, or not, after the process has gone."""
    if restores:
        back = all(sequence in app.output for sequence in RESTORED) and app.cooked()
        yield "terminal restored" if back else "**terminal not restored**"
    profile = Profile(path=home / "data" / "reelrank" / "profiles.sqlite")
    kept = [opinion.stars for opinion in profile.opinions()]
    profile.close()
    yield "rating kept" if given in kept else "**rating lost**"


def slow(place: Place) -> Iterator[Row]:
    """Measure leaving over a slow link."""
    questions, backs, home = [], [], place.home()
    for _ in range(3):
        with _opened(home, place.million(), WIDE, SLOW, over_ssh=True) as app:
            _train(app, "ALS")
            app.watch(5)
            pressed = app.press("q")
            questions.append(app.until_shown("would be lost") - pressed)
            app.watch(1)
            pressed = app.press("y")
            backs.append(app.until(partial(_is_restored, app)) - pressed)
            app.ended()
    yield Row("`q` to the question, 20 KB/s", questions, 1, "s", 1)
    yield Row("`y` to the terminal back, 20 KB/s", backs, 1, "s", 1)


def _is_restored(app: App) -> bool:
    return RESTORED[0] in app.output


# What all of them need


@contextmanager
def _opened(
    home: Path,
    target: object,
    size: tuple[int, int] = NARROW,
    rate: float | None = None,
    *,
    over_ssh: bool = False,
) -> Iterator[App]:
    """Start the app on a dataset and wait until its first model is trained and nothing runs."""
    link = OVER_SSH if over_ssh else {}
    with App(home, "--dataset", str(target), size=size, rate=rate, **link) as app:
        app.until_shown("ALS 32", 120)
        app.until_idle(120)
        yield app


def _go(app: App, key: str) -> None:
    """Go to a room."""
    app.press(key)
    app.until_shown(ROOMS[key])
    app.until(lambda: f"[{_NAMES[key]}]" in app.grid.rows[0])


_NAMES = {"d": "Data", "t": "Train", "r": "Rate", "f": "For you", "x": "eXplore"}


def _train(app: App, name: str, passes: str = "1000") -> None:
    """Start a training, which lasts longer than what is measured unless told, and see it run."""
    _go(app, "t")
    app.press("\x1b[H")
    app.until_shown("▸ algorithm")
    while _cursor_row(app).split()[2] != name:
        _answered(app, "l", lambda: _cursor_row(app))
    while "passes" not in _cursor_row(app):
        _answered(app, "j", lambda: _cursor_row(app))
    app.press(passes)
    app.until(lambda: passes in _cursor_row(app))
    app.press("\r")
    app.watch(0.2)
    app.press("\r")
    app.until(lambda: "training" in app.grid.rows[0])


ROWS: dict[str, Callable[[Place], Iterator[Row]]] = {
    "version": version,
    "paint": paint,
    "first-run": first_run,
    "keys": keys,
    "many": many,
    "bytes": sent,
    "idle": idle,
    "leave": leave,
    "slow": slow,
}


def main() -> None:
    """Print the table, and write it to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    unknown = set(arguments.rows) - set(ROWS)
    if unknown:
        parser.error(f"there is no row {', '.join(sorted(unknown))}; choose of {', '.join(ROWS)}")
    load = ", ".join(f"{n:.1f}" for n in os.getloadavg())
    lines = [
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"load average at the start {load}",
        "",
        "| what | n | middle | 95 % | highest | to reach | reached | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    print(*lines, sep="\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="latency-") as folder:
        for name in arguments.rows or ROWS:
            for row in ROWS[name](Place(Path(folder))):
                lines.append(str(row))
                print(row, flush=True)
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
