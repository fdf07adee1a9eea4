"""Tests of the managers' pages."""
