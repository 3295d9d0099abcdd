"""What workers tell the app. They post these and nothing else, and never touch a widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from tui.session.jobs import Job


@dataclass
class JobMessage(Message):
    """Something about a job that runs in its own thread."""

    job: Job


@dataclass
class Progressed(JobMessage):
    """A job has come further; sent at most a few times a second."""

    progress: float | None
    """From 0 to 1; None where nobody can tell."""
    news: tuple[object, ...] = ()
    """What it has reported since the last message, oldest first."""


@dataclass
class Finished(JobMessage):
    """A job has done all it had to do."""

    result: object = None


@dataclass
class Stopped(JobMessage):
    """A job was cancelled and its thread has ended."""


@dataclass
class Failed(JobMessage):
    """A job could not go on."""

    sentence: str
    """What is wrong and what to do, for a person."""
