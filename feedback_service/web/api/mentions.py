"""Mentions come in by the API: from a crawler, an automation tool, anything that is no source of its own."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from sqlalchemy.orm import Session

from feedback_service.bootstrap import Services
from feedback_service.scanning.intake import Outcome, take_in
from feedback_service.shops.api_keys import touch_key
from feedback_service.shops.models import ApiKey
from feedback_service.sources.registry import pushed_source
from feedback_service.web.api import gate
from feedback_service.web.api.mention_payloads import MentionBody, MentionResult, MentionsAnswer, MentionsBody

_KNOWN = Outcome(is_new=False, is_about_us=False)


def add_mentions(api: APIBlueprint, services: Services) -> None:
    """Add the endpoint to the API."""

    @api.post("/mentions", summary="Hand in mentions", responses={"200": MentionsAnswer, "201": MentionsAnswer})
    def record_mentions(body: MentionsBody) -> Response:
        """Hand in up to 100 mentions. 201 when one of them is new, 200 when all were known; again changes nothing.

        What names the shop by its terms is judged as if it had been read from a source, and may alert.
        """
        now, key = services.clock.now(), gate.current_key()
        with services.database.writing() as session:
            sources = _sources(session, key, body.mentions, now)
            touch_key(session, key.id, now)
        outcomes: dict[int, Outcome] = {}
        for name, source_id in sources.items():
            chosen = {n: mention for n, mention in enumerate(body.mentions) if mention.source == name}
            outcomes |= _taken(services, source_id, chosen, tells=body.alerts)
        return _answer([outcomes.get(number, _KNOWN) for number in range(len(body.mentions))])


def _sources(session: Session, key: ApiKey, mentions: Sequence[MentionBody], now: datetime) -> dict[str, int]:
    names = dict.fromkeys(mention.source for mention in mentions)
    return {name: pushed_source(session, key.shop, name, now, about_us=False).id for name in names}


def _taken(services: Services, source_id: int, mentions: dict[int, MentionBody], *, tells: bool) -> dict[int, Outcome]:
    """Take in the mentions of one source; of those with the same id in one call the first counts."""
    first: dict[str, int] = {}
    items = {number: mention.item() for number, mention in mentions.items()}
    for number, item in items.items():
        first.setdefault(item.guid, number)
    numbers = list(first.values())
    taken = take_in(services, source_id, [items[number] for number in numbers], tells=tells)
    return dict(zip(numbers, taken.outcomes, strict=True))


def _answer(outcomes: Sequence[Outcome]) -> Response:
    results = [
        MentionResult(outcome="new" if outcome.is_new else "known", about_us=outcome.is_about_us)
        for outcome in outcomes
    ]
    new = sum(outcome.is_new for outcome in outcomes)
    about_us = sum(outcome.is_about_us for outcome in outcomes)
    answer = MentionsAnswer(new=new, known=len(outcomes) - new, about_us=about_us, results=results)
    response = jsonify(answer.model_dump())
    response.status_code = HTTPStatus.CREATED if new else HTTPStatus.OK
    return response
