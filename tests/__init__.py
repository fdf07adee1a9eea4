"""Tests of feedback_service; named as behaviour, on real parts, on SQLite and PostgreSQL."""
