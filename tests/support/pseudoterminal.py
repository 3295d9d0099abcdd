"""The app in a pseudo-terminal, as a person meets it: keys in, bytes out, a screen to look at."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
APP = (sys.executable, "-m", "tui")
ECHO = (
    sys.executable,
    "-c",
    "import os, tty\ntty.setraw(0)\nwhile True: os.write(1, b'\\x1b[H' + os.read(0, 1))",
)
"""A program that only shows the last key: no app can answer sooner."""
NARROW, WIDE = (80, 24), (120, 40)
CHUNK = 1024
"""Bytes that a slow link takes at once."""
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?25h")
"""Alternate screen left, mouse off, cursor shown."""
_KEPT = ("PATH", "VIRTUAL_ENV", "PYTHONPATH", "TMPDIR")
_FOLDERS = ("DATA", "CACHE", "CONFIG", "STATE")
_SEQUENCE = re.compile(
    r"\x1b(?:\[([?<=>]?)([0-9;]*)[ $]?([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()].|[=>78cDEHMZ])"
)
_ASKS_FOR_SYNC, _HAS_SYNC = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_TICKS = os.sysconf("SC_CLK_TCK")


class Grid:
    """What stands on the screen: of a terminal only as much as Textual uses."""

    def __init__(self, columns: int, rows: int) -> None:
        self._cells = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._rest = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    @property
    def rows(self) -> list[str]:
        """The text of each row; the second cell of a wide character is empty."""
        return ["".join(row) for row in self._cells]

    def feed(self, data: bytes) -> None:
        """Draw what the app has sent; a sequence cut in two waits for its rest."""
        text = self._rest + self._decode(data)
        at = 0
        while (escape := text.find("\x1b", at)) >= 0:
            self._write(text[at:escape])
            found = _SEQUENCE.match(text, escape)
            if found is None:
                at = escape
                break
            if found[3] == "H":
                y, _, x = found[2].partition(";")
                self._y, self._x = int(y or 1) - 1, int(x or 1) - 1
            at = found.end()
        else:
            self._write(text[at:])
            at = len(text)
        self._rest = text[at:]

    def _write(self, text: str) -> None:
        for character in text:
            if character < " " or not 0 <= self._y < len(self._cells):
                continue
            row = self._cells[self._y]
            for cell in (character, "")[: _cells(character)]:
                if self._x < len(row):
                    row[self._x] = cell
                    self._x += 1


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Arrival(NamedTuple):
    """Bytes that came at once."""

    at: float
    """Seconds, as `time.perf_counter` has them."""
    data: bytes


class App:
    """The app, started with an empty environment and a home of its own.

    Parameters
    ----------
    home : its HOME
    arguments : for the command line
    size : columns and rows
    rate : bytes a second that the link takes; all at once where None
    command : what to start
    environment : what to set besides
    """

    def __init__(
        self,
        home: Path,
        *arguments: str,
        size: tuple[int, int] = NARROW,
        rate: float | None = None,
        command: Sequence[str] = APP,
        **environment: str,
    ) -> None:
        self.grid = Grid(*size)
        self.arrivals: list[Arrival] = []
        self._rate = rate
        self._reads_at = 0.0
        self.code: int | None = None
        """Its exit code, once it has ended; the negative signal that ended it."""
        self.started = time.perf_counter()
        with warnings.catch_warnings():  # other threads do no harm to a child that starts anew
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid, self.fd = pty.fork()
        if self.pid == 0:
            _become([*command, *arguments], home, size, environment)

    @property
    def n_bytes(self) -> int:
        """How many bytes it has sent so far."""
        return sum(len(arrival.data) for arrival in self.arrivals)

    @property
    def output(self) -> bytes:
        """All that it has sent so far."""
        return b"".join(arrival.data for arrival in self.arrivals)

    def pump(self, wait: float) -> bool:
        """Take what comes within `wait` seconds; return whether anything did."""
        end = time.perf_counter() + wait
        if self.fd < 0:
            time.sleep(wait)
            return False
        if self._reads_at > time.perf_counter():
            time.sleep(max(min(self._reads_at, end) - time.perf_counter(), 0))
            if self._reads_at > end:
                return False
        ready, _, _ = select.select([self.fd], [], [], max(end - time.perf_counter(), 0))
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536 if self._rate is None else CHUNK)
        except OSError:  # the other side is closed
            time.sleep(max(end - time.perf_counter(), 0))
            return False
        now = time.perf_counter()
        if self._rate is not None:
            self._reads_at = max(self._reads_at, now - 0.01) + len(data) / self._rate
        self.arrivals.append(Arrival(now, data))
        self.grid.feed(data)
        if _ASKS_FOR_SYNC in data:
            os.write(self.fd, _HAS_SYNC)
        return True

    def watch(self, seconds: float) -> None:
        """Take what comes for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.pump(left)

    def until(self, true: Callable[[], object], patience: float = 60) -> float:
        """Take what comes until something holds; return when that was.

        Raises
        ------
        TimeoutError
            With the screen as it is, if it does not come to hold.
        """
        end = time.perf_counter() + patience
        while not true():
            came = self.pump(max(min(end - time.perf_counter(), 0.1), 0))
            if not came and time.perf_counter() >= end:
                raise TimeoutError("waited in vain before\n" + "\n".join(self.grid.rows))
        return self.arrivals[-1].at if self.arrivals else time.perf_counter()

    def until_shown(self, text: str, patience: float = 60) -> float:
        """Take what comes until `text` stands on the screen; return when that was."""
        return self.until(lambda: any(text in row for row in self.grid.rows), patience)

    def until_silent(self, quiet: float, patience: float = 60) -> None:
        """Take what comes until nothing has for `quiet` seconds."""
        end = time.perf_counter() + patience
        while self.pump(quiet):
            if time.perf_counter() > end:
                raise TimeoutError("never silent")

    def until_idle(self, patience: float = 60) -> None:
        """Take what comes until it neither sends nor computes, as when a person looks at it."""
        end = time.perf_counter() + patience
        while time.perf_counter() < end:
            before, sent = self.cpu(), self.n_bytes
            self.watch(0.5)
            if self.cpu() - before < 0.05 and self.n_bytes == sent:
                return
        raise TimeoutError("never idle")

    def cpu(self) -> float:
        """Return the seconds of processor time it has used; Linux only."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def press(self, keys: str) -> float:
        """Press keys; return when that was."""
        now = time.perf_counter()
        os.write(self.fd, keys.encode())
        return now

    def ended(self, patience: float = 20) -> float | None:
        """Take what comes until the process is gone; return when that was, None if it is not."""
        end = time.perf_counter() + patience
        while time.perf_counter() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                now = time.perf_counter()
                self.code = os.waitstatus_to_exitcode(status)
                self.watch(0.1)
                return now
            self.pump(0.005)
        return None

    def cooked(self) -> bool:
        """Return whether the terminal edits lines and echoes again, as a shell wants it."""
        modes = termios.tcgetattr(self.fd)[3]
        return bool(modes & termios.ICANON and modes & termios.ECHO)

    def hang_up(self) -> float:
        """Close the terminal under it; return when that was."""
        os.close(self.fd)
        self.fd = -1
        return time.perf_counter()

    def __enter__(self) -> App:
        return self

    def __exit__(self, *_: object) -> None:
        """End it, whatever it does."""
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.fd >= 0:
            os.close(self.fd)


_FRAME = re.compile(rb"\x1b\[\?2026h(.*?)\x1b\[\?2026l", re.DOTALL)


def frames(arrivals: Sequence[Arrival]) -> list[bytes]:
    """Return what was painted, a frame each: what lies between marks of synchronised output."""
    return _FRAME.findall(b"".join(arrival.data for arrival in arrivals))


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing of the person's own is seen."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    terminal = {
        "REELRANK_IMPROVE": "no",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in _FOLDERS}
    return kept | terminal | folders | {"HOME": str(home)} | more


def _become(command: list[str], home: Path, size: tuple[int, int], more: dict[str, str]) -> None:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    os.chdir(ROOT)
    os.execve(command[0], command, environment(home, **more))
