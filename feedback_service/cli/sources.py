"""The group `source`: each of its commands lives in a module of its own, loaded when it is called."""

import click

from feedback_service.cli.lazy import LazyGroup

_HERE = "feedback_service.cli"


@click.group(
    "source",
    cls=LazyGroup,
    places={
        "add": (f"{_HERE}.source_add", "add"),
        "check": (f"{_HERE}.source_check", "check"),
        "list": (f"{_HERE}.source_list", "list_command"),
        "pause": (f"{_HERE}.source_list", "pause"),
        "read": (f"{_HERE}.source_read", "read"),
        "remove": (f"{_HERE}.source_list", "remove"),
        "reread": (f"{_HERE}.source_list", "reread"),
        "resume": (f"{_HERE}.source_list", "resume"),
    },
)
def source_command() -> None:
    """Add, list and check the places where mentions may appear."""
