"""The Data screen: what can be opened, and what is open."""
