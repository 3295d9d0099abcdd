"""Blocks of whole lines of a file, whatever its line ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.folder_or_zip import Readable

LONGEST_LINE = 1 << 20
"""A line longer than this is broken, whatever is in it."""
_SPACE, _TAB, _NEWLINE = b" \t\n"


def whole_lines(file: Readable, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of whole lines of about `size` bytes, each with the bytes read by then.

    All kinds of line ends become the one kind. The byte-order mark goes, and lines far too long
    become short broken ones.
    """
    rest, done, too_long = b"", 0, False
    while part := file.read(size):
        if not done:
            part = part.removeprefix(b"\xef\xbb\xbf")
            old_mac = b"\r" in part and b"\n" not in part
        done += len(part)
        part = part.replace(b"\r", b"\n" if old_mac else b"")
        end = part.rfind(b"\n") + 1
        if not end:
            too_long = too_long or len(rest) + len(part) > LONGEST_LINE
            rest = b"?" if too_long else rest + part
            continue
        start = part.find(b"\n") if too_long else 0
        block = (b"?" if too_long else rest) + part[start:end]
        rest, too_long = part[end:], False
        yield block, done
    if rest:
        yield rest + b"\n", done


def without_head(block: bytes, lines: int) -> bytes:
    """Return a block with its first lines empty."""
    at = 0
    for _ in range(lines):
        at = (block.find(b"\n", at) + 1) or len(block)
    return b"\n" * lines + block[at:]


def single_spaced(block: bytes) -> bytes:
    """Return a block in which one space stands for several, and none at the ends of lines."""
    text = np.frombuffer(block, np.uint8)
    is_space = (text == _SPACE) | (text == _TAB)
    if not is_space.any():
        return block
    is_break = text == _NEWLINE
    before = np.concatenate([[True], (is_space | is_break)[:-1]])
    keep = ~(is_space & before)
    text, is_space, is_break = text[keep].copy(), is_space[keep], is_break[keep]
    text[is_space] = _SPACE
    keep = ~(is_space & np.concatenate([is_break[1:], [True]]))
    return text[keep].tobytes()
