"""Sends urgent mail as soon as the bell rings, without waiting for the tick of `send_mail`, which stays the rule."""

import structlog

from feedback_service.bootstrap import Services
from feedback_service.errors import FeedbackError, OutsideError
from jobs import send_mail

_LOOK_SECONDS = 0.5
_PAUSE_SECONDS = 30.0

log = structlog.get_logger()


def serve(services: Services) -> None:
    """Send what is due at each ring, until `services.stopping` is set. Never raises: the tick makes up for all."""
    while not services.stopping.is_set():
        try:
            _listen(services)
        except OutsideError as error:
            log.warning("urgent mail waits for the tick", why=str(error))
            services.stopping.wait(_PAUSE_SECONDS)
        except Exception:
            log.exception("urgent mail waits for the tick")
            services.stopping.wait(_PAUSE_SECONDS)


def _listen(services: Services) -> None:
    with services.bell.listening() as listener:
        while not services.stopping.is_set():
            if listener.heard(_LOOK_SECONDS):
                send_now(services)


def send_now(services: Services) -> int:
    """Send what is urgent; return how many mails were sent. What fails is left to the next tick, which records it."""
    try:
        return send_mail.run_urgent(services)
    except FeedbackError as error:
        log.warning("urgent mail not sent", why=str(error))
    except Exception:
        log.exception("urgent mail not sent")
    return 0
