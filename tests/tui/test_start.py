"""The command line, and leaving: what is imported, what is printed, what signals do."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from data.profile import Profile
from tests.support.pseudoterminal import RESTORED, ROOT, App, frames
from tui.__main__ import main


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )


def test_the_version_is_told_without_loading_what_is_not_needed() -> None:
    code = (
        "import sys\nfrom tui.__main__ import main\n"
        "try:\n    main(['--version'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'textual', 'numpy', 'plotext', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("reelrank ")
    assert second == "[]"


def test_blas_is_told_how_many_threads_before_it_is_loaded() -> None:
    """Its threads would wait for each other on a busy machine, and the app for them."""
    code = (
        "import os, sys\nfrom tui.terminal import abilities\nimport tui.__main__\n"
        "assert 'numpy' not in sys.modules\nabilities.set_defaults()\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    for told, kept in (({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")):
        rest = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT,
            env=rest | told, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == kept


def test_paths_tells_where_things_are(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--paths"]) == 0
    assert str(home) in capsys.readouterr().out


def test_help_names_every_option() -> None:
    text = run("--help").stdout
    for option in ("--dataset", "--profile", "--paths", "--version"):
        assert option in text


def test_without_a_terminal_it_says_so_and_ends() -> None:
    done = run()
    assert done.returncode == 2
    assert "terminal" in done.stderr
    assert "Traceback" not in done.stderr


def test_q_leaves_at_once_when_nothing_runs_and_gives_the_terminal_back(home: Path) -> None:
    with App(home) as app:
        app.until_shown("ALS 32")
        app.press("q")
        assert app.ended()
        assert app.code == 0
        check_restored(app)


def check_restored(app: App) -> None:
    """Check that a shell can go on in the terminal."""
    assert all(sequence in app.output for sequence in RESTORED)
    assert app.cooked()
    assert b"Traceback" not in app.output


@contextmanager
def training(home: Path, **how: Any) -> Iterator[App]:
    """Start the app and bring it into the midst of a long training, with one film rated."""
    with App(home, **how) as app:
        app.until_shown("ALS 32")
        app.press("5t")
        app.until(lambda: "[Train]" in app.grid.rows[0])
        app.press("\x1b[C\x1b[C" + "jjj" + "999\r\r")
        app.until_shown("of 999")
        yield app


def kept() -> int:
    """Return how many films are rated in the person's file."""
    with closing(Profile("you")) as profile:
        return len(profile.opinions())


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order_while_it_trains(name: signal.Signals, home: Path) -> None:
    with training(home) as app:
        os.kill(app.pid, name)
        assert app.ended()
        check_restored(app)
    assert kept() == 1


def test_it_does_not_outlive_its_terminal(home: Path) -> None:
    with training(home) as app:
        app.hang_up()
        assert app.ended()
    assert kept() == 1


def test_without_colour_not_one_colour_code_is_sent(home: Path) -> None:
    with App(home, NO_COLOR="1") as app:
        app.until_shown("ALS 32")
        app.press("q")
        app.ended()
        assert b"38;2;" not in app.output
        assert b"48;2;" not in app.output
        assert b"38;5;" not in app.output


def test_an_idle_app_sends_nothing(home: Path) -> None:
    with App(home) as app:
        app.until_shown("ALS 32")
        app.until_silent(1.5)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_a_live_chart_sends_little_at_a_time(size: tuple[int, int], home: Path) -> None:
    with training(home, size=size) as app:
        # The frames that answer the start itself draw the room anew; from then on it is live.
        app.until(lambda: any(re.search(r"pass \d\d+ of 999", row) for row in app.grid.rows))
        before = len(app.arrivals)
        app.until(lambda: len(frames(app.arrivals[before:])) > 12)
        painted = frames(app.arrivals[before:])
    assert max(map(len, painted)) <= 1500


def test_what_is_sent_of_a_live_chart_makes_up_the_whole_of_it(home: Path) -> None:
    with training(home, size=(120, 40)) as app:
        before = len(app.arrivals)
        app.until(lambda: len(frames(app.arrivals[before:])) > 12)
        app.press("c")
        app.until(lambda: "training" not in app.grid.rows[0])
        app.until_silent(1.5)
        bit_by_bit = app.grid.rows
        app.press("r")
        app.until(lambda: "[Rate]" in app.grid.rows[0])
        app.press("t")
        app.until(lambda: "[Train]" in app.grid.rows[0])
        app.until_silent(1.5)
        assert app.grid.rows == bit_by_bit


def test_a_room_under_a_dialog_sends_nothing_and_goes_on_afterwards(home: Path) -> None:
    with training(home) as app:
        app.press("q")
        app.until_shown("would be lost")
        app.until_silent(1.5)
        app.press("n")
        app.until(lambda: "training" in app.grid.rows[0])
        before = len(app.arrivals)
        app.until(lambda: len(frames(app.arrivals[before:])) > 3)


def test_who_leaves_a_training_is_not_sent_the_room_once_more(home: Path) -> None:
    with training(home) as app:
        app.press("q")
        app.until_shown("would be lost")
        app.until_silent(1.5)
        before = app.n_bytes
        app.press("y")
        assert app.ended()
        assert app.n_bytes - before < 1500
        check_restored(app)
