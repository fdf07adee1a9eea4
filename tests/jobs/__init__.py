"""Tests of the jobs' engine and of the commands that run them."""
