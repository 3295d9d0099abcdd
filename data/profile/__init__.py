"""The person's own ratings, marks and settings, kept in SQLite."""

from data.profile.store import MARKS, STARS, Dated, Opinion, Profile, ProfileError, Undone

__all__ = ["MARKS", "STARS", "Dated", "Opinion", "Profile", "ProfileError", "Undone"]
