"""A learning desk on each database, and the environment of commands."""

import pytest

from feedback_service.db import Database
from feedback_service.learning.desk import LearningDesk
from tests.support.environment import installation

__all__ = ["installation"]


@pytest.fixture
def desk(database: Database) -> LearningDesk:
    """A learning desk."""
    return LearningDesk(database)
