"""For a WSGI server of one's own: `gunicorn 'feedback_service.wsgi:make()'`."""

from flask import Flask

from feedback_service import logs
from feedback_service.app import create_app
from feedback_service.bootstrap import build
from feedback_service.settings import load_settings


def make() -> Flask:
    """Make the application from the environment."""
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_format)
    return create_app(build(settings))
