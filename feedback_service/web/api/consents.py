"""Consents to survey mail come in on their own too: from a form, an account page, a newsletter tool (R11)."""

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from feedback_service.bootstrap import Services
from feedback_service.hashing import address_key
from feedback_service.returns import consents
from feedback_service.shops.api_keys import touch_key
from feedback_service.web.api import gate
from feedback_service.web.api.payloads import ConsentAnswer, OwnConsentBody


def add_consents(api: APIBlueprint, services: Services) -> None:
    """Add the route of consents."""

    @api.post("/survey-consents", summary="Record or withdraw a consent to surveys", responses={"200": ConsentAnswer})
    def record_consent(body: OwnConsentBody) -> Response:
        """Record that a customer agreed to survey mail, with the proof, or took that back. Repeatable."""
        now, key = services.clock.now(), gate.current_key()
        with services.database.writing() as session:
            address = address_key(services.secret, body.email)
            standing = consents.record(session, key.shop_id, address, body.value(), now)
            touch_key(session, key.id, now)
        return jsonify(ConsentAnswer(standing=standing.value).model_dump())
