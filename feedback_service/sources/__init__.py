"""Sources: where mentions may appear, and the one polite client that reads them."""
