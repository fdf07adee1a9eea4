"""Tests of what a shop learns from its own texts."""
