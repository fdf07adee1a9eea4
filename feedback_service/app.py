"""The web application: `create_app(services)`. It starts no job and opens no scheduler."""

from flask import Flask

from feedback_service.bootstrap import Services


def load() -> None:
    """Load all that `create_app` will need: what a process has loaded before it is copied, both hold once."""
    from feedback_service.web import load_parts

    load_parts()


def create_app(services: Services) -> Flask:
    """Make the Flask application of an installation."""
    from feedback_service.web import create_web

    return create_web(services)
