"""Surveys: who is asked when, what is kept of an answer, and how one objects."""
