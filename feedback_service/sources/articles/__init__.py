"""Pages without markup: an article and the comments below it."""
