"""The terminal: what it can do, its colours, its signals, its keys."""
