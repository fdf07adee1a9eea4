"""Sentiment: how negative a text is, in which language, and which words say so."""
