"""The web application: `create_app(services)`. It starts no job and opens no scheduler."""

from flask import Flask

from feedback_service.bootstrap import Services


def create_app(services: Services) -> Flask:
    """Make the Flask application of an installation."""
    from feedback_service.web import create_web

    return create_web(services)
