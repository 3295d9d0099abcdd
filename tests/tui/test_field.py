"""A line to type in, and what terminals paste into it."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult

from tui.widgets.field import Field


class _App(App[None]):
    def compose(self) -> ComposeResult:
        yield Field("~/", select_on_focus=False)


@pytest.mark.parametrize("text", ["\n/a b.csv", "\r\n\n/a b.csv\nmore", "/a b.csv", "/a b.csv\r\n"])
async def test_what_is_pasted_is_its_first_line_that_says_anything(text: str) -> None:
    app = _App()
    async with app.run_test() as pilot:
        field = app.query_one(Field)
        field.focus()
        field.post_message(events.Paste(text))
        await pilot.pause()
        assert field.value == "~//a b.csv"
        field.post_message(events.Paste("\n \n"))
        await pilot.pause()
        assert field.value == "~//a b.csv"
