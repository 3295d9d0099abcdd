"""Downloads against a server on this machine that misbehaves in every way real ones do."""

from __future__ import annotations

import hashlib
import io
import os
import re
import resource
import socket
import ssl
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import data
from data.errors import CannotWrite, DataError
from data.releases import movielens
from data.releases.download import Downloading, download
from data.releases.movielens import Release
from data.releases.transfer import DownloadFailed
from tests.support.certificates import EXPIRED, KEY, UNKNOWN
from tests.support.narrowing import present


def _zip() -> bytes:
    """A whole small dataset, with ballast that does not compress so that chunks are many."""
    rows = [
        f"{u},{m},{(u * m) % 9 / 2 + 0.5},964982703" for u in range(1, 40) for m in range(1, 20)
    ]
    films = [f'{m},"Film {m}, The (19{m + 50})",Drama' for m in range(1, 20)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "ml-test/ratings.csv", "userId,movieId,rating,timestamp\n" + "\n".join(rows)
        )
        archive.writestr("ml-test/movies.csv", "movieId,title,genres\n" + "\n".join(films))
        archive.writestr("ml-test/ballast.bin", os.urandom(600_000))
    return packed.getvalue()


ZIP = _zip()
MD5 = hashlib.md5(ZIP).hexdigest()


@dataclass
class Behaviour:
    """What the server does next, and what it was asked."""

    status: int = 200
    ranges: bool = True
    stop_after: int | None = None
    hang_after: int | None = None
    content: bytes = ZIP
    told_length: int | None = None
    asked: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def do_GET(self) -> None:
        how = self.behaviour
        how.asked.append(self.headers.get("Range", ""))
        if self.path.endswith(".md5"):
            self._send(f"MD5 (x.zip) = {MD5}\n".encode(), 200, {})
        elif how.status != 200:
            self._send(b"no", how.status, {})
        else:
            self._send_zip(how)

    def _send_zip(self, how: Behaviour) -> None:
        first = 0
        found = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        headers = {}
        status = 200
        if found and how.ranges:
            first = int(found[1])
            status = 206
            if first >= len(how.content):
                self._send(b"", 416, {})
                return
            headers["Content-Range"] = f"bytes {first}-{len(how.content) - 1}/{len(how.content)}"
        self._send(how.content[first:], status, headers)

    def _send(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        how = self.behaviour
        self.send_response(status)
        length = how.told_length if how.told_length is not None else len(body)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if how.hang_after is not None:
            self.wfile.write(body[: how.hang_after])
            self.wfile.flush()
            how.released.wait(10)
        elif how.stop_after is not None:
            self.wfile.write(body[: how.stop_after])
            self.close_connection = True
        else:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    block_on_close = True
    daemon_threads = False

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what these tests are about."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Behaviour]:
    how = Behaviour()
    handler = type("Handler", (_Handler,), {"behaviour": how})
    with _Server(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv(movielens.MIRROR, f"http://127.0.0.1:{running.server_port}")
        monkeypatch.setenv("no_proxy", "*")
        yield how
        how.released.set()
        running.shutdown()


@pytest.fixture
def release(server: Behaviour) -> Release:
    small = movielens.release("ml-latest-small")
    return replace(small, name="ml-test", md5=MD5, n_bytes=len(ZIP))


def _fails(release: Release, timeout: float = 5.0) -> str:
    with pytest.raises(DownloadFailed) as caught:
        list(download(release, timeout))
    text = str(caught.value)
    assert text.endswith(".")
    assert "Traceback" not in text
    assert "\n" not in text
    assert not release.is_here
    return text


def test_downloads_checks_and_reads_from_the_zip(release: Release) -> None:
    steps = list(download(release))
    assert steps[-1].path == release.path
    assert release.path.read_bytes() == ZIP
    assert not release.part.exists()
    dataset = data.read(release.path)
    assert len(dataset.ratings) == 39 * 19
    assert dataset.catalogue[0].label == "The Film 1 (1951)"


def test_a_dataset_that_is_here_is_not_downloaded_again(
    release: Release, server: Behaviour
) -> None:
    list(download(release))
    asked = len(server.asked)
    assert [step.path for step in download(release)] == [release.path]
    assert len(server.asked) == asked


def test_cancel_keeps_what_has_come_and_the_next_try_goes_on(
    release: Release, server: Behaviour
) -> None:
    server.hang_after = 300_000
    for step in download(release):
        if step.done == 300_000:
            break
    assert release.bytes_here == 300_000
    assert not release.is_here
    server.hang_after = None
    assert list(download(release))[-1].path == release.path
    assert server.asked[-1] == "bytes=300000-"
    assert release.path.read_bytes() == ZIP


def test_a_broken_connection_says_where_and_is_resumed(release: Release, server: Behaviour) -> None:
    server.stop_after = len(ZIP) // 2
    assert "broke off at 50%" in _fails(release)
    server.stop_after = None
    assert list(download(release))[-1].path == release.path


def test_a_server_without_ranges_starts_over(release: Release, server: Behaviour) -> None:
    server.stop_after = 200_000
    _fails(release)
    server.stop_after, server.ranges = None, False
    list(download(release))
    assert release.path.read_bytes() == ZIP


def test_a_part_that_is_too_long_starts_over(release: Release) -> None:
    release.part.parent.mkdir(parents=True)
    release.part.write_bytes(ZIP + b"more")
    list(download(release))
    assert release.path.read_bytes() == ZIP


def test_a_part_that_is_whole_is_only_checked(release: Release, server: Behaviour) -> None:
    release.part.parent.mkdir(parents=True)
    release.part.write_bytes(ZIP)
    list(download(release))
    assert not server.asked


def test_wrong_content_is_deleted_and_told(release: Release, server: Behaviour) -> None:
    server.content = ZIP[:-1] + b"?"
    assert "checksum" in _fails(release)
    assert release.bytes_here == 0


def test_a_wrong_beginning_from_before_is_deleted_and_the_next_try_is_clean(
    release: Release,
) -> None:
    release.part.parent.mkdir(parents=True)
    release.part.write_bytes(b"rubbish" * 1000)
    assert "checksum" in _fails(release)
    assert list(download(release))[-1].path == release.path


@pytest.mark.parametrize(
    ("status", "says"),
    [(404, "not there any more"), (403, "refused"), (503, "too busy"), (500, "out of order")],
)
def test_statuses(release: Release, server: Behaviour, status: int, says: str) -> None:
    server.status = status
    text = _fails(release)
    assert says in text
    assert "by its path" in text


def test_a_server_that_goes_silent(release: Release, server: Behaviour) -> None:
    server.hang_after = 100_000
    assert "gone silent" in _fails(release, timeout=0.5)
    assert release.bytes_here == 100_000


def test_a_server_that_never_answers(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv(movielens.MIRROR, f"http://127.0.0.1:{deaf.getsockname()[1]}")
        assert "gone silent" in _fails(release, timeout=0.3)
    assert release.bytes_here == 0


def test_waiting_for_a_silent_server_can_be_left(release: Release, server: Behaviour) -> None:
    server.hang_after = 100_000
    steps = download(release)
    while next(steps).done < 100_000:
        pass
    assert next(steps).done == 100_000
    steps.close()
    assert release.bytes_here == 100_000


def test_a_page_that_asks_to_log_in_is_no_dataset(release: Release, server: Behaviour) -> None:
    server.content = b"<html>Welcome to our hotel, please log in.</html>"
    assert "checksum" in _fails(release)
    assert release.bytes_here == 0
    server.content = ZIP
    assert list(download(release))[-1].path == release.path


def test_a_disk_that_fills_up_on_the_way(release: Release, server: Behaviour) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, limits[1]))
    try:
        with pytest.raises(CannotWrite, match="free space"):
            list(download(release))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not release.is_here
    assert 0 < release.bytes_here <= 250_000
    assert list(download(release))[-1].path == release.path
    assert release.path.read_bytes() == ZIP


KILLED = """
import sys
from dataclasses import replace
from data.releases import movielens
from data.releases.download import download
release = replace(movielens.release("ml-latest-small"), name="ml-test", md5="0" * 32, n_bytes=10**6)
for step in download(release):
    print(step.done, flush=True)
"""


def test_killed_on_the_way_the_next_program_goes_on(release: Release, server: Behaviour) -> None:
    server.hang_after = 300_000
    command = [sys.executable, "-c", KILLED]
    root = Path(data.__file__).parent.parent
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        while int(present(process.stdout).readline()) < 300_000:
            pass
        process.kill()
    assert not release.is_here
    server.hang_after = None
    assert list(download(release))[-1].path == release.path
    assert re.fullmatch(r"bytes=[1-9]\d*-", server.asked[-1])
    assert release.path.read_bytes() == ZIP


def test_two_at_once_do_not_write_to_one_file(release: Release, server: Behaviour) -> None:
    server.hang_after = 200_000
    first = download(release)
    while next(first).done < 200_000:
        pass
    server.hang_after = None
    with pytest.raises(DownloadFailed, match="Another program is downloading ml-test"):
        list(download(release))
    first.close()
    assert release.bytes_here == 200_000
    assert list(download(release))[-1].path == release.path
    assert release.path.read_bytes() == ZIP


def test_a_server_that_sends_without_end_is_stopped(release: Release, server: Behaviour) -> None:
    server.content = ZIP + bytes(4_000_000)
    assert "more than the whole file" in _fails(release)
    assert release.bytes_here == 0


def test_nobody_listens(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(movielens.MIRROR, "http://127.0.0.1:1")
    assert "refused the connection" in _fails(release)


def test_offline(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(movielens.MIRROR, "http://reelrank.invalid")
    assert "offline" in _fails(release)


def test_the_moving_release_takes_its_checksum_from_beside_it(release: Release) -> None:
    moving = replace(release, md5="")
    assert list(download(moving))[-1].path == release.path


def test_no_room_is_said_before_anything_is_asked(release: Release, server: Behaviour) -> None:
    with pytest.raises(CannotWrite, match=r"free some space"):
        list(download(replace(release, n_bytes=10**18)))
    assert not server.asked


def test_a_folder_that_cannot_be_made(release: Release) -> None:
    release.path.parent.parent.mkdir(parents=True)
    release.path.parent.write_text("a file in the way")
    with pytest.raises(CannotWrite):
        list(download(release))


def test_what_is_half_finished_is_no_dataset(release: Release, server: Behaviour) -> None:
    server.stop_after = 400_000
    _fails(release)
    with pytest.raises(DataError, match="cut short"):
        data.read(release.part)


@pytest.mark.parametrize(
    ("certificate", "trusted", "says"),
    [(EXPIRED, True, "has expired"), (UNKNOWN, False, "cannot be trusted")],
)
def test_bad_certificates(
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    certificate: str,
    trusted: bool,
    says: str,
) -> None:
    key, chain, nothing = (tmp_path / name for name in ("key.pem", "chain.pem", "nothing.pem"))
    key.write_text(KEY)
    chain.write_text(certificate)
    nothing.write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(chain if trusted else nothing))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    with _tls_server(key, chain) as port:
        monkeypatch.setenv(movielens.MIRROR, f"https://127.0.0.1:{port}")
        text = _fails(release)
    assert says in text
    assert "by its path" in text


@contextmanager
def _tls_server(key: Path, chain: Path) -> Iterator[int]:
    handler = type("Handler", (_Handler,), {"behaviour": Behaviour()})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with _Server(("127.0.0.1", 0), handler) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True)
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running.server_port
        running.shutdown()


def test_what_is_left_is_reckoned_from_the_speed() -> None:
    assert Downloading(50, 100, speed=10).seconds_left == 5
    assert Downloading(50, 100).seconds_left is None
    assert Downloading(50, 0).progress == 0


def test_every_release_says_what_it_is() -> None:
    for one in movielens.RELEASES:
        assert movielens.release(one.name.upper()) is one
        assert "doi:10.1145/2827872" in one.licence
        assert ("may pass" in one.licence) == one.shareable
        assert re.fullmatch(r"[0-9a-f]{32}", one.md5) or one.name == "ml-latest"
    with pytest.raises(DataError, match="ml-25m"):
        movielens.release("ml-99z")


def test_removing_a_release_removes_all_of_it(release: Release) -> None:
    list(download(release))
    release.part.write_bytes(b"x")
    release.remove()
    assert not release.is_here
    assert release.bytes_here == 0
    release.remove()
