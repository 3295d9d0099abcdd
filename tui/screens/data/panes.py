"""What can be opened: the demo, the MovieLens releases, one's own files; and what is open."""

from __future__ import annotations

from dataclasses import dataclass

from data import notices, paths
from data.dataset import Dataset
from data.releases.download import Downloading
from data.releases.movielens import RELEASES, Release
from tui.session.datasets import DEMO, Target
from tui.session.session import Session
from tui.text import glyphs
from tui.text.figures import bar, count, counted, gauge, homely, seconds, share, size
from tui.text.lines import Ink, Line, Span, fit, line, right, shorten, spread, width, wrap
from tui.widgets.chart import Picture, Series

WHOLE = 76
"""With fewer cells some columns are left out."""
LISTED = 200
"""So many numbers of lines that were left out are listed."""


@dataclass(frozen=True)
class Item:
    """Something that can be opened or fetched."""

    target: Target
    release: Release | None = None

    @property
    def here(self) -> bool:
        """Whether it can be opened as it is."""
        return self.release is None or self.release.is_here


def items(session: Session) -> list[Item]:
    """Return the demo, the person's own paths and the releases."""
    released = {one.path for one in RELEASES}
    own = [path for path in session.settings.recents if path not in released]
    return [
        Item(Target(DEMO)),
        *(Item(Target(homely(str(path)), path)) for path in own),
        *(Item(Target(one.name, one.path), one) for one in RELEASES),
    ]


def is_open(session: Session, item: Item) -> bool:
    """Return whether this is what is open."""
    return session.target is not None and session.target.path == item.target.path


class DatasetRows:
    """What can be opened, with its size and state."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._items = items(session)

    def __len__(self) -> int:
        return len(self._items)

    def key(self, index: int) -> Item:
        """Return the item."""
        return self._items[index]

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return name, figures, licence and state."""
        item = self._items[index]
        g = glyphs.now()
        open_now = is_open(self._session, item)
        mark = g.used if open_now else " "
        state, state_ink = _state(self._session, item, open_now)
        name = fit(_name(item, name_cells(width)), name_cells(width))
        ink: Ink = "bold" if open_now or current else "plain"
        head = line(g.cursor if current else " ", (f"{mark} ", "own"), (name, ink))
        figures = _figures(self._session, item, open_now, width)
        return [*head, *figures, Span(f"  {state}", state_ink)]

    def note(self, index: int, width: int) -> Line | None:
        """Return None: all is said in the row."""
        return None


def name_cells(width: int) -> int:
    """Return how wide the column of names is."""
    return max(10, min(width - (62 if width >= WHOLE else 33), 40))


def head(width: int, height: int) -> list[Line]:
    """Return the titles of the columns."""
    whole = width >= WHOLE
    figures = f"{right('ratings', 11)}{right('users', 8) + right('films', 7) if whole else ''}"
    figures += f"{right('size', 7)}{'  ' + fit('licence', 8) if whole else ''}"
    text = f"   {fit('dataset', name_cells(width))}{figures}  state"
    return [[Span(fit(text, width), "dim")]]


def _figures(session: Session, item: Item, open_now: bool, cells: int) -> Line:
    """Return counts, size and licence, those that are told at this width."""
    shown = [count(n) for n in _counts(session, item, open_now) or ()] or [""] * 3
    columns = list(zip(shown, (11, 8, 7), strict=True))[: 3 if cells >= WHOLE else 1]
    figures = (right(text, column) for text, column in columns)
    terms = f"  {fit(_terms(item), 8)}" if cells >= WHOLE else ""
    return line(*figures, (right(_weight(item), 7), "dim"), (terms, "dim"))


def _counts(session: Session, item: Item, open_now: bool) -> tuple[int, int, int] | None:
    """Return how many ratings, users and films there are, as far as is known."""
    if open_now and session.dataset is not None:
        said = session.dataset.summary
        return said.n_ratings, said.n_users, said.n_movies
    one = item.release
    if one is not None:
        return one.n_ratings, one.n_users, one.n_movies
    return session.settings.counts(item.target.text)


def _name(item: Item, cells: int) -> str:
    """Return the name; of a long path the end, which tells more than its beginning."""
    if item.target.path is None:
        return f"{item.target.name}, synthetic"
    name, mark = item.target.name, glyphs.now().cut
    return name if width(name) <= cells else mark + name[len(mark) - cells :]


def _weight(item: Item) -> str:
    if item.release is not None:
        return size(item.release.n_bytes)
    path = item.target.path
    try:
        return size(path.stat().st_size) if path is not None and path.is_file() else ""
    except OSError:
        return ""


def _terms(item: Item) -> str:
    if item.release is not None:
        return "research"
    return "ours" if item.target.path is None else "yours"


def _state(session: Session, item: Item, open_now: bool) -> tuple[str, Ink]:
    busy = _busy(session, item)
    if busy:
        return busy, "own"
    if open_now:
        return "in use", "own"
    if item.release is not None:
        return _offer(item.release), "dim"
    if item.target.path is None:
        return "built in", "dim"
    return ("recent", "dim") if item.target.path.exists() else ("not there", "warn")


