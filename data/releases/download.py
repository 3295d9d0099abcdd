"""Downloading a MovieLens release: a generator that the caller drives.

Not asking for more is how one cancels; asking again later goes on where it stopped. The zip is
never unpacked: once its checksum is right it is moved into place and read as it is. pooch would
check and place files as well, but it neither resumes nor can it be stopped, so it is not used.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from data.errors import CannotWrite, cannot_write
from data.releases.movielens import Release
from data.releases.transfer import DownloadFailed, Transfer, fetch_text, hint

if sys.platform != "win32":
    import fcntl

SPARE = 50 << 20
"""Bytes that must stay free on the disk."""
EVERY = 0.1
"""Seconds between two reports."""
SLACK = 1 << 20
"""A release whose size is only known roughly may be larger by half and this."""


@dataclass(frozen=True)
class Downloading:
    """A moment of a download: how far it is and, at the end, the file."""

    done: int
    """Bytes here."""
    total: int
    """Bytes in all."""
    speed: float = 0.0
    """Bytes a second, over the last few seconds."""
    path: Path | None = None
    """The verified zip, in the last step."""

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time to the end at this speed; None while it stands still."""
        return max(self.total - self.done, 0) / self.speed if self.speed > 0 else None


def download(release: Release, timeout: float = 20.0) -> Generator[Downloading, None, None]:
    """Yield how far the download of `release` is, and in the last step its zip.

    `timeout` is the number of seconds that the server may be silent.

    Raises
    ------
    DownloadFailed
        Offline, refused, a bad certificate, not there, silent, broken off, or not the published
        file. What has come stays here for the next try, unless it is wrong.
    CannotWrite
        If there is no room for it, or no permission.
    """
    if release.is_here:
        size = release.path.stat().st_size
        yield Downloading(size, size, path=release.path)
        return
    yield Downloading(release.bytes_here, release.n_bytes)
    _make_room(release)
    expected = release.md5 or _published(release, timeout)
    if release.bytes_here != release.n_bytes:
        with Transfer(release.url, release.bytes_here, timeout) as transfer:
            yield from _receive(release, transfer)
    _verify(release, expected)
    size = release.path.stat().st_size
    yield Downloading(size, size, path=release.path)


def _make_room(release: Release) -> None:
    folder = release.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise cannot_write(folder, error) from error
    needed = release.n_bytes - release.bytes_here + SPARE
    if free < needed:
        raise CannotWrite(
            f"{release.name} needs {needed / 1e6:,.0f} MB of space in {folder}, but only"
            f" {free / 1e6:,.0f} MB are free; free some space and try again."
        )


def _published(release: Release, timeout: float) -> str:
    """Return the checksum that stands beside a release that changes from time to time."""
    text = fetch_text(f"{release.url}.md5", timeout)
    found = re.search(r"\b[0-9a-f]{32}\b", text.lower())
    if found is None:
        raise DownloadFailed(f"{release.url}.md5 holds no checksum to check the file by; {hint()}")
    return found[0]


def _receive(release: Release, transfer: Transfer) -> Iterator[Downloading]:
    total = transfer.total or release.n_bytes
    most = max(release.n_bytes, transfer.start) * 3 // 2 + SLACK
    try:
        with release.part.open("r+b" if transfer.start else "ab") as file:
            _alone(file, release)
            file.seek(transfer.start)
            file.truncate()
            yield from _write(file, transfer, total, most)
    except OSError as error:
        raise cannot_write(release.part, error) from error


def _alone(file: IO[bytes], release: Release) -> None:
    """See to it that no other program writes to the same file, where the system can tell."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DownloadFailed(
            f"Another program is downloading {release.name} already; wait for it to finish."
        ) from None
    except OSError:  # some network disks know no locks
        return


def _write(file: IO[bytes], transfer: Transfer, total: int, most: int) -> Iterator[Downloading]:
    done, speed = transfer.start, 0.0
    since, at_since = time.monotonic(), done
    for chunk in transfer.chunks(EVERY):
        file.write(chunk)
        done += len(chunk)
        if done > most:
            file.truncate(0)
            raise DownloadFailed(f"The server sent more than the whole file; {hint()}")
        now = time.monotonic()
        if now - since >= EVERY:
            latest = (done - at_since) / (now - since)
            speed = latest if not speed else 0.9 * speed + 0.1 * latest
            since, at_since = now, done
            yield Downloading(done, total, speed)
    file.flush()
    if transfer.total and done < transfer.total:
        raise DownloadFailed(
            f"The connection broke off at {done / transfer.total:.0%}; try again to go on from"
            " there."
        )


def _verify(release: Release, expected: str) -> None:
    try:
        with release.part.open("rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
        if found == expected:
            release.part.replace(release.path)
            return
        release.part.unlink()
    except OSError as error:
        raise cannot_write(release.part, error) from error
    raise DownloadFailed(
        f"What came from {release.url} is not the published file: its checksum differs, so it was"
        f" deleted; try again later, or {hint()}"
    )
