"""Every table, imported once: migrations and tests need the whole schema, rooms need only their own."""

from feedback_service import ticks
from feedback_service.alerts import models as alerts
from feedback_service.db import Base
from feedback_service.digest import models as digest
from feedback_service.learning import models as learning
from feedback_service.mail import models as mail
from feedback_service.mentions import models as mentions
from feedback_service.returns import models as returns
from feedback_service.shops import models as shops
from feedback_service.sources import models as sources
from feedback_service.sources.push import subscriptions
from feedback_service.surveys import models as surveys
from feedback_service.surveys import replies

__all__ = [
    "alerts",
    "digest",
    "learning",
    "mail",
    "mentions",
    "metadata",
    "replies",
    "returns",
    "shops",
    "sources",
    "subscriptions",
    "surveys",
    "ticks",
]

metadata = Base.metadata
