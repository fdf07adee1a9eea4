"""Copies with some words changed: the texts that nearly say what another mention of the shop says (syndication).

Two texts that are near, but of another label or other stars, are no copies: one word may turn the sense.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service.batches import batched
from feedback_service.db import any_asked, insert_rows, rows_of, table_of
from feedback_service.mentions.models import Mention, MentionBand
from feedback_service.mentions.near import bands, bands_to_ask, is_near
from feedback_service.scanning.stages import ASKED_AT_ONCE, Judged
from feedback_service.sentiment.judgement import Label

_MENTION, _BAND = table_of(Mention).c, table_of(MentionBand).c
_OF_SHOP = _MENTION.shop_id == sa.bindparam("shop_id")
_IDS = sa.select(_MENTION.id, _MENTION.text_digest).where(_OF_SHOP, any_asked(_MENTION.text_digest))
_HOLDERS = sa.select(_BAND.band, _BAND.mention_id).where(
    _BAND.shop_id == sa.bindparam("shop_id"), any_asked(_BAND.band)
)
_STORED = sa.select(_MENTION.id, _MENTION.text, _MENTION.label, _MENTION.rating).where(any_asked(_MENTION.id))
# The more bands two texts share, the more alike they are: who is no copy of the first two is none of the others.
_LOOKED_AT = 2


@dataclass(frozen=True, slots=True)
class _Stored:
    id: int
    text: str
    label: Label
    rating: float | None


@dataclass(frozen=True, slots=True)
class NearCopies:
    """By the digest of a text: the stored mention it is a copy of, or the digest of the new text it is one of."""

    of_stored: dict[str, Mention] = field(default_factory=dict)
    of_new: dict[str, str] = field(default_factory=dict)

    def original_of(self, judged: Iterable[Judged]) -> list[str]:
        """Return the digest of each text, a copy's by that of what it is a copy of."""
        return [self.of_new.get(each.text_digest, each.text_digest) for each in judged]


def near_copies(session: Session, shop_id: int, new: Sequence[Judged]) -> NearCopies:
    """Return which of the new texts are nearly the same as a stored one, or as a new one before them."""
    asked = {each.text_digest: bands_to_ask(each.text) for each in new}
    holders = _holders(session, shop_id, {band for some in asked.values() for band in some})
    likely = {digest: _likeliest(some, holders) for digest, some in asked.items()}
    stored = _stored(session, {number for some in likely.values() for number in some})
    found, here = NearCopies(), dict[int, list[Judged]]()
    for each in new:
        original = _stored_like(session, each, [stored[number] for number in likely[each.text_digest]])
        before = None if original else _new_like(each, asked[each.text_digest], here)
        if original:
            found.of_stored[each.text_digest] = original
        elif before:
            found.of_new[each.text_digest] = before.text_digest
        else:
            for band in bands(each.text):
                here.setdefault(band, []).append(each)
    return found


def remember_bands(session: Session, shop_id: int, new: Sequence[Judged]) -> None:
    """Store the bands of new mentions, which stand in the database already."""
    texts = {each.text_digest: each.text for each in new}
    ids = rows_of(session, _IDS, texts.keys(), shop_id=shop_id)
    _insert_bands(session, shop_id, [(number, texts[digest]) for number, digest in ids])


def renew_bands(session: Session, shop_id: int, changed: Iterable[Mention]) -> None:
    """Store the bands of mentions whose text was edited, in place of those of the text before."""
    mentions = {mention.id: mention for mention in changed}
    for some in batched(mentions, ASKED_AT_ONCE):
        session.execute(sa.delete(MentionBand).where(MentionBand.mention_id.in_(some)))
    complaints = [(mention.id, mention.text) for mention in mentions.values() if mention.label is Label.NEGATIVE]
    _insert_bands(session, shop_id, complaints)


def _insert_bands(session: Session, shop_id: int, texts: Iterable[tuple[int, str]]) -> None:
    rows = [{"shop_id": shop_id, "band": band, "mention_id": number} for number, text in texts for band in bands(text)]
    insert_rows(session, MentionBand, rows)


def _holders(session: Session, shop_id: int, asked: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for band, number in rows_of(session, _HOLDERS, asked, shop_id=shop_id):
        found.setdefault(band, []).append(number)
    return found


def _likeliest(asked: Sequence[int], holders: Mapping[int, Sequence[int]]) -> list[int]:
    shared = Counter(number for band in asked for number in holders.get(band, ()))
    return [number for number, _ in shared.most_common(_LOOKED_AT)]


def _stored(session: Session, ids: set[int]) -> dict[int, _Stored]:
    return {row.id: _Stored(*row) for row in rows_of(session, _STORED, ids)}


def _stored_like(session: Session, judged: Judged, likely: Iterable[_Stored]) -> Mention | None:
    for each in likely:
        if _says_the_same(judged, each.label, each.rating) and is_near(judged.text, each.text):
            return session.get_one(Mention, each.id)
    return None


def _new_like(judged: Judged, asked: Sequence[int], here: Mapping[int, Sequence[Judged]]) -> Judged | None:
    shared = Counter(each.text_digest for band in asked for each in here.get(band, ()))
    likely = {each.text_digest: each for band in asked for each in here.get(band, ())}
    for digest, _ in shared.most_common(_LOOKED_AT):
        each = likely[digest]
        if _says_the_same(judged, each.judgement.label, each.fresh.item.rating) and is_near(judged.text, each.text):
            return each
    return None


def _says_the_same(judged: Judged, label: object, rating: float | None) -> bool:
    return judged.judgement.label is label and judged.fresh.item.rating == rating
