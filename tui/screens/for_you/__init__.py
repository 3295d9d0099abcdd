"""The For you screen: what to watch, how sure that is, and why."""
