"""Finished runs as rows, their progress as a line, their errors as curves."""

from __future__ import annotations

import math

from tui.session.jobs import AnyJob
from tui.session.runs import Run, leaderboard, name_of
from tui.session.session import Session
from tui.session.sweep import Sweep
from tui.text import glyphs
from tui.text.figures import figure, gauge, seconds, when
from tui.text.lines import Ink, Line, Span, fit, line, right, spread
from tui.widgets.chart import Picture, Series

_GROUPS: tuple[Ink, ...] = ("group2", "group3", "group5", "group7", "group4")


MEASURES = (
    ("rmse", "RMSE"), ("mae", "MAE"), ("ndcg20", "NDCG@20"), ("recall20", "rec@20"),
    ("mse", "MSE"), ("ndcg", "NDCG"),
)  # fmt: skip
"""What a run reached, by name, as it is headed. Of lists of 20 films: NDCG and recall."""
CELLS = 8
"""Cells of a measure."""
NARROW = 56
"""With fewer cells only one measure is told."""
ALL = 96
"""From so many cells on all of them are."""
WIDE = 76
"""With fewer cells it is not told when a run was made."""


class RunRows:
    """The runs, the best first."""

    def __init__(self, session: Session) -> None:
        self._session = session
        running = session.trainings.running
        self._runs = leaderboard(run for run in session.runs if run is not running)

    def __len__(self) -> int:
        return len(self._runs)

    def key(self, index: int) -> Run:
        """Return the run."""
        return self._runs[index]

    def row(self, index: int, width: int, current: bool) -> Line:
        """Return name, rank, measures, time and day."""
        run = self._runs[index]
        g = glyphs.now()
        opened = self._session.opened
        used = opened is not None and run in (opened.used, opened.interest)
        mark = g.used if used else "o" if run.overlaid else " "
        state = "in use" if used else "stopped" if run.state == "stopped" else ""
        return line(
            f"{g.cursor if current else ' '}",
            (f"{mark} ", "own"),
            (fit(run.title or run.name, name_cells(width)), "bold" if current or used else "plain"),
            f"{run.algorithm.factors or '':>5} ",
            (right(figure(run.rmse), CELLS), "bold"),
            *(right(figure(run.scores.get(name, math.nan)), CELLS) for name in measures(width)[1:]),
            (right(seconds(run.seconds), 9), "dim"),
            (f"  {fit(when(run.at), 12)}" if width >= WIDE else "  ", "dim"),
            (fit(state, 8), "own" if used else "dim"),
        )

    def note(self, index: int, width: int) -> Line | None:
        """Return None: runs have no notes."""
        return None


def head(width: int, height: int) -> list[Line]:
    """Return the titles of the columns."""
    headed = dict(MEASURES)
    names = [right(headed[name], CELLS) for name in measures(width)]
    text = f"   {fit('run', name_cells(width))} rank {''.join(names)}{right('time', 9)}"
    text += "  when" if width >= WIDE else ""
    return [[Span(fit(text, width), "dim")]]


def name_cells(width: int) -> int:
    """Return how wide the column of names is."""
    rest = (38 if width >= WIDE else 26) + CELLS * len(measures(width))
    return max(8, min(width - rest, 24))


def measures(width: int) -> tuple[str, ...]:
    """Return the measures that there is room for."""
    n = 1 if width < NARROW else len(MEASURES) if width >= ALL else 4 if width >= WIDE else 3
    return tuple(name for name, _ in MEASURES[:n])


def progress(session: Session, width: int) -> Line:
    """Return how far a training is, and how long it will take."""
    job, run, swept = (
        session.jobs.of("train"),
        session.trainings.running,
        session.trainings.sweeping,
    )
    if job is not None and swept is not None:
        return _sweeping(job, swept, width)
    if job is None or run is None:
        return []
    left = line(" ", (run.label, "bold"), f"   pass {len(run.passes)} of {run.planned}   ")
    end = line((f" {_pace(job, run)} ", "dim"))
    if width < sum(len(span.text) for span in left + end):
        return left
    cells = max(width - sum(len(s.text) for s in left) - sum(len(s.text) for s in end) - 1, 4)
    return spread([*left, Span(gauge(job.progress or 0, min(cells, 40)), "accent")], end, width)


def _sweeping(job: AnyJob, swept: Sweep, width: int) -> Line:
    place = min(len(swept.runs), len(swept.ranks) - 1)
    said = f"   rank {swept.ranks[place]}, {place + 1} of {len(swept.ranks)}   "
    left = line(" ", (swept.label, "bold"), said)
    cells = max(min(width - 50, 40), 4)
    gauged = Span(gauge(job.progress or 0, cells), "accent")
    return spread([*left, gauged], line(("paused " if job.paused else "", "dim")), width)


