"""An installation whose callback is served on the loopback, and a hub that calls it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from feedback_service.app import create_app
from feedback_service.bootstrap import Services
from feedback_service.clock import ManualClock
from feedback_service.db import Base, Database
from feedback_service.demo.serving import LocalServer, address, listen, port_of
from feedback_service.settings import Settings
from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source
from feedback_service.sources.push.subscriptions import WebSubSubscription
from jobs import renew_websub
from tests.support.builders import NOW, make_shop, make_staff
from tests.support.hub import Hub, running_hub
from tests.support.stories import make_source

TOPIC = "https://blog.example.com/feed"


@dataclass
class House:
    """A served installation, its hub, and a source that offers it."""

    services: Services
    clock: ManualClock
    hub: Hub
    shop: Shop
    source_id: int

    def renew(self, later: timedelta = timedelta()) -> int:
        """Let time pass and run the job."""
        self.clock.advance(later)
        return renew_websub.run(self.services)

    def subscription(self) -> WebSubSubscription:
        """Return the one subscription there is."""
        [row] = self.subscriptions()
        return row

    def subscriptions(self) -> list[WebSubSubscription]:
        """Return all of them, oldest first."""
        with self.services.database.reading() as session:
            return list(session.scalars(sa.select(WebSubSubscription).order_by(WebSubSubscription.id)))

    def source(self) -> Source:
        """Return the source as it stands."""
        with self.services.database.reading() as session:
            return session.get_one(Source, self.source_id)

    def change(self, **values: object) -> None:
        """Change the source."""
        with self.services.database.writing() as session:
            session.execute(sa.update(Source).where(Source.id == self.source_id).values(**values))

    def count(self, table: type[Base]) -> int:
        """Return how many rows a table has."""
        with self.services.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub that behaves."""
    with running_hub() as hub:
        yield hub


@pytest.fixture
def house(settings: Settings, clock: ManualClock, database: Database, hub: Hub) -> Iterator[House]:
    """An installation that is served, and one source with a hub, scanned before and due in an hour."""
    with listen() as listener, database.writing() as session:
        public = settings.model_copy(update={"public_url": address(port_of(listener)), "fetch_timeout": 3.0})
        services = Services(public, clock, database)
        shop = make_shop(session)
        make_staff(session, shop)
        source = make_source(
            session, shop, TOPIC, hub=hub.address, topic=TOPIC, baseline_at=NOW, due_at=NOW + timedelta(hours=1)
        )
        server = LocalServer(create_app(services), listener)
    server.start()
    yield House(services, clock, hub, shop, source.id)
    server.stop()
    if "fetcher" in services.__dict__:
        services.fetcher.close()
