"""The pipeline, from a due source to a story."""
