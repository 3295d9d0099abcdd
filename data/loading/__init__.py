"""Reading a dataset: a folder, a zip or one ratings file of any known format."""
