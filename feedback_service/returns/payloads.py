"""What comes in from a shop's platform, by whatever way: one set of types for CSV, API and connectors.

The makers of these values (`connectors.csv_*`, `web.api`) have checked them: texts are not blank where a
row needs them and hold no NUL, instants are aware, quantities are positive, amounts are not negative.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from feedback_service.returns.consents import ConsentIn
from feedback_service.returns.models import ReturnState

MAX_TEXT = 300  # Longest id, name or code taken in, in characters.
MAX_QUANTITY = 1_000_000
MAX_AMOUNT = Decimal(1_000_000_000)
MAX_LINES = 5_000  # Most lines of one order or return.


class Outcome(StrEnum):
    """What recording did. `FLAGGED` only for an event: kept, but it contradicts the others."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class CustomerIn:
    """Who bought. Known again by the address, else by the shop's own customer number."""

    external_id: str | None = None
    email: str | None = None
    name: str | None = None
    language: str | None = None
    country: str | None = None
    # Not in the representation, by which a repetition is known: rows of before there were consents stay unchanged.
    consent: ConsentIn | None = field(default=None, repr=False)

    @property
    def is_known(self) -> bool:
        """Tell whether there is anything to know the person by."""
        return bool(self.external_id or self.email)


@dataclass(frozen=True, slots=True)
class OrderLineIn:
    """One line of an order: units sold and the price of one, in the order's currency."""

    sku: str
    quantity: int
    unit_price: Decimal
    product: str = ""


@dataclass(frozen=True, slots=True)
class OrderIn:
    """One order. `number` is what the customer knows it by; empty for the external id.

    `delivered_at` is when its last parcel reached the customer, where the platform says so.
    """

    external_id: str
    ordered_at: datetime
    lines: tuple[OrderLineIn, ...]
    number: str = ""
    currency: str = ""
    language: str | None = None
    customer: CustomerIn | None = None
    # Not in the representation, by which a repetition is known: orders that came without it stay unchanged.
    delivered_at: datetime | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ReturnLineIn:
    """One line of a return. `unit_price` None: the price the order has for that sku, else 0."""

    sku: str
    quantity: int
    unit_price: Decimal | None = None
    product: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReturnEventIn:
    """Something that happened to a return. `key` empty: kind and instant tell a repetition."""

    kind: ReturnState
    happened_at: datetime
    key: str = ""

    @property
    def event_key(self) -> str:
        """The key by which a repetition is known."""
        return self.key or f"{self.kind.value}@{self.happened_at.timestamp():.3f}"


@dataclass(frozen=True, slots=True)
class ReturnIn:
    """One return. `order_reference` is the order's external id or number; empty where none is named."""

    external_id: str
    requested_at: datetime
    lines: tuple[ReturnLineIn, ...]
    order_reference: str = ""
    currency: str = ""
    language: str | None = None
    customer: CustomerIn | None = None
    reason: str = ""
    refund_amount: Decimal | None = None
    events: tuple[ReturnEventIn, ...] = ()
