"""Tests of retention, export and erasure."""
