"""Surveys: who is asked when, the page, the answer."""