def _pace(job: AnyJob, run: Run) -> str:
    if job.paused:
        return "paused; p goes on"
    if not run.passes:
        return "the first pass …"
    each = run.passes[-1].seconds / len(run.passes)
    left = each * (run.planned - len(run.passes))
    return f"{seconds(each)} a pass {glyphs.now().dot} {seconds(left)} left"


def picture(session: Session, shown: Run | None, root: bool) -> Picture:
    """Return the errors of one run, and the test errors of those that are overlaid.

    Parameters
    ----------
    session : where the runs are
    shown : whose train and test error to draw
    root : whether to draw the root of the squared error, in stars
    """
    if shown is not None and shown.is_of_interest:
        return _lists_picture(session, shown)
    curves: list[Series] = []
    if shown is not None and shown.passes:
        curves.append(_curve("train", shown, "train_mse", root, "accent", False))
        if any(math.isfinite(p.test_mse) for p in shown.passes):
            curves.append(_curve("test", shown, "test_mse", root, "own", True))
    running = shown is not None and shown is session.trainings.running
    others = _overlaid(session, shown, interest=False)
    if shown is not None and not shown.passes and not running:
        others = [shown, *others]
    for run, ink in zip(others, _GROUPS, strict=False):
        curves.append(_other(run, root, ink, shown))
    planned = max((run.planned for run in [shown, *others] if run is not None), default=1)
    empty = "Press enter to start: the errors are drawn here as they fall."
    if running:
        empty = "The first pass is being made; the errors are drawn here as they fall."
    title = "RMSE" if root else "MSE"
    return Picture(tuple(curves), title, "pass", (0, planned), empty=empty)


def _overlaid(session: Session, shown: Run | None, *, interest: bool) -> list[Run]:
    """Return the other runs to draw: those of the same question, which have the same measures."""
    return [
        run
        for run in session.runs
        if run.overlaid and run is not shown and run.is_of_interest is interest
    ]


def _lists_picture(session: Session, shown: Run) -> Picture:
    """Return how well lists of a model of interest hold what was liked, pass by pass."""
    curves = [
        _curve("NDCG@20", shown, "ndcg", False, "accent", False),
        _curve("recall@20", shown, "recall", False, "own", True),
    ]
    others = _overlaid(session, shown, interest=True)
    curves += [
        _curve(run.label, run, "ndcg", False, ink, True)
        for run, ink in zip(others, _GROUPS, strict=False)
    ]
    planned = max(run.planned for run in [shown, *others])
    empty = "The lists are measured here as they improve; without held-out ratings they are not."
    return Picture(tuple(curves), "NDCG@20, recall@20", "pass", (0, planned), empty=empty)


def _curve(name: str, run: Run, what: str, root: bool, ink: Ink, dotted: bool) -> Series:
    points = tuple(_scaled(getattr(one, what), root) for one in run.passes)
    return Series(name, tuple(float(one.number) for one in run.passes), points, ink, dotted)


def _other(run: Run, root: bool, ink: Ink, shown: Run | None) -> Series:
    """Return the test error of another run; a level line where only its end is known."""
    if run.passes:
        return _curve(run.label, run, "test_mse", root, ink, True)
    level = _scaled(run.scores.get("mse", math.nan), root)
    end = float(max(run.planned, shown.planned if shown is not None else 1))
    return Series(run.label, (0.0, end), (level, level), ink, True)


def _scaled(mse: float, root: bool) -> float:
    return math.sqrt(mse) if root and mse >= 0 else mse


def _lists_against_rank(sweep: Sweep) -> Picture:
    xs = tuple(float(run.algorithm.factors or 0) for run in sweep.runs)
    ndcg = tuple(run.scores.get("ndcg20", math.nan) for run in sweep.runs)
    recall = tuple(run.scores.get("recall20", math.nan) for run in sweep.runs)
    return Picture(
        (
            Series("NDCG@20", xs, ndcg, "accent"),
            Series("recall@20", xs, recall, "own", dotted=True),
        ),
        f"lists of {name_of(sweep.algorithm)}",
        "rank",
        (0, float(sweep.ranks[-1])),
        empty=f"The first rank, {sweep.ranks[0]}, is being trained.",
    )


def sweep_picture(sweep: Sweep, root: bool) -> Picture:
    """Return train and test error against rank; for models of interest, how good lists are."""
    if sweep.algorithm.feedback == "implicit":
        return _lists_against_rank(sweep)
    runs = [run for run in sweep.runs if run.passes]
    xs = tuple(float(run.algorithm.factors or 0) for run in runs)
    power = 0.5 if root else 1.0
    train = tuple(run.passes[-1].train_mse ** power for run in runs)
    test = tuple(run.passes[-1].test_mse ** power for run in runs)
    return Picture(
        (Series("train", xs, train, "accent"), Series("test", xs, test, "own", dotted=True)),
        f"{'RMSE' if root else 'MSE'} of {name_of(sweep.algorithm)}",
        "rank",
        (0, float(sweep.ranks[-1])),
        empty=f"The first rank, {sweep.ranks[0]}, is being trained.",
    )
