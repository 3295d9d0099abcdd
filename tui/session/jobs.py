"""Work in threads: a thin loop that pulls a generator, minds a cancel, and posts messages.

The generator is the work, and it is lazy: not asking for its next moment is how a job pauses, and
never asking again is how it is cancelled. Threads are daemons, so that one deep inside a long step
cannot hold the process once the person has left.

Threads never touch a widget: they post messages, and the app delivers each in its own thread to the
callbacks that the job carries.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from textual.message import Message

from data.errors import DataError
from engine import EngineError
from tui.session import fault_log

Slot: TypeAlias = Literal[
    "load", "train", "improve", "download", "prepare", "unfold", "import", "export"
]
"""What a job occupies: of each, one job runs at a time."""
POST_EVERY = 0.25
"""Seconds between two progress messages."""
BREATH = 0.0005
"""Seconds that a job sleeps between two steps, so that keys stay quick."""

News = TypeVar("News")
Result = TypeVar("Result")


class Moment(NamedTuple, Generic[News]):
    """What a job's generator yields: how far it is, and what is new."""

    progress: float | None = None
    """From 0 to 1; None where nobody can tell."""
    news: News | None = None
    """Anything that the app should hear of."""


def _ignore(_: object) -> None:
    """Take note of nothing."""


def _nothing() -> None:
    """Do nothing."""


@dataclass(eq=False)
class Job(Generic[News, Result]):
    """A piece of work, its state, and who is told of its result.

    The callbacks run in the app's thread. A job without `failed` has its fault told to the person.
    """

    slot: Slot
    title: str
    """What it does, for the header, as in `ALS 32`."""
    work: Callable[[], Generator[Moment[News], None, Result]]
    """Called in the thread."""
    done: Callable[[Result], None] = _ignore
    """Told the result, once the work is done."""
    heard: Callable[[News], None] = _ignore
    """Told the news, in order."""
    stopped: Callable[[], None] = _nothing
    """Told that the work was cancelled and its thread has ended."""
    failed: Callable[[str], None] | None = None
    """Told in a sentence why the work could not go on."""
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


AnyJob: TypeAlias = Job[Any, Any]


@dataclass
class JobMessage(Message):
    """Something about a job that runs in its own thread."""

    job: AnyJob

    def deliver(self) -> None:
        """Tell the job's callbacks; called in the app's thread."""


@dataclass
class Progressed(JobMessage):
    """A job has come further; sent at most a few times a second."""

    progress: float | None
    """From 0 to 1; None where nobody can tell."""
    news: tuple[object, ...] = ()
    """What it has reported since the last message, oldest first."""

    def deliver(self) -> None:
        """Tell the news, in order."""
        for one in self.news:
            self.job.heard(one)


@dataclass
class Finished(JobMessage):
    """A job has done all it had to do."""

    result: object = None

    def deliver(self) -> None:
        """Tell the result."""
        self.job.done(self.result)


@dataclass
class Stopped(JobMessage):
    """A job was cancelled and its thread has ended."""

    def deliver(self) -> None:
        """Tell that it has ended."""
        self.job.stopped()


@dataclass
class Failed(JobMessage):
    """A job could not go on."""

    sentence: str
    """What is wrong and what to do, for a person."""

    def deliver(self) -> None:
        """Tell why, where somebody waits for the result."""
        if self.job.failed is not None:
            self.job.failed(self.sentence)


class Jobs:
    """What runs now: one job in each slot at a time, the next only when the last has ended."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._running: dict[Slot, AnyJob] = {}
        self._waiting: dict[Slot, AnyJob] = {}

    @property
    def running(self) -> tuple[AnyJob, ...]:
        """Every job whose thread has not ended, oldest first."""
        return tuple(self._running.values())

    def of(self, slot: Slot) -> AnyJob | None:
        """Return the job in this slot that runs or waits to, unless it was cancelled."""
        for jobs in (self._waiting, self._running):
            job = jobs.get(slot)
            if job is not None and not job.cancelled:
                return job
        return None

    def start(self, job: AnyJob) -> None:
        """Run `job`; a running one in its slot is cancelled and waited for first."""
        current = self._running.get(job.slot)
        if current is None:
            self._launch(job)
            return
        current.cancel()
        self._waiting[job.slot] = job

    def ended(self, job: AnyJob) -> None:
        """Take note that the thread of `job` has ended; start what waits for it.

        The app calls this for `Finished`, `Stopped` and `Failed`, so that it happens in one thread.
        """
        if self._running.get(job.slot) is job:
            del self._running[job.slot]
        following = self._waiting.pop(job.slot, None)
        if following is None:
            return
        if following.cancelled:
            self._post(Stopped(following))
        else:
            self._launch(following)

    def cancel(self, slot: Slot) -> bool:
        """Cancel the job in this slot; return whether there was one."""
        job = self.of(slot)
        if job is not None:
            job.cancel()
        return job is not None

    def cancel_all(self) -> None:
        """Cancel everything, as when the app closes."""
        self._waiting.clear()
        for job in self.running:
            job.cancel()

    def _launch(self, job: AnyJob) -> None:
        self._running[job.slot] = job
        threading.Thread(target=_run, args=(job, self._post), name=job.title, daemon=True).start()


def _run(job: AnyJob, post: Callable[[Message], object]) -> None:
    try:
        post(_drive(job, post))
    except (DataError, EngineError) as error:
        post(Failed(job, str(error)))
    except MemoryError:
        post(Failed(job, f"{job.title} needs more memory than there is; try fewer factors."))
    except Exception as error:  # the thread's last door: whatever it is, the app goes on
        post(Failed(job, fault_log.record(error, job.title)))


def _drive(job: AnyJob, post: Callable[[Message], object]) -> Message:
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
