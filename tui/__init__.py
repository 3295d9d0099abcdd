"""The terminal app: screens and widgets over `data` and `engine`."""
