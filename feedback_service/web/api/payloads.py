"""Payloads of the API: what a platform may send, and what it is told. Unknown keys are errors."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from feedback_service.returns import payloads, values
from feedback_service.returns.consents import ConsentIn, How
from feedback_service.returns.models import Origin, ReturnState
from feedback_service.returns.payloads import MAX_AMOUNT, MAX_LINES, MAX_QUANTITY, MAX_TEXT


def _not_blank(value: str) -> str:
    return values.text_of(value, required=True)


def _in_our_time(value: datetime) -> datetime:
    if value.year not in values.OUR_TIME:
        msg = f"must lie between {values.OUR_TIME[0]} and {values.OUR_TIME[-1]}"
        raise ValueError(msg)
    return value


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(values.text_of)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_not_blank)]
Address = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(values.address)]
Language = Annotated[str, Field(max_length=35), AfterValidator(values.language)]
Currency = Annotated[str, Field(max_length=3), AfterValidator(values.currency)]
Amount = Annotated[Decimal, Field(ge=0, le=MAX_AMOUNT, max_digits=20)]
Units = Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
Instant = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Step = Literal["approved", "in_transit", "received", "refunded", "replaced", "rejected", "requested"]


class _Payload(BaseModel):
    # Platforms number their orders: 450789469 and "450789469" are the same id.
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class ConsentBody(_Payload):
    """A consent to survey mail: when it was given and what proves it, or when it was withdrawn."""

    given_at: Instant | None = Field(None, description="When the customer agreed; needs `proof`.")
    proof: Text = Field("", description="The wording agreed to and where it stood, or a reference to both.")
    withdrawn_at: Instant | None = Field(None, description="When the customer took the consent back.")

    @model_validator(mode="after")
    def _says_something(self) -> "ConsentBody":
        if self.given_at is None and self.withdrawn_at is None:
            msg = "needs given_at or withdrawn_at"
            raise ValueError(msg)
        if self.given_at is not None and not self.proof:
            msg = "a consent needs its proof"
            raise ValueError(msg)
        return self

    def value(self) -> ConsentIn:
        """Return what the intake takes."""
        return ConsentIn(How.API, self.given_at, self.withdrawn_at, self.proof)


class OwnConsentBody(ConsentBody):
    """The consent of one address."""

    email: Address


class CustomerBody(_Payload):
    """Who bought; known again by the address, else by the shop's own customer number."""

    external_id: Text | None = Field(None, description="The shop's own customer number.")
    email: Address | None = Field(None, description="Where notices and the survey go.")
    name: Text | None = None
    language: Language | None = Field(None, description="Such as fr or fr-CA.")
    country: Text | None = None
    survey_consent: ConsentBody | None = Field(
        None, description="A stored consent to survey mail, or its withdrawal; needed where the law wants one."
    )

    def value(self) -> payloads.CustomerIn:
        """Return what the intake takes."""
        consent = self.survey_consent.value() if self.survey_consent else None
        return payloads.CustomerIn(**self.model_dump(exclude={"survey_consent"}), consent=consent)


class OrderLineBody(_Payload):
    """One line of an order."""

    sku: Name
    quantity: Units
    unit_price: Amount = Field(description="Price of one unit in the order's currency, as number or text.")
    product: Text = ""


class OrderBody(_Payload):
    """One order; the same external id again updates it."""

    external_id: Name = Field(description="The shop's own id of the order.")
    number: Text = Field("", description="As the customer knows it; left out: the external id.")
    ordered_at: Instant = Field(description="ISO 8601 with an offset.")
    delivered_at: Instant | None = Field(None, description="When its last parcel reached the customer, if known.")
    currency: Currency = Field("", description="ISO 4217; left out: the shop's.")
    language: Language | None = Field(None, description="Language of the order; mails follow it.")
    customer: CustomerBody | None = None
    lines: list[OrderLineBody] = Field(max_length=MAX_LINES)

    def value(self) -> payloads.OrderIn:
        """Return what the intake takes."""
        return payloads.OrderIn(
            external_id=self.external_id,
            ordered_at=self.ordered_at,
            lines=tuple(payloads.OrderLineIn(**line.model_dump()) for line in self.lines),
            number=self.number,
            currency=self.currency,
            language=self.language,
            customer=self.customer.value() if self.customer else None,
            delivered_at=self.delivered_at,
        )


