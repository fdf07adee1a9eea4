"""Review pages in every syntax, over several pages, and hostile ones."""
