"""Tests of stories and alerts."""
