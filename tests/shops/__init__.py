"""Tests of shops, their settings and the set-up commands."""
