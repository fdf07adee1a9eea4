"""Mentions: what is said about a shop, once each."""
