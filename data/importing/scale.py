"""The scales that sites rate on, and what a rating is in stars.

Own ratings are ½ to 5 stars here, always. The scale comes with the format, never from the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from data.importing import cells
from data.profile import STARS

Fault = Literal["", "rounded", "broken", "off the scale"]


@dataclass(frozen=True)
class Scale:
    """A scale of ratings."""

    top: float
    """The best rating there is."""
    rounds: bool = False
    """Whether it has steps finer than half a star; those are rounded to halves, upwards."""
    zero: Literal["off the scale", "none", "worst"] = "off the scale"
    """What 0 means: nothing that can be, no rating given, or the worst film."""
    words: Mapping[str, float | None] = field(default_factory=dict)
    """Ratings that are words, in stars; None where a word says that none was given."""

    def stars(self, text: str) -> tuple[float | None, Fault]:
        """Return the stars of a rating, None where none was given or none can be read."""
        if not text or text in self.words:
            return self.words.get(text), ""
        value = cells.number(text)
        if value is None:
            return None, "broken"
        if value == 0 and self.zero != "off the scale":
            return (None if self.zero == "none" else STARS[0]), ""
        return self._on_scale(value * STARS[-1] / self.top)

    def _on_scale(self, stars: float) -> tuple[float | None, Fault]:
        if stars in STARS:
            return stars, ""
        if self.rounds and 0 < stars <= STARS[-1]:
            return max(cells.halves(stars), STARS[0]), "rounded"
        return None, "off the scale"


FIVE = Scale(5)
TEN = Scale(10)
