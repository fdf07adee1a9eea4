"""The readers of feeds, against feedparser and against feeds of every platform."""
