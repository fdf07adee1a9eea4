"""Articles with their comments."""
