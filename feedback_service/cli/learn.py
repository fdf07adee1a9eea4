"""`feedback-service learn`: let a shop learn from its own rated texts, and say what came of it."""

import json
from datetime import datetime
from typing import Any

import click

from feedback_service.bootstrap import Services
from feedback_service.cli.start import chosen_shop, shop_option, started
from feedback_service.errors import InvalidInputError
from feedback_service.formats import zone
from feedback_service.learning import desk, wording
from feedback_service.learning.models import ShopModel
from feedback_service.sentiment.learning import FEWEST, FEWEST_OF_A_KIND
from feedback_service.shops.models import Shop


@click.command("learn")
@shop_option
@click.option(
    "--on/--off", "is_on", default=None, help="Use what was learned where it judges better, or never; no learning now."
)
@click.option("--delete", is_flag=True, help="Delete what was learned and switch off; the texts are not touched.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with stable keys (docs/learning.md).")
def learn_command(slug: str | None, *, is_on: bool | None, delete: bool, as_json: bool) -> None:
    """Learn from the rated texts of a shop now, and print whether it judges better with them."""
    if delete and is_on is not None:
        sentence = "--delete also switches off: give it alone."
        raise InvalidInputError(sentence, field="delete")
    with started() as services:
        shop, now = chosen_shop(services, slug), services.clock.now()
        model = _changed(services, shop, now, is_on=is_on, delete=delete)
        if as_json:
            click.echo(json.dumps(_as_object(shop, model), ensure_ascii=False, indent=2))
        else:
            click.echo(_readable(shop, model, now))


def _changed(services: Services, shop: Shop, now: datetime, *, is_on: bool | None, delete: bool) -> ShopModel:
    if is_on is None and not delete:
        return services.learning_desk.learn_now(shop, now)
    with services.database.writing() as session:
        if delete:
            desk.forget(session, shop.id, now)
        else:
            desk.switch(session, shop.id, is_on=bool(is_on), now=now)
    with services.database.reading() as session:
        return desk.model_of(session, shop.id)


def _readable(shop: Shop, model: ShopModel, now: datetime) -> str:
    facts = wording.facts(model, "en", zone(shop.time_zone), now)
    lines = [shop.name, "", "Do we judge better with our own words?", f"  {wording.answer(model, 'en')}", ""]
    lines += [f"  {label}: {value}" for label, value in facts]
    head, *rows = wording.figures(model, "en") or ((),)
    for what, *values in rows:
        lines += ["", f"  {what}:"]
        lines += [f"    {name}: {value}" for name, value in zip(head[1:], values, strict=True)]
    return "\n".join(lines)


def _as_object(shop: Shop, model: ShopModel) -> dict[str, Any]:
    return {
        "shop": shop.slug,
        "state": model.state.value,
        "is_used": model.is_used,
        "is_on": model.is_on,
        "lessons": model.lessons,
        "negatives": model.negatives,
        "lessons_needed": FEWEST,
        "of_each_kind_needed": FEWEST_OF_A_KIND,
        "learned_at": model.learned_at.isoformat() if model.learned_at else None,
        "learns_again_at": model.due_at.isoformat() if model.due_at and model.learns else None,
        "base_auc": model.base_auc,
        "auc": model.auc,
        "base_loss": model.base_loss,
        "loss": model.loss,
    }
