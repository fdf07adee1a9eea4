"""Tests of the hooks that other services call."""
