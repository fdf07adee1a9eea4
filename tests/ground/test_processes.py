"""A process that dies is started again: at once at first, then after growing pauses."""

import pytest

from feedback_service.processes import Child, ChildFailedError, pause_before_restart
from tests.support.commands import eventually


@pytest.mark.parametrize(("deaths", "seconds"), [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2), (7, 16), (8, 30), (500, 30)])
def test_the_pause_grows_with_deaths_in_a_row(deaths: int, seconds: float) -> None:
    assert pause_before_restart(deaths) == seconds


def test_a_process_that_cannot_start_is_not_tried_again() -> None:
    child = Child(["jobs"], {"FEEDBACK_NOT_A_SETTING": "1"})
    child.start()

    def has_failed() -> bool:
        try:
            child.look_after()
        except ChildFailedError:
            return True
        return False

    eventually(has_failed)
    assert child.restarts == 0
    child.end(1)
