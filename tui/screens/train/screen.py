"""Train: the form says what each number does; the chart is the loudest thing on the screen."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from data import titles
from engine import Algorithm, InvalidParameter
from tui.screens.dialogs import Ask, Enter
from tui.screens.room import Room
from tui.screens.train import panes
from tui.screens.train.form import Form
from tui.screens.train.form_list import FormList
from tui.screens.train.panes import RunRows
from tui.session import saved_models, sweep
from tui.session.runs import Run, Setup
from tui.session.session import Session
from tui.text import figures, glyphs
from tui.text.lines import Line, line, rule, shorten, wall, wrap
from tui.widgets.chart import Chart
from tui.widgets.painted import Lines
from tui.widgets.rowlist import RowList

HELP = 6
"""Lines for what a field means."""
LONGEST = 40
"""Letters that a name of a run may have."""


class TrainRoom(Room):
    """Algorithm and form at the left, the errors at the right, the runs below."""

    NAME = "train"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "start",
            "start",
            key_display="enter",
            tooltip="Start training; on a run, use it",
        ),
        Binding("p", "pause", "pause", tooltip="Pause, or go on"),
        Binding("c", "cancel", "cancel", tooltip="Cancel; what was learned so far is kept"),
        Binding("tab", "other", "form/runs", key_display="tab", tooltip="Between form and runs"),
        Binding("shift+tab", "other", "form/runs", show=False, tooltip="Between form and runs"),
        Binding(
            "s", "sweep", "sweep", tooltip="Sweep: train at many ranks, draw error against rank"
        ),
        Binding("m", "measure", "MSE/RMSE", tooltip="Draw the squared error, or its root in stars"),
        Binding(
            "o", "overlay", "overlay", tooltip="Lay a run's error on the chart, or take it off"
        ),
        Binding("space", "use", "use", tooltip="Recommend with this run from now on"),
        Binding("n", "name", "name", show=False, tooltip="Give a run a name of your own"),
        Binding("delete", "delete", "delete", show=False, tooltip="Delete a run and its model"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._form = Form(session.settings.get("algorithm", "ALS"))
        self._root = session.settings.get("measure") == "rmse"
        self._placed: object | None = None
        """The run that the cursor was put on, so that it is not taken for one's own choice."""
        self._wrong = ""

    def body(self) -> ComposeResult:
        """Lay out form, chart, progress and runs."""
        terminal = self.session.terminal
        with Horizontal(id="train-top"):
            with Vertical(id="train-left"):
                yield FormList(self._form, id="form")
                yield Lines(self._help, id="train-help")
            yield Lines(wall, classes="wall")
            yield Chart(terminal.markers, terminal.chart_interval, id="chart")
        yield Lines(self._rule, classes="rule")
        yield Lines(self._progress, id="progress")
        yield Lines(panes.head, id="runs-head")
        yield RowList(id="runs", empty=" No run on this dataset yet. Enter starts one.")

    def on_mount(self) -> None:
        """Begin in the form."""
        self._fields.focus()

    @property
    def _fields(self) -> FormList:
        return self.query_one(FormList)

    @property
    def _runs(self) -> RowList:
        return self.query_one("#runs", RowList)

    @property
    def quiet(self) -> frozenset[str]:
        """Keys that only work beside a training, or only without one."""
        if self.session.jobs.of("train") is not None:
            return frozenset({"start", "sweep"})
        idle = frozenset({"pause", "cancel"})
        return idle | {"start"} if self._runs.has_focus else idle

    def renew(self) -> None:
        """Show runs, progress and chart as they are."""
        self._shape()
        rows = RunRows(self.session)
        shown = [rows.key(i) for i in range(len(rows))]
        old = [self._runs.rows.key(i) for i in range(len(self._runs.rows))]
        if shown != old:
            self._runs.show(rows)
            new = [run for run in shown if run not in old]
            if len(new) == 1 and old:
                self._runs.select(new[0])
            self._placed = self._runs.current
        self._runs.renew()
        self.query_one("#progress", Lines).renew()
        self._draw()

    def _draw(self) -> None:
        if self.session.sweep is not None:
            drawn = panes.sweep_picture(self.session.sweep, self._root)
        else:
            drawn = panes.picture(self.session, self._shown(), self._root)
        self.query_one(Chart).show(drawn, live=self.session.jobs.of("train") is not None)

    def _shape(self) -> None:
        """Let the form be as high as it needs, and leave room for the help below it."""
        room = self.query_one("#train-left").size.height - HELP
        self._fields.styles.height = max(min(len(self._form.entries), room), 3)

    def on_resize(self) -> None:
        """Fit the form."""
        self.call_after_refresh(self._shape)

    def _shown(self) -> Run | None:
        """Return the run to draw: the one that trains, else the one under the cursor."""
        if self.session.trainings.running is not None:
            return self.session.trainings.running
        current = self._runs.current
        return current if isinstance(current, Run) else None

    def _progress(self, width: int, height: int) -> list[Line]:
        said = panes.progress(self.session, width)
        if said:
            return [said, rule(width)]
        dataset = self.session.dataset
        if dataset is None:
            return [line((" Nothing is open yet.", "dim")), rule(width)]
        n = f"{len(dataset.ratings):,}"
        return [line((f" Nothing runs. Enter learns from {n} ratings.", "dim")), rule(width)]

    def _help(self, width: int, height: int) -> list[Line]:
        """Say what the field under the cursor does, or what is wrong with it."""
        entry = self._form.entries[min(self._fields.cursor, len(self._form.entries) - 1)]
        below = self._form.entries[self._fields.scroll_offset.y + self._fields.size.height :]
        names = ", ".join(one.label for one in below)
        told = shorten(f"  {glyphs.now().fall} {names}", width - 1) if below else ""
        more = line((told, "dim"))
        if self._wrong or entry.wrong:
            said = wrap(self._wrong or entry.wrong, width - 3, "bad")
        else:
            takes = entry.parameter.takes
            said = wrap(entry.parameter.help, width - 3, "dim")
            if entry.parameter.kind in ("int", "float"):
                said += wrap(f"{takes[:1].upper()}{takes[1:]}.", width - 2, "dim")
        return [more, *(line("  ", *part) for part in said)][:height]

    def _rule(self, width: int, height: int) -> list[Line]:
        return [rule(width)]

    # What keys do

    @on(FormList.Changed)
    @on(RowList.Moved, "#form")
    def explain(self) -> None:
        """Say what the field does."""
        self._wrong = ""
        self._shape()
        self.query_one("#train-help", Lines).renew()

    @on(RowList.Moved, "#runs")
    def redraw(self) -> None:
        """Draw the run under the cursor, unless something is being drawn as it goes."""
        if self.session.jobs.of("train") is None:
            if self._runs.has_focus and self._runs.current is not self._placed:
                self._placed = None
                self.session.trainings.hide_sweep()
            self._draw()

    @on(RowList.Chosen, "#runs")
    def chosen(self) -> None:
        """Use the run that was clicked twice."""
        self.action_use()

    def action_start(self) -> None:
        """Start training with what the form says, or tell what is wrong; on a run, use it."""
        if self._runs.has_focus and len(self._runs.rows):
            self.action_use()
            return
        wanted = self._filled_in()
        now = self.session.trainings.running
        if wanted is None or (now is not None and wanted == (now.algorithm, now.setup)):
            return
        if self.session.jobs.of("train") is not None:
            what = now.label if now is not None else "The sweep"
            question = (
                f"{what} is being trained. End it, keeping what it has learned, for this one?"
            )
            self.ask(Ask(question, "end it", "go on"), lambda yes: self._start(yes, *wanted))
        else:
            self._start(True, *wanted)

    def _start(self, yes: bool | None, algorithm: Algorithm, setup: Setup) -> None:
        if yes:
            self.session.trainings.train(algorithm, setup)
            self.sync()

    def action_sweep(self) -> None:
        """Ask for ranks and train at each of them."""
        wanted = self._filled_in()
        if wanted is None:
            return
        if wanted[0].factors is None:
            self.session.say(f"{wanted[0].title} has no rank, so there is none to sweep over.")
            return

        def heard(text: str | None) -> None:
            if text:
                self.session.trainings.start_sweep(*wanted, sweep.parse(text))
                self.sync()

        ranks = " ".join(map(str, sweep.RANKS))
        title = "Ranks to train at, for the figure of error against rank"
        self.ask(Enter(title, ranks, wrong=sweep.wrong), heard)

    def _filled_in(self) -> tuple[Algorithm, Setup] | None:
        """Return what the form says; where it will not do, tell why and return None."""
        if self.session.dataset is None:
            self.session.say("Nothing is open to learn from; press d to open a dataset.", "warning")
            return None
        place = self._form.first_wrong
        if place is not None:
            self._fields.cursor = place
            self._complain(self._form.entries[place].wrong)
            return None
        try:
            wanted = self._form.algorithm(), self._form.training_setup()
        except InvalidParameter as error:
            self._complain(str(error))
            return None
        self.session.settings.keep("algorithm", self._form.algorithm_name)
        return wanted

    def _complain(self, sentence: str) -> None:
        self._wrong = sentence
        self._fields.refresh()
        self.query_one("#train-help", Lines).renew()

    def action_pause(self) -> None:
        """Pause the training, or go on."""
        job = self.session.jobs.of("train")
        if job is not None:
            job.pause(not job.paused)
            self.sync()

    def action_cancel(self) -> None:
        """Cancel the training."""
        self.session.jobs.cancel("train")
        self.sync()

    def action_measure(self) -> None:
        """Draw MSE or RMSE."""
        self._root = not self._root
        self.session.settings.keep("measure", "rmse" if self._root else "mse")
        self._draw()

    def action_overlay(self) -> None:
        """Lay the run under the cursor on the chart, or take it off."""
        run = self._runs.current
        if isinstance(run, Run):
            run.overlaid = not run.overlaid
            self.renew()

    def action_use(self) -> None:
        """Use the run under the cursor."""
        run = self._runs.current
        if isinstance(run, Run):
            self.session.trainings.use(run)
            self.sync()

    def action_name(self) -> None:
        """Ask for a name for the run under the cursor."""
        run = self._runs.current

        def heard(text: str | None) -> None:
            if text is not None and isinstance(run, Run):
                self.session.trainings.rename(run, titles.clean(text))
                self.sync()

        if isinstance(run, Run):
            self.ask(Enter(f"What to call {run.plain}", run.label, wrong=_too_long), heard)

    def action_delete(self) -> None:
        """Delete the run under the cursor, after a question."""
        run = self._runs.current
        if isinstance(run, Run):
            taken = saved_models.size(run)
            saved = f" and its saved model, {figures.size(taken)}" if taken else ""
            question = f"Delete {run.label}{saved}?"
            self.ask(
                Ask(question, "delete", "keep"), lambda yes: self._delete(run) if yes else None
            )

    def _delete(self, run: Run) -> None:
        self.session.trainings.delete(run)
        self.sync()

    def action_other(self) -> None:
        """Go from the form to the runs, or back."""
        (self._runs if self._fields.has_focus else self._fields).focus()


def _too_long(name: str) -> str:
    """Return why a name of a run will not do; empty if it will."""
    return "" if len(name) <= LONGEST else f"A name has {LONGEST} letters at most; shorten it."
