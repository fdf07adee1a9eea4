"""Many customers at once against a real gunicorn: no answer is lost, none is there twice, nobody waits for long.

The full size is `python -m tests.bench.load_answers`; here the same is asked of fewer customers.
"""

import pytest

from feedback_service.bootstrap import Services
from tests.bench.load_answers import answer_all, lost_or_wrong

pytestmark = pytest.mark.slow

SURVEYS = 400
CLIENTS = 64


def test_answers_of_many_at_once_are_each_stored_once(services: Services) -> None:
    outcome = answer_all(services, SURVEYS, CLIENTS)
    assert set(outcome.load.statuses) == {303}
    assert lost_or_wrong(services, outcome.sent) == []
