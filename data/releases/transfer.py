"""Bytes from a web server, in a thread of their own: a silent server never holds the caller up."""

from __future__ import annotations

import http.client
import queue
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from data.errors import DataError

CHUNK = 1 << 16
_HEADERS = {"User-Agent": "reelrank", "Accept-Encoding": "identity"}
_EXPIRED = 10
"""OpenSSL's code for a certificate that has expired."""


class DownloadFailed(DataError):
    """The file did not come: the text says why, and what to do."""


def hint() -> str:
    """Return what one can always do instead."""
    return "open a zip or folder that you already have, by its path."


class Transfer:
    """A file on its way, from byte `start` if the server can, else from its beginning.

    Parameters
    ----------
    url : where the file is
    have : bytes of it that are here already
    timeout : seconds that the server may be silent
    """

    def __init__(self, url: str, have: int, timeout: float) -> None:
        self._url = url
        self._have = have
        self._timeout = timeout
        self._queue: queue.Queue[bytes | Exception | None] = queue.Queue(maxsize=32)
        self._answered: queue.Queue[tuple[int, int] | Exception] = queue.Queue()
        self._stop = threading.Event()
        self.start = 0
        """The first byte that will come."""
        self.total = 0
        """Bytes of the whole file; 0 if the server does not tell."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, name="download", daemon=True).start()
        try:
            answer = self._answered.get(timeout=self._timeout + 1)
        except queue.Empty:
            self._stop.set()
            raise translated(self._url, TimeoutError()) from None
        if isinstance(answer, Exception):
            raise translated(self._url, answer) from answer
        self.start, self.total = answer
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()

    def chunks(self, every: float) -> Iterator[bytes]:
        """Yield what comes; an empty chunk after each `every` seconds without any.

        Raises
        ------
        DownloadFailed
            If the server is silent for too long, or the connection breaks.
        """
        heard = time.monotonic()
        while True:
            try:
                item = self._queue.get(timeout=every)
            except queue.Empty:
                if time.monotonic() - heard > self._timeout:
                    raise translated(self._url, TimeoutError()) from None
                yield b""
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise translated(self._url, item) from item
            heard = time.monotonic()
            yield item

    def _run(self) -> None:
        try:
            with self._open() as response:
                self._answered.put(_extent(response, self._have))
                while not self._stop.is_set():
                    chunk = response.read1(CHUNK)
                    self._hand_over(chunk or None)
                    if not chunk:
                        return
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._answered.put(error)
            self._hand_over(error)

    def _open(self) -> http.client.HTTPResponse:
        headers = dict(_HEADERS)
        if self._have:
            headers["Range"] = f"bytes={self._have}-"
        try:
            return _get(self._url, headers, self._timeout)
        except urllib.error.HTTPError as error:
            if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
            error.close()
            self._have = 0
            return _get(self._url, _HEADERS, self._timeout)

    def _hand_over(self, item: bytes | Exception | None) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.1)
            except queue.Full:
                continue
            return


def _get(url: str, headers: dict[str, str], timeout: float) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers=headers)
    response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=timeout)
    return response


def _extent(response: http.client.HTTPResponse, have: int) -> tuple[int, int]:
    """Return the first byte that will come, and the size of the whole file (0 if unknown)."""
    length = int(response.headers.get("Content-Length") or 0)
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0, length
    told = response.headers.get("Content-Range", "")
    if not told.startswith(f"bytes {have}-"):
        raise http.client.HTTPException(f"unexpected range {told}")
    return have, have + length if length else 0


def fetch_text(url: str, timeout: float) -> str:
    """Return the first 4 KiB of a small text.

    Raises
    ------
    DownloadFailed
        As for a file.
    """
    try:
        with _get(url, _HEADERS, timeout) as response:
            return response.read(4096).decode("ascii", errors="replace")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise translated(url, error) from error


def translated(url: str, error: Exception) -> DownloadFailed:
    """Return what went wrong in one sentence, with what to do."""
    host = urllib.request.Request(url).host or url
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return DownloadFailed(f"{_status(error.code, url, host)}; {_or(hint())}")
    return DownloadFailed(f"{_cause(reason, host)}; {_or(hint())}")


def _or(what: str) -> str:
    return f"try again later, or {what}"


def _status(code: int, url: str, host: str) -> str:
    if code in {404, 410}:
        return f"{url} is not there any more (the server says {code})"
    if code in {401, 403, 407, 451}:
        return f"{host} refused to hand out {url} (it says {code})"
    if code == http.HTTPStatus.TOO_MANY_REQUESTS or code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"{host} is out of order or too busy (it says {code})"
    return f"{host} gave an answer that makes no sense for {url} ({code})"


def _cause(reason: object, host: str) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        if reason.verify_code == _EXPIRED:
            return f"The certificate of {host} has expired, which only its owners can mend"
        return f"The certificate of {host} cannot be trusted ({reason.verify_message})"
    for kinds, text in _CAUSES:
        if isinstance(reason, kinds):
            return text.format(host)
    return f"Could not reach {host}: this machine seems to be offline ({reason})"


_CAUSES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((socket.gaierror,), "Could not find {}: this machine seems to be offline"),
    ((ConnectionRefusedError,), "{} refused the connection"),
    ((TimeoutError,), "{} has gone silent"),
    (
        (ConnectionError, http.client.HTTPException, ssl.SSLError),
        "The connection to {} broke off",
    ),
)