class ReturnLineBody(_Payload):
    """One line of a return."""

    sku: Name
    quantity: Units
    unit_price: Amount | None = Field(None, description="Left out: the price the order has for that sku.")
    product: Text = ""
    reason: Text = Field("", description="Stated reason of this line, as the platform codes it.")


class EventBody(_Payload):
    """Something that happened to a return."""

    kind: Step
    happened_at: Instant = Field(description="ISO 8601 with an offset.")
    event_id: Text = Field("", description="The platform's id of the event; left out: kind and instant.")
    origin: Literal["platform", "staff"] = Field(
        "platform", description="A contradiction is kept and flagged for a platform, refused (409) for staff."
    )

    def value(self) -> payloads.ReturnEventIn:
        """Return what the intake takes."""
        return payloads.ReturnEventIn(ReturnState(self.kind), self.happened_at, self.event_id)

    @property
    def who(self) -> Origin:
        """Who says so."""
        return Origin(self.origin)


class ReturnEventBody(_Payload):
    """One event inside the payload of a return."""

    kind: Step
    happened_at: Instant
    event_id: Text = ""


class ReturnBody(_Payload):
    """One return; the same external id again updates it. Its life comes as events, or as a state."""

    external_id: Name = Field(description="The shop's own id of the return (RMA, credit).")
    order: Text = Field("", description="External id or number of the order; an unknown one is linked when it comes.")
    requested_at: Instant
    currency: Currency = ""
    language: Language | None = None
    customer: CustomerBody | None = Field(None, description="Left out: the order's.")
    reason: Text = Field("", description="Stated reason, as the platform codes it; kept verbatim and mapped.")
    refund_amount: Amount | None = None
    lines: list[ReturnLineBody] = Field(default_factory=list, max_length=MAX_LINES)
    events: list[ReturnEventBody] = Field(default_factory=list, max_length=100)
    state: Step | None = Field(None, description="The present state, where the platform keeps no events.")
    state_at: Instant | None = Field(None, description="When it was reached; left out: now.")

    def value(self, now: datetime) -> payloads.ReturnIn:
        """Return what the intake takes; `now` stands in for a `state_at` that is left out."""
        events = [payloads.ReturnEventIn(ReturnState(e.kind), e.happened_at, e.event_id) for e in self.events]
        return payloads.ReturnIn(
            external_id=self.external_id,
            requested_at=self.requested_at,
            lines=tuple(payloads.ReturnLineIn(**line.model_dump()) for line in self.lines),
            order_reference=self.order,
            currency=self.currency,
            language=self.language,
            customer=self.customer.value() if self.customer else None,
            reason=self.reason,
            refund_amount=self.refund_amount,
            events=(*events, *self._state_event(now)),
        )

    def _state_event(self, now: datetime) -> tuple[payloads.ReturnEventIn, ...]:
        if self.state is None or self.state == "requested":
            return ()
        # The state is its own key: sent again without an instant it must not count as a new event.
        return (payloads.ReturnEventIn(ReturnState(self.state), self.state_at or now, key=f"state:{self.state}"),)


class ReturnPath(BaseModel):
    """The return an address names."""

    external_id: Name


class OrderAnswer(BaseModel):
    """What became of an order."""

    external_id: str
    outcome: Literal["created", "updated", "unchanged"]


class ReturnAnswer(BaseModel):
    """What became of a return or of its event, and where the return stands now."""

    external_id: str
    outcome: Literal["created", "updated", "unchanged", "flagged"]
    state: str
    flag: str = Field(description="A contradiction in words; empty for none.")
    order_known: bool


class ConsentAnswer(BaseModel):
    """Where a consent stands now."""

    standing: Literal["none", "given", "withdrawn"]


class ProblemAnswer(BaseModel):
    """A problem (RFC 9457), sent as application/problem+json."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[dict[str, str]] = Field(default_factory=list, description="Each with `field` and `message`.")
