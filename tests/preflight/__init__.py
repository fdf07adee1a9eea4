"""Tests of the preflight: what the DNS says of a sender."""
