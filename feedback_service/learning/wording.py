"""How the learning of a shop stands, in words of any language; the page and the command say the same."""

from collections.abc import Callable
from datetime import datetime, tzinfo

from feedback_service import formats, i18n
from feedback_service.learning.models import ShopModel, State
from feedback_service.sentiment.learning import FEWEST, FEWEST_OF_A_KIND

_PAIRS = 100
_LOSS_DIGITS = 3
Rows = tuple[tuple[str, ...], ...]


def answer(model: ShopModel, language: str) -> str:
    """Return in a sentence or two whether mentions are judged with what the shop's texts taught, and why."""
    _ = i18n.translations(language).gettext
    return {
        State.USED: _("Yes. With them the service judged better on texts it had not seen, so it uses them."),
        State.OFF: _("No: it is switched off. Mentions are judged as for every shop."),
        State.NEW: _("Not yet: the shop has not learned so far. Mentions are judged as for every shop."),
        State.TOO_FEW: _("Not yet: there are too few texts. Mentions are judged as for every shop."),
        State.ERASED: _(
            "Not now: texts that it had learned from were erased. It learns again without them; until then mentions "
            "are judged as for every shop."
        ),
        State.NOT_BETTER: _(
            "No. With them the service judged no better on texts it had not seen: mentions are judged as for every "
            "shop."
        ),
    }[model.state]


def facts(model: ShopModel, language: str, tz: tzinfo, now: datetime) -> Rows:
    """Return rows of a label and what it says: how many texts there were and are needed, and when it learns."""
    _ = i18n.translations(language).gettext

    def needed(count: int, least: int) -> str:
        values = {"count": formats.number(count, language), "least": formats.number(least, language)}
        return _("%(count)s (at least %(least)s are needed)") % values

    return (
        (_("Texts learned from"), needed(model.lessons, FEWEST)),
        (_("Complaints among them"), needed(model.negatives, FEWEST_OF_A_KIND)),
        (_("Other texts among them"), needed(model.lessons - model.negatives, FEWEST_OF_A_KIND)),
        (_("Learned on"), formats.moment(model.learned_at, language, tz) if model.learned_at else _("not yet")),
        (_("Learns again"), _next(model, language, tz, now, _)),
    )


def figures(model: ShopModel, language: str) -> Rows:
    """Return the head and two rows: how texts held back are judged as for every shop, and how the shop's texts help.

    Empty where nothing was learned. The area under the curve is the share of pairs in the right order.
    """
    _ = i18n.translations(language).gettext
    if model.base_auc is None or model.auc is None or model.base_loss is None or model.loss is None:
        return ()
    pairs = [formats.number(area * _PAIRS, language, 1) for area in (model.base_auc, model.auc)]
    losses = [formats.number(loss, language, _LOSS_DIGITS) for loss in (model.base_loss, model.loss)]
    return (
        (_("Measured"), _("As for every shop"), _("With your own texts")),
        (_("Of 100 pairs of a complaint and another text, so many are put in the right order"), *pairs),
        (_("Logarithmic loss: how far the percentages are off (less is better)"), *losses),
    )


def _next(model: ShopModel, language: str, tz: tzinfo, now: datetime, say: Callable[[str], str]) -> str:
    if not model.learns:
        return say("not while it is switched off")
    if model.due_at is None or model.due_at <= now:
        return say("at the next run, within the hour")
    return formats.moment(model.due_at, language, tz)
