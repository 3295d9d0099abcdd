"""The MovieLens releases: which there are, and how they are downloaded."""
