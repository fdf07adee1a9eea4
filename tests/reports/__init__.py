"""Tests of the figures: statistics, queries, charts and the `stats` command."""
