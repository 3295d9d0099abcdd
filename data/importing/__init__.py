"""Taking in a person's own ratings from the exports of other sites: read, match, plan."""

from data.importing.entry import Entry
from data.importing.found import Untold
from data.importing.read import Export, read, reading
from data.importing.sites import listed as listed_sites
from data.importing.sites import names as site_names

__all__ = ["Entry", "Export", "Untold", "listed_sites", "read", "reading", "site_names"]
