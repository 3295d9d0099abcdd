"""Work in threads: a thin loop that pulls a generator, minds a cancel, and posts messages.

The generator is the work, and it is lazy: not asking for its next moment is how a job pauses, and
never asking again is how it is cancelled. Threads are daemons, so that one deep inside a long step
cannot hold the process once the person has left.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from textual.message import Message

from data.errors import DataError
from engine import EngineError
from tui.session import fault_log
from tui.session.messages import Failed, Finished, Progressed, Stopped

Kind: TypeAlias = Literal["load", "train", "download", "prepare", "unfold", "import", "export"]
POST_EVERY = 0.25
"""Seconds between two progress messages."""
BREATH = 0.0005
"""Seconds that a job sleeps between two steps, so that keys stay quick."""


class Moment(NamedTuple):
    """What a piece of work yields: how far it is, and what is new."""

    progress: float | None = None
    """From 0 to 1; None where nobody can tell."""
    news: object = None
    """Anything that the app should hear of."""


Work: TypeAlias = Generator["Moment", None, object]


@dataclass(eq=False)
class Job:
    """A piece of work and its state; the app may look at it at any time."""

    kind: Kind
    title: str
    """What it does, for the header, as in `ALS 32`."""
    work: Callable[[], Work]
    """Called in the thread."""
    about: Any = None
    """Whatever the one who started it needs to recognise it."""
    progress: float | None = None
    _cancel: threading.Event = field(default_factory=threading.Event, repr=False)
    _go: threading.Event = field(default_factory=threading.Event, repr=False)

    def __post_init__(self) -> None:
        self._go.set()

    @property
    def cancelled(self) -> bool:
        """Whether it was told to stop."""
        return self._cancel.is_set()

    @property
    def paused(self) -> bool:
        """Whether it waits."""
        return not self._go.is_set()

    def cancel(self) -> None:
        """Stop at the next step."""
        self._cancel.set()
        self._go.set()

    def pause(self, paused: bool = True) -> None:
        """Wait at the next step, or go on."""
        if paused:
            self._go.clear()
        else:
            self._go.set()

    def rest(self) -> None:
        """Let other threads in, and wait while paused."""
        time.sleep(BREATH)
        self._go.wait()


class Jobs:
    """What runs now: one job of each kind at a time, the next only when the last has ended."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._running: dict[Kind, Job] = {}
        self._waiting: dict[Kind, Job] = {}

    @property
    def running(self) -> tuple[Job, ...]:
        """Every job whose thread has not ended, oldest first."""
        return tuple(self._running.values())

    def of(self, kind: Kind) -> Job | None:
        """Return the job of this kind that runs or waits to, unless it was cancelled."""
        for jobs in (self._waiting, self._running):
            job = jobs.get(kind)
            if job is not None and not job.cancelled:
                return job
        return None

    def start(self, job: Job) -> None:
        """Run `job`; a running one of its kind is cancelled and waited for first."""
        current = self._running.get(job.kind)
        if current is None:
            self._launch(job)
            return
        current.cancel()
        self._waiting[job.kind] = job

    def ended(self, job: Job) -> None:
        """Take note that the thread of `job` has ended; start what waits for it.

        The app calls this for `Finished`, `Stopped` and `Failed`, so that it happens in one thread.
        """
        if self._running.get(job.kind) is job:
            del self._running[job.kind]
        following = self._waiting.pop(job.kind, None)
        if following is None:
            return
        if following.cancelled:
            self._post(Stopped(following))
        else:
            self._launch(following)

    def cancel(self, kind: Kind) -> bool:
        """Cancel the job of this kind; return whether there was one."""
        job = self.of(kind)
        if job is not None:
            job.cancel()
        return job is not None

    def cancel_all(self) -> None:
        """Cancel everything, as when the app closes."""
        self._waiting.clear()
        for job in self.running:
            job.cancel()

    def _launch(self, job: Job) -> None:
        self._running[job.kind] = job
        threading.Thread(target=_run, args=(job, self._post), name=job.title, daemon=True).start()


def _run(job: Job, post: Callable[[Message], object]) -> None:
    try:
        post(_drive(job, post))
    except (DataError, EngineError) as error:
        post(Failed(job, str(error)))
    except MemoryError:
        post(Failed(job, f"{job.title} needs more memory than there is; try fewer factors."))
    except Exception as error:  # the thread's last door: whatever it is, the app goes on
        post(Failed(job, fault_log.record(error, job.title)))


def _drive(job: Job, post: Callable[[Message], object]) -> Message:
    """Pull the work to its end; return the message that says how it ended."""
    work = job.work()
    news: list[object] = []
    posted = 0.0
    while not job.cancelled:
        try:
            moment = next(work)
        except StopIteration as end:
            if news:
                post(Progressed(job, 1.0, tuple(news)))
            return Finished(job, end.value)
        job.progress = moment.progress
        if moment.news is not None:
            news.append(moment.news)
        if time.monotonic() - posted >= POST_EVERY:
            post(Progressed(job, moment.progress, tuple(news)))
            posted = time.monotonic()
            news = []
        job.rest()
    work.close()
    return Stopped(job)
