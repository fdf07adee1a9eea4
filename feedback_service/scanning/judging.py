"""What a shop makes of the items of a source: which are about it, and how each sounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback_service.mentions import identity
from feedback_service.mentions.matching import Match, Watch
from feedback_service.mentions.order_link import order_numbers
from feedback_service.mentions.relevance import Identity, Lore, Standing, context_watch
from feedback_service.mentions.verdicts import decided_mentions
from feedback_service.scanning.ports import ScanServices, TextScorer
from feedback_service.scanning.stages import Fresh, Judged
from feedback_service.shops.models import Shop
from feedback_service.sources.models import Source


@dataclass(frozen=True)
class Judge:
    """The eye of one shop, as its settings and its staff's verdicts stood when it was made."""

    shop: Shop
    watch: Watch
    scorer: TextScorer
    us: Identity

    def judge(self, fresh: Sequence[Fresh], source: Source) -> tuple[Judged, ...]:
        """Return those of `fresh` that are about the shop, or may be, in the same order."""
        found = (self.look_at(new, source) for new in fresh)
        return tuple(judged for judged in found if judged)

    def look_at(self, new: Fresh, source: Source) -> Judged | None:
        """Return what the shop makes of one item; None where it is about somebody else."""
        text = identity.judged_text(new.item)
        match = self.watch.match(text, about_us=source.about_us)
        return self._scored(new, text, match, source) if match else None

    def _scored(self, new: Fresh, text: str, match: Match, source: Source) -> Judged | None:
        judgement = self.scorer.score(identity.own_words(new.item, text))
        relevance = self.us.relevance(text, match, judgement, url=new.item.url, about_us=source.about_us)
        if relevance.standing is Standing.NOT_US:
            return None
        return Judged(
            fresh=new,
            match=match,
            text=text,
            text_digest=identity.text_digest(text, new.identity),
            thread=identity.thread_key(new.item, source.url, new.identity),
            order_numbers=order_numbers(text, self.shop.order_number_pattern),
            judgement=judgement,
            relevance=relevance,
        )


class Judges:
    """Makes the judge of each shop once: what staff decide meanwhile counts from the next round on."""

    def __init__(self, services: ScanServices) -> None:
        self._services = services
        self._made: dict[int, Judge] = {}

    def of(self, shop: Shop) -> Judge:
        """Return the judge of `shop`."""
        if shop.id not in self._made:
            self._made[shop.id] = self._make(shop)
        return self._made[shop.id]

    def _make(self, shop: Shop) -> Judge:
        watch = Watch(shop.terms_any, shop.terms_all, shop.terms_none)
        with self._services.database.reading() as session:
            lore = Lore(decided_mentions(session, shop.id, watch))
        us = Identity(watch, context_watch(shop.terms_context), shop.website, lore)
        return Judge(shop, watch, self._services.scorers.scorer_for(shop), us)
