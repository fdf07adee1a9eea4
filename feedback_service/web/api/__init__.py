"""The HTTP API at /api/v1: orders, returns and their events come in from a shop's platform (docs/api.md)."""

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel
from sqlalchemy.orm import Session

from feedback_service.bootstrap import Services
from feedback_service.errors import NotFoundError
from feedback_service.returns.intake import find_return
from feedback_service.returns.models import Origin, Return
from feedback_service.returns.payloads import Outcome
from feedback_service.shops.api_keys import touch_key
from feedback_service.shops.models import Shop
from feedback_service.web.api import gate
from feedback_service.web.api.consents import add_consents
from feedback_service.web.api.mentions import add_mentions
from feedback_service.web.api.payloads import (
    EventBody,
    OrderAnswer,
    OrderBody,
    ProblemAnswer,
    ReturnAnswer,
    ReturnBody,
    ReturnPath,
)


def _problem_response(status: HTTPStatus) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": ProblemAnswer.model_json_schema()}}
    return {"description": status.phrase, "content": content}


_PROBLEMS: dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None] = {
    str(status.value): _problem_response(status)
    for status in (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    )
}


def blueprint(services: Services) -> APIBlueprint:
    """Make the API's blueprint for an installation."""
    api = APIBlueprint(
        "api",
        __name__,
        url_prefix="/api/v1",
        abp_tags=[Tag(name="intake", description="Orders, returns and mentions come in.")],
        abp_security=[{"api_key": []}],
        abp_responses=_PROBLEMS,
    )
    api.before_request(lambda: gate.check(services))
    _add_orders(api, services)
    _add_returns(api, services)
    _add_events(api, services)
    add_consents(api, services)
    add_mentions(api, services)
    return api


def _add_orders(api: APIBlueprint, services: Services) -> None:
    @api.post("/orders", summary="Record an order", responses={"200": OrderAnswer, "201": OrderAnswer})
    def record_order(body: OrderBody) -> Response:
        """Record an order. 201 when it is new, 200 when it was known; the same payload twice changes nothing."""
        now, key = services.clock.now(), gate.current_key()
        with services.database.writing() as session:
            outcome = services.intake.record_order(session, key.shop, body.value(), now)
            touch_key(session, key.id, now)
        return _answer(OrderAnswer(external_id=body.external_id, outcome=outcome.value), outcome)


def _add_returns(api: APIBlueprint, services: Services) -> None:
    @api.post("/returns", summary="Record a return", responses={"200": ReturnAnswer, "201": ReturnAnswer})
    def record_return(body: ReturnBody) -> Response:
        """Record a return with its events. A contradiction is kept, and told as `flag`."""
        now, key = services.clock.now(), gate.current_key()
        with services.database.writing() as session:
            value = body.value(now)
            outcome = services.intake.record_return(session, key.shop, value, now, Origin.PLATFORM)
            answer = _return_answer(_known_return(session, key.shop, body.external_id), outcome)
            touch_key(session, key.id, now)
        return _answer(answer, outcome)


def _add_events(api: APIBlueprint, services: Services) -> None:
    @api.post(
        "/returns/<path:external_id>/events",
        summary="Record an event of a return",
        responses={
            "200": ReturnAnswer,
            "201": ReturnAnswer,
            "404": _problem_response(HTTPStatus.NOT_FOUND),
            "409": _problem_response(HTTPStatus.CONFLICT),
        },
    )
    def record_event(path: ReturnPath, body: EventBody) -> Response:
        """Record what happened to a return. A repetition changes nothing, in whatever order events come."""
        now, key = services.clock.now(), gate.current_key()
        with services.database.writing() as session:
            returned = _known_return(session, key.shop, path.external_id)
            event = body.value()
            outcome = services.intake.record_event(
                session, returned, event.kind, event.happened_at, event.key, body.who, now
            )
            answer = _return_answer(returned, outcome)
            touch_key(session, key.id, now)
        return _answer(answer, outcome)


def _known_return(session: Session, shop: Shop, external_id: str) -> Return:
    returned = find_return(session, shop, external_id)
    if returned is None:
        sentence = "There is no return of that id; send it to /api/v1/returns first."
        raise NotFoundError(sentence)
    return returned


def _return_answer(returned: Return, outcome: Outcome) -> ReturnAnswer:
    return ReturnAnswer(
        external_id=returned.external_id,
        outcome=outcome.value,
        state=returned.state.value,
        flag=returned.flag,
        order_known=returned.order_id is not None,
    )


def _answer(answer: OrderAnswer | ReturnAnswer, outcome: Outcome) -> Response:
    response = jsonify(answer.model_dump())
    response.status_code = HTTPStatus.CREATED if outcome in {Outcome.CREATED, Outcome.FLAGGED} else HTTPStatus.OK
    return response