def _busy(session: Session, item: Item) -> str:
    """Return how far the opening or downloading of an item is; empty where neither runs."""
    loading, fetching = session.jobs.of("load"), session.jobs.of("download")
    opening = session.opening
    if loading is not None and opening is not None and opening.path == item.target.path:
        return f"opening {share(loading.progress)}" if loading.progress else "opening"
    if fetching is not None and item.release is not None and session.fetching is item.release:
        done = fetching.progress or 0
        return f"{gauge(done, 6)} {100 * done:.0f}%"
    return ""


def _offer(release: Release) -> str:
    enter = glyphs.now().enter
    if release.is_here:
        return f"{enter} open"
    part = release.bytes_here / release.n_bytes
    return f"{enter} resume {share(part)}" if part else f"{enter} download"


def about_download(session: Session) -> str:
    """Return how a download goes, in words; empty without one."""
    job, last = session.jobs.of("download"), session.downloading
    if job is None or not isinstance(last, Downloading):
        return ""
    said = f"{job.title}: {size(last.done)} of {size(last.total)}"
    if last.speed:
        said += f", {size(last.speed)} a second"
    left = last.seconds_left
    return (
        f"{said}, {seconds(left)} left. c cancels." if left is not None else f"{said}. c cancels."
    )


def terms(release: Release) -> str:
    """Return what to know before a download."""
    return (
        f"{release.name}: {count(release.n_ratings)} ratings, {size(release.n_bytes)} to download. "
        f"{release.licence} It is kept in {homely(str(paths.datasets_folder()))}."
    )


# What is open


def summary(dataset: Dataset, cells: int) -> Line:
    """Return the dataset in one line, with as many facts as fit."""
    said = dataset.summary
    parts = [f"{count(said.n_ratings)} ratings"]
    if dataset.source.synthetic:
        parts.append("made up by the program")
    parts.append(f"{share(said.density)} of all pairs known")
    parts.append(f"{said.mean:.2f} stars on average")
    if said.years:
        parts.append(f"{said.years[0]} to {said.years[1]}")
    name = shorten(dataset.name, max(cells // 3, 8))
    facts = ""
    for part in parts:
        longer = f"{facts} {glyphs.now().dot} {part}"
        if width(name) + width(longer) + 2 > cells:
            break
        facts = longer
    return line(" ", (name, "bold"), (facts, "dim"))


def histogram(dataset: Dataset, cells: int, rows: int) -> list[Line]:
    """Return how often each rating was given, as bars; two steps in one where rows are few."""
    said = dataset.summary
    steps = [f"{stars:g}" for stars in said.stars.tolist()]
    counts = said.histogram.tolist()
    if len(steps) > rows - 1:
        steps = [f"{low}, {high}" for low, high in zip(steps[::2], steps[1::2], strict=False)]
        counts = [sum(counts[i : i + 2]) for i in range(0, 2 * len(steps), 2)]
    most = max(counts) or 1
    label = max(map(len, steps)) + 1
    room = max(cells - max(len(count(n)) for n in counts) - label - 3, 4)
    lines = [line((" stars", "dim"))]
    for name, n in zip(steps, counts, strict=True):
        drawn = bar(n / most, room)
        lines.append(line(f" {fit(name, label)}", (drawn, "accent"), (f" {count(n)}", "dim")))
    return lines


def tail(dataset: Dataset) -> Picture:
    """Return the curve of ratings a film, from the most to the least rated."""
    falling = dataset.summary.tail
    n = len(falling)
    keep = sorted({round((n - 1) * (i / 120) ** 2) for i in range(121)}) if n > 1 else [0]
    xs = tuple(float(i + 1) for i in keep)
    ys = tuple(float(falling[i]) for i in keep)
    title = "ratings a film, most to least rated"
    return Picture((Series("", xs, ys, "accent"),), title, "films", (0, float(n)), from_zero=True)


def warnings(dataset: Dataset, cells: int) -> Line:
    """Return how much is wrong in the files, with the key that shows it."""
    found = dataset.warnings
    if not found:
        return line((" Nothing was wrong in the files.", "dim"))
    said = f" {counted(len(found), 'warning')}: {found[0].text}"
    return spread(
        line((shorten(said, cells - 9), "warn")), line(("v ", "accent"), ("view ", "dim")), cells
    )


def warning_lines(dataset: Dataset, cells: int) -> list[Line]:
    """Return everything that is wrong in the files."""
    lines: list[Line] = []
    for found in dataset.warnings:
        lines += wrap(found.text, cells)
        if len(found.lines) > notices.SHOWN:
            shown = found.lines[:LISTED]
            numbers = ", ".join(map(count, shown))
            more = ", …" if found.count > len(shown) else ""
            lines += wrap(f"lines {numbers}{more}", cells, "dim")
        lines.append([])
    return lines
