"""The person's own ratings, marks and settings, kept in SQLite."""

from data.profile.database import ProfileError
from data.profile.opinions import MARKS, STARS, Dated, Opinion, Undone
from data.profile.store import Profile

__all__ = ["MARKS", "STARS", "Dated", "Opinion", "Profile", "ProfileError", "Undone"]
