"""Fixtures of this room's tests."""

from tests.support.environment import installation

__all__ = ["installation"]
