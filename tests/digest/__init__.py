"""Tests of the weekly digest: weeks, priorities, contents and delivery."""
