"""Logs: one line per event, with fields; tokens in addresses are masked (R45, R56)."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_TOKEN = re.compile(r"(/(?:[su]|hooks/websub)/)[A-Za-z0-9_-]{16,}")


def mask_tokens(text: str) -> str:
    """Return `text` with the tokens of survey, unsubscribe and callback addresses masked."""
    return _TOKEN.sub(r"\1***", text)


def _mask(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: mask_tokens(value) if isinstance(value, str) else value for key, value in event.items()}


def _text() -> structlog.dev.ConsoleRenderer:
    # Plain tracebacks: richer ones print local variables, which hold tokens and what customers wrote.
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def configure(level: str, form: str) -> None:
    """Send our events to standard error, as text or as JSON lines."""
    renderer: Any = structlog.processors.JSONRenderer() if form == "json" else _text()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
