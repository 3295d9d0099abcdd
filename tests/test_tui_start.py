"""The command line, and leaving: what is imported, what is printed, what signals do."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import closing
from pathlib import Path

import pytest

from data.profile import Profile
from tui.__main__ import main

HOUSE = Path(__file__).resolve().parent.parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=HOUSE, timeout=60, check=False
    )


def test_the_version_is_told_without_loading_what_is_not_needed() -> None:
    code = (
        "import sys\nfrom tui.__main__ import main\n"
        "try:\n    main(['--version'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'textual', 'numpy', 'plotext', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=HOUSE, check=True
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("reelrank ")
    assert second == "[]"


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


class Terminal:
    """The app in a pseudo-terminal of its own."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(HOUSE)
            os.environ.update({"TERM": "xterm-256color", "LANG": "C.UTF-8"} | environment)
            os.execv(sys.executable, [sys.executable, "-m", "tui", *arguments])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.output = b""

    def read_until(self, *texts: bytes, patience: float = 60) -> None:
        """Read until the app has written one of `texts`."""
        end = time.monotonic() + patience
        while not any(text in self.output for text in texts):
            assert time.monotonic() < end, self.output[-2000:]
            self._read(0.1)

    def write(self, keys: bytes) -> None:
        """Type keys, all at once."""
        self.output = b""
        os.write(self.fd, keys)

    def _read(self, wait: float) -> None:
        ready, _, _ = select.select([self.fd], [], [], wait)
        if ready:
            try:
                self.output += os.read(self.fd, 65536)
            except OSError:
                time.sleep(wait)

    def wait(self, patience: float = 20) -> int:
        """Read until the process ends; return its exit status."""
        end = time.monotonic() + patience
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._read(0.1)
                return status
            assert time.monotonic() < end, "still running"
            self._read(0.05)


RESTORED = b"\x1b[?1049l"


def test_q_leaves_at_once_when_nothing_runs_and_gives_the_terminal_back() -> None:
    app = Terminal()
    app.read_until(b"Ask me next")
    app.read_until(b"ALS 32")
    os.write(app.fd, b"q")
    assert os.waitstatus_to_exitcode(app.wait()) == 0
    assert RESTORED in app.output
    assert b"Traceback" not in app.output


def rating_and_training() -> Terminal:
    """Return the app in the midst of a long training, with one film rated."""
    app = Terminal()
    app.read_until(b"Ask me next")
    app.read_until(b"ALS 32")
    app.write(b"5t")
    app.read_until(b"Press enter", b"MSE")
    app.write(b"\x1b[C\x1b[C" + b"jjj" + b"999\r\r")
    app.read_until(b"of 999")
    return app


def kept() -> int:
    """Return how many films are rated in the person's file."""
    with closing(Profile("you")) as profile:
        return len(profile.opinions())


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order_while_it_trains(name: signal.Signals, home: Path) -> None:
    app = rating_and_training()
    os.kill(app.pid, name)
    app.wait()
    assert RESTORED in app.output
    assert b"Traceback" not in app.output
    assert kept() == 1


def test_it_does_not_outlive_its_terminal(home: Path) -> None:
    app = rating_and_training()
    os.close(app.fd)
    end = time.monotonic() + 20
    while os.waitpid(app.pid, os.WNOHANG)[0] == 0:
        assert time.monotonic() < end, "still running"
        time.sleep(0.05)
    assert kept() == 1


def test_without_colour_not_one_colour_code_is_sent() -> None:
    app = Terminal(NO_COLOR="1")
    app.read_until(b"Ask me next")
    app.read_until(b"ALS 32")
    os.write(app.fd, b"q")
    app.wait()
    assert b"38;2;" not in app.output
    assert b"48;2;" not in app.output
    assert b"38;5;" not in app.output


def test_an_idle_app_sends_nothing() -> None:
    app = Terminal()
    app.read_until(b"ALS 32")
    silent = 0
    end = time.monotonic() + 40
    while silent < 15:
        assert time.monotonic() < end, "never silent"
        before = len(app.output)
        app._read(0.1)
        silent = silent + 1 if len(app.output) == before else 0
    os.write(app.fd, b"q")
    app.wait()
